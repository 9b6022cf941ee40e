import type { ReactNode } from "react";
import type { ApiKey } from "../../api/types.ts";

/** What is left of a key once it has been shown: its beginning and its end. */
export function KeyLabel({ apiKey }: { apiKey: Pick<ApiKey, "prefix" | "last4"> }): ReactNode {
  return (
    <code className="font-mono text-xs whitespace-nowrap">
      {apiKey.prefix}…{apiKey.last4}
    </code>
  );
}
