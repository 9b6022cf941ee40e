import { z } from "zod";
import { nearest } from "../base/nearest.ts";
import type { Api } from "./api.ts";
import { COMMAND } from "./called-as.ts";
import { CommandError } from "./output.ts";

const amounts = z.record(z.string(), z.unknown());
const known = z.object({
  type: z.string(),
  preset: z.string().optional(),
  label: z.string(),
  self_hosted: z.boolean(),
  price_source: z.string(),
  account_variables: z.record(z.string(), z.string()).optional(),
  own_model_names: z.boolean().optional(),
  models: z.array(
    z.object({
      upstream_model: z.string(),
      display_name: z.string(),
      context_window: z.number(),
      max_output_tokens: z.number().optional(),
      capabilities: z.array(z.string()),
      prices: amounts.optional(),
    }),
  ),
});

/** A provider that the gateway knows by name. */
export type KnownProvider = z.infer<typeof known>;
export type KnownModel = KnownProvider["models"][number];

const listed = z.object({ name: z.string() });

/** What has no address of its own to be known by. */
const TYPES: readonly string[] = ["custom", "scaiinfer", "sandbox"];

/**
 * What the gateway knows of a provider by this name; undefined for a bare type. Throws CommandError for a name that
 * is neither.
 */
export async function knownProvider(api: Api, name: string): Promise<KnownProvider | undefined> {
  if (TYPES.includes(name)) return undefined;
  const names = (await api.list("/v1/provider-presets", listed)).map((preset) => preset.name);
  if (!names.includes(name)) {
    const [near] = nearest(name, names, 1);
    throw new CommandError(
      `no provider is known as ${name}${near === undefined ? "." : `: did you mean ${near}?`} ` +
        `\`${COMMAND} providers presets\` lists them; custom, with --url, is any other`,
    );
  }
  return api.call("GET", `/v1/provider-presets/${encodeURIComponent(name)}`, known);
}
