import { z } from "zod";
import type { Clock } from "../../base/clock.ts";
import { newId } from "../../base/ids.ts";
import type { Provider } from "../../core/catalogue.ts";
import { offeredSlug } from "../../core/slug.ts";
import { vendorName } from "../../providers/catalogue.ts";
import type { Vendor } from "../../providers/vendor.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { createProvider, updateProvider } from "../../store/catalogue/writer.ts";
import { loadSetting } from "../../store/settings/reader.ts";
import { addSetting, putSetting } from "../../store/settings/writer.ts";
import type { Reader } from "../../store/store.ts";
import type { Write } from "../../store/write.ts";
import { type OfferedModel, offerWrites } from "./offer.ts";

/** What offering needs; `AdminDeps` has it all. */
export interface OfferDeps {
  readonly clock: Clock;
  readonly snapshot: Snapshot;
  readonly read: Reader;
  commit(writes: readonly Write[]): Promise<void>;
  seal(plain: string, rowId: string): string;
}

/** An account or server that a start has found. */
export interface Found {
  readonly vendor: Vendor;
  /** Where it is, unless at the vendor's own address. */
  readonly baseUrl?: string;
  /** Where its key is kept, unless it needs none. */
  readonly reference?: string;
  readonly models: readonly OfferedModel[];
}

/** What became of it. */
export interface Offered {
  /** Models that can be called from now on, and could not before. */
  readonly added: number;
  /** Upstream names whose slug is taken, or that make none. */
  readonly left: readonly string[];
  /** Whether the provider itself was not there before. */
  readonly isNew: boolean;
}

/** What was offered at earlier starts: it is not offered again, so that what an operator removes stays away. */
const record = z.object({
  provider_id: z.string(),
  base_url: z.string().optional(),
  models: z.array(z.string()),
});
type OfferRecord = z.infer<typeof record>;

const NOTHING: Offered = { added: 0, left: [], isNew: false };

/**
 * Adds what was found, in one commit: the provider once in the life of an installation, each of its models once.
 * An operator's own provider of that vendor, or the removal of the one that was added, ends it. Rejects with
 * StoreUnavailable.
 */
export async function offer(found: Found, deps: OfferDeps): Promise<Offered> {
  const name = vendorName(found.vendor);
  const key = `offered:${name}`;
  const former = await formerOffer(key, deps.read);
  const nowMs = deps.clock.now();
  const existing = former && deps.snapshot.providerById(former.provider_id);
  if (former ? existing === undefined : hasOwn(name, deps.snapshot)) return NOTHING;
  const seen = new Set(former?.models);
  const fresh = found.models.filter((model) => !seen.has(model.upstreamModel));
  const isMoved = former !== undefined && former.base_url !== found.baseUrl;
  if (fresh.length === 0 && !isMoved && former !== undefined) return NOTHING;
  const provider = existing ?? providerOf(found, nowMs);
  const { slugs, left } = slugsFor(name, fresh, deps.snapshot);
  const offered: OfferRecord = {
    provider_id: provider.id,
    ...(found.baseUrl !== undefined && { base_url: found.baseUrl }),
    models: [...seen, ...fresh.map((model) => model.upstreamModel)],
  };
  await deps.commit([
    // Of two nodes that start together, one adds it.
    (former ? putSetting : addSetting)(key, JSON.stringify(offered)),
    ...(existing ? moveWrites(existing, former, found, nowMs) : addWrites(provider, found, deps, nowMs)),
    ...[...slugs].flatMap(([slug, model]) => offerWrites(slug, model, provider, nowMs)),
  ]);
  return { added: slugs.size, left, isNew: former === undefined };
}

async function formerOffer(key: string, read: Reader): Promise<OfferRecord | undefined> {
  const text = await loadSetting(read, key);
  return text === undefined ? undefined : record.parse(JSON.parse(text));
}

/** Whether an operator has added this vendor: then they know what they want of it. */
function hasOwn(name: string, snapshot: Snapshot): boolean {
  return [...snapshot.providers()].some((provider) => vendorName(provider) === name);
}

function providerOf({ vendor, baseUrl }: Found, nowMs: number): Provider {
  return {
    id: newId("prov", nowMs),
    type: vendor.type,
    ...(vendor.preset !== undefined && { preset: vendor.preset }),
    name: vendor.label,
    ...(baseUrl !== undefined && { baseUrl }),
    status: "active",
    createdAt: nowMs,
  };
}

function addWrites(provider: Provider, { reference }: Found, deps: OfferDeps, nowMs: number): Write[] {
  const sealed = reference === undefined ? null : deps.seal(reference, provider.id);
  return createProvider(provider, sealed, nowMs);
}

/** The address follows the environment, as the key does, until an operator has given another one. */
function moveWrites(
  provider: Provider,
  former: OfferRecord | undefined,
  { baseUrl }: Found,
  nowMs: number,
): Write[] {
  if (provider.baseUrl !== former?.base_url || provider.baseUrl === baseUrl) return [];
  const { baseUrl: _former, ...rest } = provider;
  return updateProvider({ ...rest, ...(baseUrl !== undefined && { baseUrl }) }, undefined, nowMs);
}

function slugsFor(
  vendor: string,
  models: readonly OfferedModel[],
  snapshot: Snapshot,
): { readonly slugs: ReadonlyMap<string, OfferedModel>; readonly left: readonly string[] } {
  const slugs = new Map<string, OfferedModel>();
  const left: string[] = [];
  for (const model of models) {
    const slug = offeredSlug(vendor, model.upstreamModel);
    if (slug === undefined || slugs.has(slug) || snapshot.modelBySlug(slug)) left.push(model.upstreamModel);
    else slugs.set(slug, model);
  }
  return { slugs, left };
}
