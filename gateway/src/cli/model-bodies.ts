import { nearest } from "../base/nearest.ts";
import { slugSegment } from "../core/slug.ts";
import type { KnownModel, KnownProvider } from "./known-provider.ts";
import type { Make } from "./all-or-none.ts";
import type { NamesOfFields } from "./api.ts";
import type { JsonOption } from "./listing.ts";
import { CommandError } from "./output.ts";

/** What the command line says of a model that is to be made. */
export interface ModelOptions extends JsonOption {
  readonly slug?: string;
  readonly name?: string;
  readonly contextWindow?: string;
  readonly maxOutput?: string;
  readonly inputPrice?: string;
  readonly outputPrice?: string;
  readonly inputCost?: string;
  readonly outputCost?: string;
  readonly free?: boolean;
}

/** The options that fill the fields of a model and its backend that the gateway may refuse. */
export const MODEL_OPTIONS: NamesOfFields = {
  slug: "--slug",
  display_name: "--name",
  context_window: "--context-window",
  max_output_tokens: "--max-output",
  "prices.input_per_mtok": "--input-price",
  "prices.output_per_mtok": "--output-price",
  "costs.input_per_mtok": "--input-cost, or --input-price in its place",
  "costs.output_per_mtok": "--output-cost, or --output-price in its place",
};

/** What is sent to make one model, and what is then said about it. */
export interface ModelBodies {
  readonly backend: object;
  readonly model: { readonly slug: string; readonly display_name: string; readonly context_window: number };
  readonly says: string;
}

interface Pricing {
  readonly model: object;
  readonly backend: object;
  /** For people. */
  readonly says: string;
}

const CONTEXT_WINDOW = 128_000;
const SHOWN_NAMES = 3;

/** The bodies for one model: what the options say, else what is known of it. Throws CommandError. */
export function modelBodies(
  name: string,
  wanted: KnownModel | string,
  options: ModelOptions,
  provider: KnownProvider | undefined,
): ModelBodies {
  const upstreamModel = typeof wanted === "string" ? wanted : wanted.upstream_model;
  const known = typeof wanted === "string" ? undefined : wanted;
  const pricing = pricingOf(upstreamModel, known, options, provider);
  const slug = options.slug ?? slugOf(name, upstreamModel);
  const maxOutput = wholeNumber("--max-output", options.maxOutput) ?? known?.max_output_tokens;
  return {
    backend: { upstream_model: upstreamModel, ...pricing.backend },
    model: {
      slug,
      display_name: options.name ?? known?.display_name ?? upstreamModel,
      context_window:
        wholeNumber("--context-window", options.contextWindow) ?? known?.context_window ?? CONTEXT_WINDOW,
      ...(maxOutput !== undefined && { max_output_tokens: maxOutput }),
      ...(known && { capabilities: known.capabilities }),
      ...pricing.model,
    },
    says: `${slug} is served by ${name}:${upstreamModel}${pricing.says}`,
  };
}

/** What one model is made of. */
export interface ModelIds {
  readonly backend_id: string;
  readonly model_id: string;
  readonly slug: string;
}

/** Makes a model that this provider serves, over a backend that is there or else one of its own. */
export async function makeModel(
  providerId: string,
  bodies: ModelBodies,
  make: Make,
  backendId?: string,
): Promise<ModelIds> {
  const backend = backendId ?? (await make("/v1/backends", { ...bodies.backend, provider_id: providerId }));
  const model = await make("/v1/models", bodies.model);
  await make("/v1/routing-policies", { model_id: model, targets: [{ backend_id: backend }] });
  return { backend_id: backend, model_id: model, slug: bodies.model.slug };
}

/** What was made, as JSON tells it. */
export function resultOf(providerId: string, models: readonly ModelIds[]): object {
  const [only] = models;
  return models.length === 1 ? { provider_id: providerId, ...only } : { provider_id: providerId, models };
}

function slugOf(name: string, model: string): string {
  const segment = slugSegment(model);
  if (segment === undefined) throw new CommandError(`${model} makes no name for applications: give --slug`);
  return `${name}/${segment}`;
}

/** Prices and costs per million tokens: as given, else as known; a cost that is not given is the price. */
function pricingOf(
  upstreamModel: string,
  known: KnownModel | undefined,
  options: ModelOptions,
  provider: KnownProvider | undefined,
): Pricing {
  const { inputPrice, outputPrice, inputCost, outputCost, free } = options;
  if (free === true) return { model: { free: true }, backend: { free: true }, says: ", free" };
  if (inputPrice !== undefined && outputPrice !== undefined) {
    const costs = { input_per_mtok: inputCost ?? inputPrice, output_per_mtok: outputCost ?? outputPrice };
    const prices = { input_per_mtok: inputPrice, output_per_mtok: outputPrice };
    return { model: { prices }, backend: { costs }, says: "" };
  }
  const prices = known?.prices;
  const isGiven = [inputPrice, outputPrice, inputCost, outputCost].some((amount) => amount !== undefined);
  if (prices === undefined || provider === undefined || isGiven) {
    throw new CommandError(unpriced(upstreamModel, isGiven, known, provider));
  }
  const source = provider.price_source;
  return {
    model: { prices, price_source: source },
    backend: { costs: prices, cost_source: source },
    says: ` at ${String(prices["input_per_mtok"])} in, ${String(prices["output_per_mtok"])} out per million tokens (${source})`,
  };
}

function unpriced(
  model: string,
  isGiven: boolean,
  known: KnownModel | undefined,
  provider: KnownProvider | undefined,
): string {
  const give =
    "what a call costs must be known: give --input-price and --output-price per million tokens, or --free for a model of your own";
  if (isGiven || provider === undefined) return give;
  if (known !== undefined)
    return `${model} has known prices, but not in this gateway's currency, and ${give}`;
  const near = nearest(
    model,
    provider.models.map((each) => each.upstream_model),
    SHOWN_NAMES,
  );
  return `no price of ${model} is known. ${near.length > 0 ? `Nearest that is: ${near.join(", ")}. ` : ""}Otherwise, ${give}`;
}

/** Undefined for an option that was not given. */
function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new CommandError(`${option} must be a whole number of tokens above 0, such as 128000`);
}
