import { isDeepStrictEqual } from "node:util";
import type { ChatRequest } from "../../gateway/src/core/chat.ts";
import type { Quirks, UpstreamDialect } from "../../gateway/src/core/dialect.ts";
import { anthropicMessages } from "../../gateway/src/dialects/anthropic-messages/anthropic-messages.ts";
import { bedrockConverse } from "../../gateway/src/dialects/bedrock-converse/bedrock-converse.ts";
import { cohere } from "../../gateway/src/dialects/cohere/cohere.ts";
import { gemini } from "../../gateway/src/dialects/gemini/gemini.ts";
import { openaiChat } from "../../gateway/src/dialects/openai-chat/openai-chat.ts";
import { openaiResponses } from "../../gateway/src/dialects/openai-responses/openai-responses.ts";
import { scaigrid } from "../../gateway/src/dialects/scaigrid/scaigrid.ts";
import { KNOWN_VENDORS } from "../../gateway/src/providers/catalogue.ts";
import { type Sample, SAMPLES } from "./parameter-samples.ts";
import { markdownTable, page } from "./reference.ts";

/** A dialect, and a model of today that is asked in it: some fields depend on what a model takes. */
export interface Asked {
  readonly title: string;
  readonly dialect: UpstreamDialect;
  readonly model: string;
}

export const ASKED: readonly Asked[] = [
  { title: "OpenAI chat", dialect: openaiChat, model: "gpt-5.1" },
  { title: "OpenAI Responses", dialect: openaiResponses, model: "gpt-5.1" },
  { title: "Anthropic", dialect: anthropicMessages, model: "claude-sonnet-4-5" },
  { title: "Gemini", dialect: gemini, model: "gemini-2.5-flash" },
  { title: "Bedrock", dialect: bedrockConverse, model: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0" },
  { title: "Cohere", dialect: cohere, model: "command-a-03-2025" },
];

const MESSAGES = [{ role: "user", content: "Hello" }];
const NO_QUIRKS: Quirks = {};

/** What becomes of a field in a dialect. */
export type Fate =
  | { readonly kind: "sent" | "fetched" | "dropped" | "nothing" }
  | { readonly kind: "refused"; readonly field: string; readonly message: string };

function parsed(more: object): ChatRequest {
  const read = scaigrid.parse({ model: "vendor/model", max_tokens: 4_000, messages: MESSAGES, ...more });
  if (read.issues !== undefined) throw new Error(`a sample is no request: ${JSON.stringify(read.issues)}`);
  return read.request;
}

/** What the dialect itself makes of it: it is asked, and its answer compared with that to the request without. */
export function fateOf({ value, without = {}, isFetched }: Sample, { dialect, model }: Asked): Fate {
  const request = parsed(value);
  if (isFetched === true && dialect.needsBytes === true) return { kind: "fetched" };
  const [issue] = dialect.refuse(request);
  if (issue !== undefined) return { kind: "refused", ...issue };
  const options = { upstreamModel: model, quirks: NO_QUIRKS };
  const built = dialect.build(request, options);
  const plain = dialect.build(parsed(without), options);
  if (built.dropped.length > plain.dropped.length) return { kind: "dropped" };
  return { kind: isDeepStrictEqual(JSON.parse(built.body), JSON.parse(plain.body)) ? "nothing" : "sent" };
}

/** What becomes of every field of a request in every format that backends speak, as the formats themselves say. */
export function parametersPage(): string {
  return page("the dialects, or scripts/docs/parameter-samples.ts,", [
    "# Parameters",
    "What becomes of the fields of a request on the way to a backend. Nothing vanishes: a field is **sent**, in the " +
      "backend's own words; or **dropped**, where it changes little, and named in `_meta.dropped` and in the trace; or the " +
      "request is refused with **422** `VALIDATION_ERROR` before anything is sent, where the answer would be another " +
      "one, or where the field costs money for which there is no price. This table is made by asking each format with " +
      `each field as it stands here (${ASKED.map(({ title, model }) => `${title}: \`${model}\``).join(", ")}).`,
    markdownTable(["field", ...ASKED.map(({ title }) => title)], SAMPLES.map(rowOf)),
    "`metadata` stays here: it is kept with the usage record. A request that came in a backend's own format, such as " +
      "Anthropic's at the Anthropic door, keeps the fields of that format.",
    "## Why a field is refused",
    markdownTable(["field", "by", "what the error says"], refusals()),
    "## What vendors of OpenAI's format do not take",
    "These refuse the whole request for a field that others ignore, so it is dropped for them.",
    markdownTable(["vendor", "dropped"], vendorRows()),
  ]);
}

function rowOf(sample: Sample): readonly string[] {
  return [sample.field, ...ASKED.map((asked) => CELLS[fateOf(sample, asked).kind])];
}

const CELLS: Readonly<Record<Fate["kind"], string>> = {
  sent: "sent",
  fetched: "sent, fetched",
  dropped: "dropped",
  refused: "422",
  nothing: "–",
};

function refusals(): readonly (readonly string[])[] {
  const titles = new Map<string, { readonly row: readonly string[]; readonly by: string[] }>();
  for (const sample of SAMPLES) {
    for (const asked of ASKED) {
      const fate = fateOf(sample, asked);
      if (fate.kind !== "refused") continue;
      const key = `${fate.field}: ${fate.message}`;
      const known = titles.get(key) ?? { row: [`\`${fate.field}\``, fate.message], by: [] };
      titles.set(key, known);
      if (!known.by.includes(asked.title)) known.by.push(asked.title);
    }
  }
  return [...titles.values()].map(({ row: [field = "", message = ""], by }) => [
    field,
    by.join(", "),
    message,
  ]);
}

function vendorRows(): readonly (readonly string[])[] {
  return KNOWN_VENDORS.flatMap(({ label, quirks: { refusedFields = [] } }) =>
    refusedFields.length === 0 ? [] : [[label, refusedFields.map((field) => `\`${field}\``).join(", ")]],
  );
}
