/**
 * Makes the shipped price catalogue out of public model facts: `npm run catalogue -- facts.json` writes it and
 * prints what it had to leave out. One model a line, so that a new edition reads as a list of changes.
 */
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "./repository.ts";

export const CATALOGUE_FILE = join(ROOT, "gateway/src/providers/price-catalogue.ndjson");

const decimal = z.string().regex(/^\d+(\.\d+)?$/);
const tokens = z.int().min(0).optional();
const cost = z.record(z.string(), z.union([decimal, z.array(z.record(z.string(), z.unknown()))]));
const fact = z.object({
  name: z.string().optional(),
  family: z.string().optional(),
  release_date: z.string().optional(),
  status: z.string().optional(),
  reasoning: z.boolean().optional(),
  tool_call: z.boolean().optional(),
  structured_output: z.boolean().optional(),
  base_model: z.string().optional(),
  cost: cost.optional(),
  limit: z.object({ context: tokens, output: tokens }).optional(),
  modalities: z
    .object({ input: z.array(z.string()).optional(), output: z.array(z.string()).optional() })
    .optional(),
});
const facts = z.object({
  source: z.string(),
  date: z.iso.date(),
  providers: z.record(z.string(), z.object({ models: z.record(z.string(), fact) })),
});
type Fact = z.infer<typeof fact>;

/** The vendors that ship: the source's name for each, and ours. */
const VENDORS: Readonly<Record<string, string>> = {
  openai: "openai",
  anthropic: "anthropic",
  google: "google",
  "google-vertex": "vertex",
  azure: "azure",
  "amazon-bedrock": "bedrock",
  cohere: "cohere",
  mistral: "mistral",
  alibaba: "qwen",
  groq: "groq",
  togetherai: "together",
  "fireworks-ai": "fireworks",
  deepseek: "deepseek",
  xai: "xai",
  openrouter: "openrouter",
  perplexity: "perplexity",
  cerebras: "cerebras",
  nvidia: "nvidia",
  deepinfra: "deepinfra",
  moonshotai: "moonshot",
  zhipuai: "zhipu",
  minimax: "minimax",
  huggingface: "huggingface",
};

/** What the source calls a price, and its field here. A name that is not in this table makes a gap. */
const PRICE_FIELDS: Readonly<Record<string, string>> = {
  input: "input_per_mtok",
  cache_read: "cached_read_per_mtok",
  cached_input: "cached_read_per_mtok",
  cache_write: "cached_write_5m_per_mtok",
  cached_write: "cached_write_5m_per_mtok",
  input_audio: "input_audio_per_mtok",
  output: "output_per_mtok",
  reasoning: "reasoning_per_mtok",
  output_audio: "output_audio_per_mtok",
};

/**
 * Models whose prompts can be cached for an hour, which the source does not price. Anthropic's price list asks twice
 * the plain input for it, wherever its models are served.
 */
const CACHED_FOR_AN_HOUR = /claude/;
const HOUR_WRITE_TIMES = 2n;

/** Models that their vendor serves by another API than chat completions, by vendor. */
const NOT_CHAT_COMPLETIONS: Readonly<Record<string, RegExp>> = {
  openai: /-pro$|-codex|deep-research/,
  azure: /^(?:gpt|o\d).*-pro$|-codex|deep-research/,
  xai: /multi-agent/,
  // Classifiers that answer with a score in place of words.
  groq: /prompt-guard/,
};

/** What could not be kept, for the person who makes a new edition. */
export interface Gap {
  readonly vendor: string;
  readonly model: string;
  readonly problem: string;
}

/** Reads the source and gives the text of the catalogue. Throws where the source is not what it was. */
export function makeCatalogue(source: unknown): { readonly text: string; readonly gaps: readonly Gap[] } {
  const known = facts.parse(source);
  const gaps: Gap[] = [];
  const lines = [JSON.stringify({ source: known.source, date: known.date, currency: "USD" })];
  for (const [theirs, vendor] of Object.entries(VENDORS).toSorted(([, a], [, b]) => (a < b ? -1 : 1))) {
    const models = known.providers[theirs]?.models;
    if (models === undefined) throw new Error(`the source knows no ${theirs}`);
    for (const [id, model] of Object.entries(models).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const report = (problem: string): void => void gaps.push({ vendor, model: id, problem });
      lines.push(JSON.stringify(rowOf(vendor, id, completed(id, model, known.providers), report)));
    }
  }
  for (const theirs of Object.keys(known.providers)) {
    if (VENDORS[theirs] === undefined)
      gaps.push({ vendor: theirs, model: "*", problem: "not a vendor here" });
  }
  return { text: `${lines.join("\n")}\n`, gaps };
}

/**
 * A model whose own entry leaves facts out takes them from the entries of the same model elsewhere; of limits that
 * differ the lowest, which every one of them can give.
 */
function completed(id: string, model: Fact, providers: z.infer<typeof facts>["providers"]): Fact {
  const base = model.base_model;
  if (base === undefined) return model;
  const bare = bareName(base);
  const kin = Object.entries(providers).flatMap(([provider, { models }]) =>
    Object.entries(models)
      .filter(
        ([other, known]) =>
          known.base_model === base || `${provider}/${other}` === base || bareName(other) === bare,
      )
      .map(([, known]) => known),
  );
  const first = <K extends keyof Fact>(field: K): Fact[K] =>
    model[field] ?? kin.find((known) => known[field] !== undefined)?.[field];
  const lowest = (field: "context" | "output"): number | undefined =>
    model.limit?.[field] ?? least(kin.flatMap((known) => known.limit?.[field] || []));
  return {
    ...model,
    name: first("name") ?? id,
    family: first("family"),
    release_date: first("release_date"),
    reasoning: first("reasoning"),
    tool_call: first("tool_call"),
    structured_output: first("structured_output"),
    limit: { context: lowest("context"), output: lowest("output") },
    modalities: {
      input: model.modalities?.input ?? kin.find((known) => known.modalities?.input)?.modalities?.input,
      output: model.modalities?.output ?? kin.find((known) => known.modalities?.output)?.modalities?.output,
    },
  };
}

function bareName(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1).toLowerCase();
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values);
}

function rowOf(vendor: string, id: string, model: Fact, report: (problem: string) => void): object {
  const modality = modalityOf(id, model);
  const context = model.limit?.context || undefined;
  const output = model.limit?.output || undefined;
  if (context === undefined && modality === "chat") report("no context window");
  const prices = pricesOf(model, CACHED_FOR_AN_HOUR.test(id), report);
  return {
    vendor,
    id,
    name: model.name ?? id,
    modality,
    ...(NOT_CHAT_COMPLETIONS[vendor]?.test(id) === true && { chat_completions: false }),
    context_window: context,
    // More output than context is a slip of the source, or counts something else than tokens.
    max_output_tokens:
      context !== undefined && output !== undefined && output <= context ? output : undefined,
    capabilities: capabilitiesOf(modality, model),
    released: model.release_date,
    status: model.status,
    prices,
  };
}

function modalityOf(id: string, { family = "", modalities }: Fact): string {
  const words = `${family} ${id}`.toLowerCase();
  const out = modalities?.output ?? ["text"];
  if (/embed/.test(words)) return "embedding";
  if (/rerank/.test(words)) return "rerank";
  if (/whisper|transcri|-asr|-tts|realtime/.test(words)) return "audio";
  if (/image|imagine/.test(words) || (!out.includes("text") && out.includes("image"))) return "image";
  return out.includes("text") ? "chat" : out.includes("audio") ? "audio" : "image";
}

function capabilitiesOf(modality: string, model: Fact): string[] {
  if (modality !== "chat") return [];
  return [
    ...(model.tool_call === true ? ["tools"] : []),
    ...(model.modalities?.input?.includes("image") === true ? ["vision"] : []),
    ...(model.structured_output === true ? ["json_schema"] : []),
    ...(model.reasoning === true ? ["reasoning"] : []),
    "streaming",
  ];
}

/** All prices of a model, or none: with a part that cannot be expressed the rest would charge too little. */
function pricesOf(
  { cost: given }: Fact,
  hasHourWrite: boolean,
  report: (problem: string) => void,
): object | undefined {
  if (given === undefined) {
    report("no price");
    return undefined;
  }
  const { tiers = [], ...base } = given;
  const unknown = Object.keys(base).filter((name) => PRICE_FIELDS[name] === undefined);
  if (unknown.length > 0) {
    report(`left unpriced: no bucket for ${unknown.join(", ")}`);
    return undefined;
  }
  const made = typeof tiers === "string" ? [] : tiers.map((tier) => tierOf(tier, hasHourWrite, report));
  return {
    ...normalised(base, hasHourWrite, report),
    ...(made.length > 0 && {
      tiers: made.toSorted((a, b) => a.above_input_tokens - b.above_input_tokens),
    }),
  };
}

function tierOf(
  tier: Readonly<Record<string, unknown>>,
  hasHourWrite: boolean,
  report: (problem: string) => void,
) {
  const { tier: threshold, ...prices } = tier;
  const { size } = z.object({ size: z.string().regex(/^\d+$/) }).parse(threshold);
  return { above_input_tokens: Number(size), ...normalised(prices, hasHourWrite, report) };
}

function normalised(
  prices: Readonly<Record<string, unknown>>,
  hasHourWrite: boolean,
  report: (problem: string) => void,
): object {
  const fields = Object.entries(prices).flatMap(([name, amount]) => {
    const field = PRICE_FIELDS[name];
    if (field === undefined) throw new Error(`no field for the price ${name} of a tier`);
    return [[field, sixDecimals(decimal.parse(amount), report)] as const];
  });
  const given = new Map(fields);
  const input = given.get("input_per_mtok");
  if (hasHourWrite && given.has("cached_write_5m_per_mtok") && input !== undefined)
    given.set("cached_write_1h_per_mtok", times(input, HOUR_WRITE_TIMES));
  // In one order, whatever that of the source.
  const order = new Set(
    Object.values(PRICE_FIELDS).flatMap((field) => [field, ...(FOLLOWED_BY[field] ?? [])]),
  );
  return Object.fromEntries(
    [...order].flatMap((field) => (given.has(field) ? [[field, given.get(field)]] : [])),
  );
}

/** Where fields stand that the source has no name for. */
const FOLLOWED_BY: Readonly<Record<string, readonly string[]>> = {
  cached_write_5m_per_mtok: ["cached_write_1h_per_mtok"],
};

/** A whole multiple of an amount of at most six decimals. */
function times(amount: string, factor: bigint): string {
  const [whole = "0", fraction = ""] = amount.split(".");
  return unscaled(BigInt(`${whole}${fraction.padEnd(6, "0")}`) * factor);
}

/** Millionths as a decimal, without zeros at the end. */
function unscaled(millionths: bigint): string {
  const scaled = millionths.toString().padStart(7, "0");
  return `${scaled.slice(0, -6)}.${scaled.slice(-6)}`.replace(/\.?0+$/, "");
}

/** At most six decimals, rounded up, without zeros at the end. */
function sixDecimals(text: string, report: (problem: string) => void): string {
  const [whole = "0", fraction = ""] = text.split(".");
  const digits = BigInt(`${whole}${fraction.padEnd(6, "0").slice(0, 6)}`);
  const finer = /[1-9]/.test(fraction.slice(6));
  if (finer) report(`${text} has more than six decimals: rounded up`);
  return unscaled(digits + (finer ? 1n : 0n));
}

if (import.meta.main) {
  const [path] = process.argv.slice(2);
  if (path === undefined) throw new Error("usage: npm run catalogue -- facts.json");
  const { text, gaps } = makeCatalogue(await Bun.file(path).json());
  await Bun.write(CATALOGUE_FILE, text);
  for (const { vendor, model, problem } of gaps) console.log(`${vendor}  ${model}  ${problem}`);
  console.log(`${CATALOGUE_FILE}: ${text.split("\n").length - 2} models, ${gaps.length} gaps`);
}
