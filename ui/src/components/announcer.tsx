import type { ReactNode } from "react";
import { useObservable } from "../lib/observable.ts";
import type { Observable } from "../lib/observable.ts";

/** Tells screen readers what has just happened. */
export function Announcer({ announcement }: { announcement: Observable<string> }): ReactNode {
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {useObservable(announcement)}
    </div>
  );
}
