import type { ChatRequest } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import { hostedToolIssues, NO_PRICE, type UnpricedField, unpricedIssues } from "../refusals.ts";
import { partIssues } from "./messages.ts";

/** What this format charges for beside tokens, and other prices for them. */
const UNPRICED_FIELDS: readonly UnpricedField[] = [
  { field: "service_tier", isFree: (value) => value === "default", message: `${NO_PRICE}: leave it out` },
  { field: "serviceTier", message: NO_PRICE },
  { field: "performanceConfig", message: NO_PRICE },
  { field: "guardrailConfig", message: NO_PRICE },
  { field: "web_search_options", message: NO_PRICE },
  { field: "modalities", isFree: isTextOnly, message: `only "text" is possible: other output ${NO_PRICE}` },
  { field: "audio", message: `audio output ${NO_PRICE}` },
];

function isTextOnly(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => one === "text");
}

/** Why a request cannot be sent in this format. */
export function refuse(request: ChatRequest): readonly Issue[] {
  const issues = [...unpricedIssues(request, UNPRICED_FIELDS), ...hostedToolIssues(request)];
  if ((request.n ?? 1) > 1)
    issues.push({ field: "n", message: "must be 1: this provider gives one answer a call" });
  if (request.logprobs === true || request.top_logprobs !== undefined) {
    issues.push({ field: "logprobs", message: "is not possible with this provider" });
  }
  if (request.response_format?.type === "json_object") {
    issues.push({
      field: "response_format.type",
      message: 'must be "json_schema" or "text" with this provider',
    });
  }
  return [...issues, ...partIssues(request.messages)];
}
