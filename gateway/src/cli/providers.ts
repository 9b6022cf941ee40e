import { z } from "zod";
import type { Api } from "./api.ts";
import type { Output } from "./output.ts";
import { tableOf } from "./table.ts";

const provider = z.object({
  id: z.string(),
  type: z.string(),
  preset: z.string().optional(),
  name: z.string(),
  base_url: z.string().optional(),
  connection: z
    .object({ api_key_last4: z.string(), api_key_from: z.string().optional(), api_key_found: z.boolean() })
    .optional(),
  status: z.string(),
  backend_count: z.number(),
});
const preset = z.object({
  name: z.string(),
  label: z.string(),
  base_url: z.string(),
  key_variable: z.string().optional(),
  model_count: z.number(),
});

/** `scaigrid providers list`: the accounts of this gateway. */
export async function providersList(api: Api, asJson: boolean, output: Output): Promise<void> {
  const providers = await api.list("/v1/providers", provider);
  if (asJson) {
    output.data(JSON.stringify(providers));
    return;
  }
  const rows = providers.map((each) => [
    each.id,
    each.name,
    each.preset ?? each.type,
    keyOf(each.connection),
    String(each.backend_count),
    each.status,
    each.base_url ?? "–",
  ]);
  output.data(tableOf([["ID", "NAME", "KIND", "KEY", "BACKENDS", "STATUS", "ADDRESS"], ...rows]));
}

/** Never the key: where it is kept, or how it ends. */
function keyOf(connection: z.infer<typeof provider>["connection"]): string {
  if (connection === undefined) return "none";
  const { api_key_from: from, api_key_last4: last4, api_key_found: isFound } = connection;
  if (from !== undefined) return isFound ? from : `${from} (not found)`;
  return last4 === "" ? "set" : `…${last4}`;
}

/** `scaigrid providers presets`: what can be added by name alone. */
export async function providersPresets(api: Api, asJson: boolean, output: Output): Promise<void> {
  const presets = await api.list("/v1/provider-presets", preset);
  if (asJson) {
    output.data(JSON.stringify(presets));
    return;
  }
  const rows = presets.map((each) => [
    each.name,
    each.label,
    each.key_variable ?? "–",
    String(each.model_count),
    each.base_url,
  ]);
  output.data(tableOf([["NAME", "PROVIDER", "KEY VARIABLE", "MODELS", "ADDRESS"], ...rows]));
}
