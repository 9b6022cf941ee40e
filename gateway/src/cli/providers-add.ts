import { z } from "zod";
import type { Api, NamesOfFields } from "./api.ts";
import { CommandError, type Output } from "./output.ts";

/** The options of `scaigrid providers add`, as the command line gives them. */
export interface ProvidersAddOptions {
  readonly url?: string;
  readonly keyEnv?: string;
  readonly model: string;
  readonly slug?: string;
  readonly name?: string;
  readonly contextWindow: string;
  readonly maxOutput?: string;
  readonly inputPrice?: string;
  readonly outputPrice?: string;
  readonly inputCost?: string;
  readonly outputCost?: string;
  readonly free?: boolean;
  readonly json?: boolean;
}

const made = z.object({ id: z.string() });
/** The options that fill the fields the gateway may refuse. */
const OPTION_OF: NamesOfFields = {
  type: "<type>",
  name: "--name",
  base_url: "--url",
  "connection_config.api_key": "--key-env",
  upstream_model: "--model",
  slug: "--slug",
  display_name: "--name",
  context_window: "--context-window",
  max_output_tokens: "--max-output",
  "prices.input_per_mtok": "--input-price",
  "prices.output_per_mtok": "--output-price",
  "costs.input_per_mtok": "--input-cost, or --input-price in its place",
  "costs.output_per_mtok": "--output-cost, or --output-price in its place",
};
type Made = { readonly path: string; readonly id: string };

/**
 * `scaigrid providers add`: makes provider, backend, model and routing policy, all or none: what was made before
 * a step failed is taken back. `secretOf` reads the variable that `--key-env` names.
 */
export async function providersAdd(
  type: string,
  options: ProvidersAddOptions,
  api: Api,
  secretOf: (variable: string) => string | undefined,
  output: Output,
): Promise<void> {
  const bodies = bodiesOf(type, options, secretOf);
  const undo: Made[] = [];
  const make = async (path: string, body: object): Promise<string> => {
    const { id } = await api.call("POST", path, made, body, OPTION_OF);
    undo.unshift({ path, id });
    return id;
  };
  try {
    const provider = await make("/v1/providers", bodies.provider);
    const backend = await make("/v1/backends", { ...bodies.backend, provider_id: provider });
    const model = await make("/v1/models", bodies.model);
    await make("/v1/routing-policies", { model_id: model, targets: [{ backend_id: backend }] });
    const ids = { provider_id: provider, backend_id: backend, model_id: model, slug: bodies.model.slug };
    output.data(
      options.json === true
        ? JSON.stringify(ids)
        : `${bodies.model.slug} is served by ${type}:${options.model}`,
    );
  } catch (error) {
    for (const { path, id } of undo) await takeBack(api, path, id, output);
    throw error;
  }
}

async function takeBack(api: Api, path: string, id: string, output: Output): Promise<void> {
  try {
    await api.call("DELETE", `${path}/${id}`, z.unknown());
  } catch (error) {
    output.note(`${path}/${id} was made and could not be taken back (${String(error)}): delete it by hand`);
  }
}

function bodiesOf(
  type: string,
  options: ProvidersAddOptions,
  secretOf: (variable: string) => string | undefined,
) {
  const { keyEnv, url } = options;
  const key = keyEnv === undefined ? undefined : secretOf(keyEnv);
  if (keyEnv !== undefined && (key === undefined || key === "")) {
    throw new CommandError(
      `the variable ${keyEnv} is not set: export it with the provider's key, then call again`,
    );
  }
  const pricing = pricingOf(options);
  const slug = options.slug ?? `${type}/${slugSegment(options.model)}`;
  return {
    provider: {
      type,
      name: options.name ?? type,
      ...(url !== undefined && { base_url: url }),
      ...(key !== undefined && { connection_config: { api_key: key } }),
    },
    backend: { upstream_model: options.model, ...pricing.backend },
    model: {
      slug,
      display_name: options.name ?? options.model,
      context_window: wholeNumber("--context-window", options.contextWindow),
      ...(options.maxOutput !== undefined && {
        max_output_tokens: wholeNumber("--max-output", options.maxOutput),
      }),
      ...pricing.model,
    },
  };
}

/** Prices and costs per million tokens; a cost that is not given is the price. */
function pricingOf(options: ProvidersAddOptions): { readonly model: object; readonly backend: object } {
  const { inputPrice, outputPrice, free } = options;
  if (free === true) return { model: { free: true }, backend: { free: true } };
  if (inputPrice === undefined || outputPrice === undefined) {
    throw new CommandError(
      "what a call costs must be known: give --input-price and --output-price per million tokens, or --free for a model of your own",
    );
  }
  const costs = {
    input_per_mtok: options.inputCost ?? inputPrice,
    output_per_mtok: options.outputCost ?? outputPrice,
  };
  return {
    model: { prices: { input_per_mtok: inputPrice, output_per_mtok: outputPrice } },
    backend: { costs },
  };
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new CommandError(`${option} must be a whole number of tokens above 0, such as 128000`);
}

/** A model's upstream name as the last segment of a slug. */
function slugSegment(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9._-]+/g, "-");
}
