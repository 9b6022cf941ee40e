import type { ReactNode } from "react";
import { useApp } from "../app-context.ts";
import { useObservable } from "../lib/observable.ts";

/** Says that the gateway is away, and that it is back. */
export function ConnectionBanner(): ReactNode {
  const state = useObservable(useApp().connection.state);
  return (
    <div role="status" className="sticky top-0 z-20">
      {state === "lost" && (
        <p className="border-b border-warn bg-warn-soft px-4 py-2 text-center text-sm font-medium">
          The gateway does not answer. It may be restarting: this page tries again by itself.
        </p>
      )}
      {state === "restored" && (
        <p className="border-b border-good bg-good-soft px-4 py-2 text-center text-sm font-medium">
          The gateway answers again.
        </p>
      )}
    </div>
  );
}
