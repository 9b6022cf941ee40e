import { isObject } from "../../base/json.ts";
import type { ChatRequest, ContentPart } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import { hostedToolIssues, NO_PRICE, type UnpricedField, unpricedIssues } from "../refusals.ts";
import { isFileAddress } from "./parts.ts";
import { EFFORTS } from "./thinking.ts";

/** What this format charges for beside tokens, and what would make it more of them than were held. */
const UNPRICED_FIELDS: readonly UnpricedField[] = [
  { field: "service_tier", isFree: (value) => value === "default", message: `${NO_PRICE}: leave it out` },
  { field: "serviceTier", message: NO_PRICE },
  { field: "web_search_options", message: NO_PRICE },
  { field: "modalities", isFree: isTextOnly, message: `only "text" is possible: other output ${NO_PRICE}` },
  { field: "audio", message: `audio output ${NO_PRICE}` },
  { field: "cachedContent", message: "its tokens are not known beforehand, so they cannot be held" },
  { field: "cached_content", message: "its tokens are not known beforehand, so they cannot be held" },
  {
    field: "generationConfig",
    isFree: hasTextOnly,
    message: `responseModalities other than TEXT ${NO_PRICE}`,
  },
  {
    field: "generation_config",
    isFree: hasTextOnly,
    message: `responseModalities other than TEXT ${NO_PRICE}`,
  },
];

function isTextOnly(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => String(one).toUpperCase() === "TEXT");
}

function hasTextOnly(value: unknown): boolean {
  if (!isObject(value)) return true;
  const asked = value["responseModalities"] ?? value["response_modalities"];
  return asked === undefined || isTextOnly(asked);
}

/** Why a request cannot be sent in this format. */
export function refuse(request: ChatRequest): readonly Issue[] {
  const issues = [...unpricedIssues(request, UNPRICED_FIELDS), ...hostedToolIssues(request)];
  const effort = request.reasoning_effort;
  if (effort !== undefined && !EFFORTS.some((word) => word === effort)) {
    issues.push({ field: "reasoning_effort", message: `must be one of ${EFFORTS.join(", ")}` });
  }
  if (request.logprobs === true || request.top_logprobs !== undefined) {
    issues.push({ field: "logprobs", message: "is not possible with this model" });
  }
  for (const [i, { content }] of request.messages.entries()) {
    if (typeof content !== "object") continue;
    for (const [j, part] of (content ?? []).entries()) {
      if (!isReadable(part)) {
        const message = "must be an address of the provider's file store, https://… or gs://…, or file_data";
        issues.push({ field: `messages[${i}].content[${j}].file.file_id`, message });
      }
    }
  }
  return issues;
}

function isReadable(part: ContentPart): boolean {
  if (part.type !== "file") return true;
  const { file_data, file_url, file_id } = part.file;
  return file_data !== undefined || isFileAddress(file_url ?? file_id ?? "");
}
