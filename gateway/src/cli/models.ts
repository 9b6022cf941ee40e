import { z } from "zod";
import type { Api } from "./api.ts";
import type { Output } from "./output.ts";
import { tableOf } from "./table.ts";

const model = z.object({
  id: z.string(),
  slug: z.string(),
  free: z.boolean(),
  input_price_per_mtok: z.string().nullish(),
  output_price_per_mtok: z.string().nullish(),
  active_backend_count: z.number(),
});
const policy = z.object({
  id: z.string(),
  model_id: z.string(),
  targets: z.array(z.object({ backend_id: z.string() })),
});
const backend = z.object({ provider_id: z.string() });
const provider = z.object({ name: z.string(), backend_count: z.number() });
type Policy = z.infer<typeof policy>;

/** `scaigrid models list`: the models that this key may use. */
export async function modelsList(api: Api, asJson: boolean, output: Output): Promise<void> {
  const models = await api.list("/v1/models", model);
  if (asJson) {
    output.data(JSON.stringify(models));
    return;
  }
  const rows = models.map((each) => [
    each.slug,
    each.free ? "free" : (each.input_price_per_mtok ?? "–"),
    each.free ? "free" : (each.output_price_per_mtok ?? "–"),
    String(each.active_backend_count),
  ]);
  output.data(tableOf([["MODEL", "INPUT", "OUTPUT", "BACKENDS"], ...rows]));
}

/**
 * `scaigrid models remove`: takes back what `providers add` made. Backends and providers go with the model where
 * nothing else uses them. Throws CommandError for a slug that no model has.
 */
export async function modelsRemove(slug: string, api: Api, output: Output): Promise<void> {
  const found = await api.call("GET", `/v1/models/${encodeURIComponent(slug)}`, model);
  const policies = await api.list("/v1/routing-policies", policy);
  const own = policies.filter((each) => each.model_id === found.id);
  for (const { id } of own) await api.call("DELETE", `/v1/routing-policies/${id}`, z.unknown());
  await api.call("DELETE", `/v1/models/${found.id}`, z.unknown());
  output.data(`${found.slug} is removed`);
  const others = policies.filter((each) => each.model_id !== found.id);
  for (const id of idleBackends(own, others)) await removeBackend(id, api, output);
}

function idleBackends(own: readonly Policy[], others: readonly Policy[]): ReadonlySet<string> {
  const used = new Set(others.flatMap((each) => each.targets.map((target) => target.backend_id)));
  const ids = own.flatMap((each) => each.targets.map((target) => target.backend_id));
  return new Set(ids.filter((id) => !used.has(id)));
}

async function removeBackend(id: string, api: Api, output: Output): Promise<void> {
  const { provider_id: providerId } = await api.call("GET", `/v1/backends/${id}`, backend);
  await api.call("DELETE", `/v1/backends/${id}`, z.unknown());
  const { name, backend_count: left } = await api.call("GET", `/v1/providers/${providerId}`, provider);
  if (left > 0) {
    output.note(`the provider ${name} stays: it has ${left} more ${left === 1 ? "backend" : "backends"}`);
    return;
  }
  await api.call("DELETE", `/v1/providers/${providerId}`, z.unknown());
  output.note(`the provider ${name} is removed: nothing else used it`);
}
