import { isList, isObject } from "../../base/json.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import { hostedToolIssues, NO_PRICE, type UnpricedField, unpricedIssues } from "../refusals.ts";

/**
 * What servers of this format charge for beside tokens. `service_tier: "auto"` may choose a dearer tier.
 * `prediction` bills rejected tokens beyond `max_tokens`; `models`, `route` and `provider` let OpenRouter
 * answer with another model at another price.
 */
const UNPRICED_FIELDS: readonly UnpricedField[] = [
  {
    field: "service_tier",
    isFree: (value) => value === "default",
    message: `${NO_PRICE}: leave it out or send "default"`,
  },
  { field: "web_search_options", message: NO_PRICE },
  { field: "search_parameters", isFree: hasMode("off"), message: NO_PRICE },
  { field: "enable_search", isFree: (value) => value === false, message: NO_PRICE },
  { field: "search_options", message: NO_PRICE },
  { field: "plugins", isFree: isEmptyList, message: NO_PRICE },
  {
    field: "modalities",
    isFree: (value) => isList(value) && value.every((modality) => modality === "text"),
    message: `only "text" is possible: other output ${NO_PRICE}`,
  },
  { field: "audio", message: `audio output ${NO_PRICE}` },
  { field: "prediction", message: NO_PRICE },
  { field: "models", message: "the gateway chooses the model; use a routing policy" },
  { field: "route", message: "the gateway chooses the route; use a routing policy" },
  { field: "provider", message: "the gateway chooses the provider; use a routing policy" },
];

function hasMode(mode: string): (value: unknown) => boolean {
  return (value) => isObject(value) && value["mode"] === mode;
}

function isEmptyList(value: unknown): boolean {
  return isList(value) && value.length === 0;
}

/** Why a request cannot be sent: each field that costs money without a price. */
export function refuse(request: ChatRequest): readonly Issue[] {
  return [...unpricedIssues(request, UNPRICED_FIELDS), ...hostedToolIssues(request)];
}
