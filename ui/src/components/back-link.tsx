import type { ComponentProps, ReactNode } from "react";
import { Link } from "@tanstack/react-router";

/** The way back to the list that a page belongs to. */
export function BackLink({
  to,
  children,
}: {
  to: NonNullable<ComponentProps<typeof Link>["to"]>;
  children: string;
}): ReactNode {
  return (
    <Link to={to} className="mb-2 inline-block rounded text-sm font-medium text-accent hover:underline">
      ← {children}
    </Link>
  );
}
