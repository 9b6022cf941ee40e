import type { Operation } from "./operations.ts";

/** Headers of answers, by the names that the document gives them. */
export const HEADER_COMPONENTS = {
  RequestId: { description: "Names this call in logs and traces.", schema: { type: "string" } },
  RetryAfter: {
    description: "Whole seconds to wait, where waiting helps.",
    schema: { type: "integer", minimum: 1 },
  },
  Version: {
    description: "The version of what the answer tells: send it as `If-Match` with a change.",
    schema: { type: "string" },
  },
} as const;

function refer(name: keyof typeof HEADER_COMPONENTS): object {
  return { $ref: `#/components/headers/${name}` };
}

/** Headers of a refusal. */
export function refusalHeaders(canRetry: boolean): object {
  return {
    "X-Scaigrid-Request-Id": refer("RequestId"),
    ...(canRetry && { "Retry-After": refer("RetryAfter") }),
  };
}

/** Headers of a success. */
export function successHeaders({ hasVersion }: Pick<Operation, "hasVersion">): object {
  return { "X-Scaigrid-Request-Id": refer("RequestId"), ...(hasVersion && { ETag: refer("Version") }) };
}
