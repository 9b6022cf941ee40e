import { z } from "zod";
import { offeredSlug } from "../core/slug.ts";
import { PriceCatalogue } from "../providers/price-catalogue.ts";
import type { Api } from "./api.ts";
import { CommandError, type Output } from "./output.ts";
import { tableOf } from "./table.ts";

export interface ImportOptions {
  readonly yes?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Prices as the API tells them: figures by field, tiers among them. */
const figures = z.record(z.string(), z.unknown());
type Figures = z.infer<typeof figures>;

const backend = z.looseObject({
  id: z.string(),
  uri: z.string(),
  free: z.boolean(),
  costs: figures.optional(),
  cost_source: z.string().optional(),
  managed_by: z.unknown().optional(),
});
const model = z.looseObject({
  id: z.string(),
  slug: z.string(),
  free: z.boolean(),
  prices: figures.optional(),
  price_source: z.string().optional(),
  managed_by: z.unknown().optional(),
});

/** What of the gateway's a catalogue has other figures for. */
interface Difference {
  readonly what: "cost" | "price";
  readonly id: string;
  /** The backend's address, or the model's slug. */
  readonly name: string;
  readonly from: Figures;
  readonly to: Figures;
  /** Why it stays as it is; absent = it is taken over. */
  readonly kept?: string;
}

/**
 * Tells in what the costs of backends and the prices of models differ from a catalogue, the shipped one where no text is
 * given, and with `yes` takes it over: each as a new version from now on. What somebody has typed in stays without
 * `all`. Throws CommandError for a text that is no catalogue, and for one in another currency.
 */
export async function pricesImport(
  text: string | undefined,
  options: ImportOptions,
  api: Api,
  output: Output,
): Promise<void> {
  const catalogue = text === undefined ? await PriceCatalogue.shipped() : catalogueOf(text);
  const { currency } = await api.call("GET", "/v1/me", z.looseObject({ currency: z.string() }));
  if (currency !== catalogue.currency) {
    throw new CommandError(`the catalogue is in ${catalogue.currency}, this installation in ${currency}`);
  }
  const all = options.all === true;
  const differences = [...(await costs(catalogue, all, api)), ...(await prices(catalogue, all, api))];
  const taken = differences.filter(({ kept }) => kept === undefined);
  const isTaken = options.yes === true && taken.length > 0;
  if (options.json !== true) tell(differences, output);
  if (isTaken) for (const each of taken) await takeOver(each, catalogue.mark, api);
  if (options.json === true) {
    output.data(
      JSON.stringify({ source: catalogue.mark, differences, taken_over: isTaken ? taken.length : 0 }),
    );
    return;
  }
  if (differences.length === 0) output.data(`everything is as in ${catalogue.mark}`);
  else if (isTaken) output.note(`${taken.length} taken over from ${catalogue.mark}`);
  else output.note(`${taken.length} differ from ${catalogue.mark}; nothing is changed`);
}

/** Throws CommandError. */
function catalogueOf(text: string): PriceCatalogue {
  try {
    const catalogue = new PriceCatalogue(text);
    for (const vendor of catalogue.vendors) catalogue.modelsOf(vendor);
    return catalogue;
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const where = issue ? `: ${issue.path.join(".")} ${issue.message}` : "";
    throw new CommandError(`this is no price catalogue${where}`);
  }
}

async function costs(catalogue: PriceCatalogue, all: boolean, api: Api): Promise<Difference[]> {
  const known = new Map<string, Figures>();
  const found = await api.list("/v1/backends", backend);
  for (const vendor of new Set(found.map(({ uri }) => vendorIn(uri)))) {
    for (const { id, prices: asked } of catalogue.modelsOf(vendor))
      if (asked) known.set(`${vendor}:${id}`, asked);
  }
  return found.flatMap(({ id, uri, free, costs: present, cost_source, managed_by }) => {
    const to = known.get(uri);
    if (!to || free) return [];
    return difference({ what: "cost", id, name: uri, from: present ?? {}, to }, cost_source, managed_by, all);
  });
}

function vendorIn(uri: string): string {
  return uri.slice(0, Math.max(0, uri.indexOf(":")));
}

async function prices(catalogue: PriceCatalogue, all: boolean, api: Api): Promise<Difference[]> {
  const known = new Map<string, Figures>();
  for (const vendor of catalogue.vendors) {
    for (const { id, prices: asked } of catalogue.modelsOf(vendor)) {
      const slug = offeredSlug(vendor, id);
      if (slug !== undefined && asked) known.set(slug, asked);
    }
  }
  const differences: Difference[] = [];
  for (const { slug, free } of await api.list("/v1/models", model)) {
    const to = known.get(slug);
    if (!to || free) continue;
    // The list does not tell all of a price.
    const found = await api.call("GET", `/v1/models/${encodeURIComponent(slug)}`, model);
    const about = { what: "price" as const, id: found.id, name: slug, from: found.prices ?? {}, to };
    differences.push(...difference(about, found.price_source, found.managed_by, all));
  }
  return differences;
}

function difference(
  about: Omit<Difference, "kept">,
  source: string | undefined,
  managedBy: unknown,
  all: boolean,
): Difference[] {
  if (changedFields(about).length === 0) return [];
  if (managedBy !== undefined) return [{ ...about, kept: "declared in the configuration file" }];
  const isTyped = source === undefined && Object.keys(about.from).length > 0;
  return [isTyped && !all ? { ...about, kept: "typed in; --all takes it over" } : about];
}

/** The fields in which a price differs, each as text before and after. */
function changedFields({ from, to }: Pick<Difference, "from" | "to">): (readonly [string, string, string])[] {
  const fields = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return fields.flatMap((field) => {
    const [before, after] = [told(from[field]), told(to[field])];
    return before === after ? [] : [[field, before, after] as const];
  });
}

function told(value: unknown): string {
  if (value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function tell(differences: readonly Difference[], output: Output): void {
  if (differences.length === 0) return;
  const rows = differences.flatMap((each) =>
    changedFields(each).map(([field, before, after]) => [
      each.what,
      each.name,
      field,
      before,
      after,
      each.kept === undefined ? "" : `stays: ${each.kept}`,
    ]),
  );
  output.data(tableOf([["OF", "NAME", "FIELD", "NOW", "CATALOGUE", ""], ...rows]));
}

async function takeOver({ what, id, to }: Difference, mark: string, api: Api): Promise<void> {
  if (what === "cost") {
    await api.call("PATCH", `/v1/backends/${id}`, backend, { costs: to, cost_source: mark });
  } else {
    await api.call("PATCH", `/v1/models/${id}`, model, { prices: to, price_source: mark });
  }
}
