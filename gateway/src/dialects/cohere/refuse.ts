import type { ChatRequest } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import { hostedToolIssues, NO_PRICE, type UnpricedField, unpricedIssues } from "../refusals.ts";

const IMPOSSIBLE = "is not possible with this model";

/** What is charged for beside tokens, and what would change the answer and cannot be said. */
const REFUSED_FIELDS: readonly UnpricedField[] = [
  { field: "service_tier", isFree: (value) => value === "default", message: `${NO_PRICE}: leave it out` },
  { field: "web_search_options", message: NO_PRICE },
  { field: "connectors", message: NO_PRICE },
  { field: "modalities", isFree: isTextOnly, message: `only "text" is possible` },
  { field: "audio", message: IMPOSSIBLE },
  { field: "n", isFree: (value) => value === 1, message: `more than one answer ${IMPOSSIBLE}` },
  { field: "logprobs", isFree: (value) => value === false, message: IMPOSSIBLE },
  { field: "top_logprobs", message: IMPOSSIBLE },
  { field: "logit_bias", message: IMPOSSIBLE },
  { field: "presence_penalty", isFree: isPenalty, message: "must be from 0 to 1 with this model" },
  { field: "frequency_penalty", isFree: isPenalty, message: "must be from 0 to 1 with this model" },
];

function isTextOnly(value: unknown): boolean {
  return Array.isArray(value) && value.every((modality) => modality === "text");
}

function isPenalty(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= 1;
}

/** Why a request cannot be sent in this format. */
export function refuse(request: ChatRequest): readonly Issue[] {
  const issues = [...unpricedIssues(request, REFUSED_FIELDS), ...hostedToolIssues(request)];
  const choice = request.tool_choice;
  const named = typeof choice === "object" ? choice.function.name : undefined;
  if (named !== undefined && !(request.tools ?? []).some((tool) => tool.function.name === named)) {
    issues.push({ field: "tool_choice.function.name", message: "names a tool that is not there" });
  }
  for (const [i, { content }] of request.messages.entries()) {
    if (typeof content !== "object") continue;
    for (const [j, part] of (content ?? []).entries()) {
      if (part.type === "text" || part.type === "image_url") continue;
      issues.push({ field: `messages[${i}].content[${j}].type`, message: `"${part.type}" ${IMPOSSIBLE}` });
    }
  }
  return issues;
}
