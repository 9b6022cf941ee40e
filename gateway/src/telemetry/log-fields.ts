/**
 * Everything a log line may carry. There is no field for a free object, a header, a body or a credential, so none
 * can be logged; adding a field here is the moment to ask whether it can hold a secret.
 * - `text`: cut at 500 characters, with whatever looks like a credential masked
 * - `address`: a path or URL; its query, fragment and user part are cut off
 */
export const LOG_FIELDS = {
  request_id: "text",
  client_request_id: "text",
  trace_id: "text",
  upstream_id: "text",
  partner_id: "text",
  tenant_id: "text",
  user_id: "text",
  key_id: "text",
  model: "text",
  backend_id: "text",
  provider_id: "text",
  node_id: "text",
  resource_id: "text",
  method: "text",
  path: "address",
  url: "address",
  file: "address",
  protocol: "text",
  code: "text",
  fault: "text",
  reason: "text",
  hint: "text",
  action: "text",
  signal: "text",
  mode: "text",
  version: "text",
  worker: "text",
  status: "number",
  upstream_status: "number",
  duration_ms: "number",
  ttft_ms: "number",
  lag_ms: "number",
  retry_after: "number",
  attempts: "number",
  tokens_in: "number",
  tokens_out: "number",
  bytes: "number",
  count: "number",
  pending: "number",
  port: "number",
  pid: "number",
  stream: "boolean",
  estimated: "boolean",
  delivered: "boolean",
} as const satisfies Record<string, FieldKind>;

type FieldKind = "text" | "address" | "number" | "boolean";
type ValueOf<Kind extends FieldKind> = Kind extends "number"
  ? number
  : Kind extends "boolean"
    ? boolean
    : string;

export type LogFields = {
  readonly [Name in keyof typeof LOG_FIELDS]?: ValueOf<(typeof LOG_FIELDS)[Name]> | undefined;
};

type FieldName = keyof LogFields;
/** What is left of a field once it may be written. */
export type LogValue = string | number | boolean;

const NAMES = Object.keys(LOG_FIELDS).filter((name): name is FieldName => name in LOG_FIELDS);
/** Characters. */
const TEXT_MAX = 500;

// The second line of defence, for sentences that upstreams wrote: they like to quote the key they refuse.
const CREDENTIALS =
  /\b(?:sgk|whsec|sk|pk|rk|gsk|hf|nvapi|xai|pplx|csk)[-_][\w-]{8,}|\bAIza[\w-]{16,}|\b(?:Bearer|Basic)\s+[\w+/=.~-]{16,}|\beyJ[\w-]{8,}\.[\w.-]+/gi;
const USER_PART = /\/\/[^/@\s]*@/g;

/** The fields that may be written, in the list's order; anything else (or of another type) is left out. */
export function cleanFields(fields: LogFields): readonly (readonly [FieldName, LogValue])[] {
  const clean: (readonly [FieldName, LogValue])[] = [];
  for (const name of NAMES) {
    const value = fields[name];
    if (value === undefined) continue;
    const kind = LOG_FIELDS[name];
    if (typeof value === "string") {
      if (kind === "text" || kind === "address") clean.push([name, cleanText(value, kind)]);
    } else if (typeof value === kind) {
      clean.push([name, value]);
    }
  }
  return clean;
}

function cleanText(value: string, kind: "text" | "address"): string {
  const text = kind === "address" ? (value.split(/[?#]/, 1)[0] ?? "") : value;
  const masked = text.replace(USER_PART, "//[redacted]@").replace(CREDENTIALS, "[redacted]");
  return masked.length > TEXT_MAX ? `${masked.slice(0, TEXT_MAX)}…` : masked;
}
