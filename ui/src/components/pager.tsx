import type { ReactNode } from "react";
import { Button } from "./button.tsx";

interface PagerProps {
  /** Whether this is not the first page. */
  readonly isFurther: boolean;
  readonly nextCursor: string | undefined;
  readonly onGo: (cursor: string | undefined) => void;
}

/** Leads through a list that the gateway cuts into pages. Nothing where all is on one page. */
export function Pager({ isFurther, nextCursor, onGo }: PagerProps): ReactNode {
  if (!isFurther && nextCursor === undefined) return null;
  return (
    <nav aria-label="Pages" className="mt-4 flex justify-end gap-2">
      {isFurther && <Button onClick={() => onGo(undefined)}>Newest</Button>}
      {nextCursor !== undefined && <Button onClick={() => onGo(nextCursor)}>Older</Button>}
    </nav>
  );
}
