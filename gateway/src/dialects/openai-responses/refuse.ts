import { type ChatRequest, ORIGINAL } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import { refuse as refuseChat } from "../openai-chat/refuse.ts";

/** What would change the answer and cannot be said in this format. */
const INEXPRESSIBLE: readonly {
  readonly field: string;
  readonly asksNothing: (value: unknown) => boolean;
}[] = [
  { field: "stop", asksNothing: (value) => Array.isArray(value) && value.length === 0 },
  { field: "n", asksNothing: (value) => value === 1 },
  {
    field: "logit_bias",
    asksNothing: (value) => typeof value === "object" && Object.keys(value ?? {}).length === 0,
  },
];

/** Why a request cannot be sent: each field that costs money without a price, or that has no place there. */
export function refuse(request: ChatRequest): readonly Issue[] {
  const original = request[ORIGINAL];
  // What came in this format goes on as it was written, the members that the middle form has no place for included.
  const sent = original?.dialect === "openai-responses" ? { ...original.body, ...request } : request;
  const issues = [...refuseChat(sent)];
  for (const { field, asksNothing } of INEXPRESSIBLE) {
    const value = request[field];
    if (value === undefined || value === null || asksNothing(value)) continue;
    issues.push({ field, message: "is not possible with the backend of this model: leave it out" });
  }
  return issues;
}
