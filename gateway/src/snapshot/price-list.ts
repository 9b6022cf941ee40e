import type { FrontendModel, PriceVersion } from "../core/catalogue.ts";
import type { PriceEntry } from "../core/price-book.ts";
import { type Book, entryFor, nextChangeOf } from "../pricing/book.ts";
import { type PriceRow, priceOfName, raisedBy } from "../pricing/price-name.ts";
import type { Tiered } from "../pricing/tiers.ts";
import { inForce, isSpoilt } from "../pricing/version.ts";
import type { PayingTenant } from "../routing/route.ts";

/** One change to prices. */
export type PriceDelta =
  | { readonly kind: "price_version"; readonly id: string; readonly value: PriceVersion | undefined }
  | { readonly kind: "price_entry"; readonly id: string; readonly value: PriceEntry | undefined };

/** A price with the name it goes by in intents. */
export interface NamedPrice extends Tiered {
  readonly id: string;
}

/** What requests for one model are paid at each level, by name; undefined = nothing, or not priced. */
export interface BookPrices {
  readonly partner: string | undefined;
  readonly tenant: string | undefined;
  /** False: a request cannot be accounted for. */
  readonly isPriced: boolean;
  /** Since one of the prices cannot be read, not since there is none. */
  readonly isSpoilt: boolean;
  /** The entries that made it so. */
  readonly partnerEntry: PriceEntry | undefined;
  readonly tenantEntry: PriceEntry | undefined;
  /** Epoch milliseconds: until then, as things stand. */
  readonly untilMs: number;
}

interface OwnBook extends Book {
  readonly entries: Map<string, readonly PriceEntry[]>;
  readonly endedAt: Map<string, number>;
}

/** Prices that were made of several rows; worked out again where there are more. */
const MADE_MAX = 20_000;

/** Every price version and every entry of a price book, and what they come to. */
export class PriceList {
  readonly #versions = new Map<string, PriceVersion>();
  /** Oldest first. */
  readonly #versionsOf = new Map<string, readonly PriceVersion[]>();
  readonly #entries = new Map<string, PriceEntry>();
  /** By tenant, or partner. */
  readonly #books = new Map<string, OwnBook>();
  readonly #made = new Map<string, NamedPrice>();
  readonly #unreadable = new Set<string>();

  version(id: string): PriceVersion | undefined {
    return this.#versions.get(id);
  }
  versionsOf(subjectId: string): readonly PriceVersion[] {
    return this.#versionsOf.get(subjectId) ?? [];
  }
  versions(): Iterable<PriceVersion> {
    return this.#versions.values();
  }
  entry(id: string): PriceEntry | undefined {
    return this.#entries.get(id);
  }
  /** The ids of rows that are no price. */
  get unreadable(): readonly string[] {
    return [...this.#unreadable];
  }
  /** The book of a partner or a tenant; undefined where it has none. */
  bookOf(subjectId: string): Book | undefined {
    return this.#books.get(subjectId);
  }
  /** Whether anything but the model's own price can be what a tenant, or its partner, pays. */
  hasBook({ id, partnerId }: PayingTenant): boolean {
    return this.#books.size > 0 && (this.#books.has(id) || this.#books.has(partnerId));
  }

  /** The price that a name stands for, the same for good; undefined where one of its rows is not there. */
  named(name: string): NamedPrice | undefined {
    if (this.#unreadable.has(name)) return undefined;
    const known = this.#versions.get(name) ?? this.#made.get(name);
    if (known) return known;
    const price = priceOfName(name, (id) => this.#row(id));
    if (!price) return undefined;
    const { rates, tiers, batchPpm } = price;
    const made: NamedPrice = {
      id: name,
      rates,
      ...(tiers && { tiers }),
      ...(batchPpm !== undefined && { batchPpm }),
    };
    if (this.#made.size >= MADE_MAX) this.#made.clear();
    this.#made.set(name, made);
    return made;
  }

  /** What a tenant and its partner pay for a model at `nowMs`, by their books. */
  paid({ id, free }: Pick<FrontendModel, "id" | "free">, tenant: PayingTenant, nowMs: number): BookPrices {
    const versions = this.versionsOf(id);
    const list = isSpoilt(versions, nowMs) ? SPOILT : inForce(versions, nowMs)?.id;
    const [ofPartner, ofTenant] = [this.#books.get(tenant.partnerId), this.#books.get(tenant.id)];
    const partnerEntry = entryFor(ofPartner, id, nowMs);
    const tenantEntry = entryFor(ofTenant, id, nowMs);
    const partner = after(list, partnerEntry);
    const paid = after(partner, tenantEntry);
    const spoilt = partner === SPOILT || paid === SPOILT;
    return {
      partner: nameOf(partner),
      tenant: nameOf(paid),
      isPriced: !spoilt && (free || (partner !== undefined && paid !== undefined)),
      isSpoilt: spoilt,
      partnerEntry,
      tenantEntry,
      untilMs: Math.min(nextChangeOf(ofPartner, id, nowMs), nextChangeOf(ofTenant, id, nowMs)),
    };
  }

  apply(delta: PriceDelta): void {
    // Versions and entries are append-only: there is nothing to take away.
    if (delta.kind === "price_version") this.#addVersion(delta.value);
    else this.#addEntry(delta.value);
  }

  #row(id: string): PriceRow | undefined {
    if (this.#unreadable.has(id)) return undefined;
    const version = this.#versions.get(id);
    if (version) return version;
    const terms = this.#entries.get(id)?.terms;
    return terms?.kind === "end" ? undefined : terms;
  }

  #addVersion(version: PriceVersion | undefined): void {
    if (!version || this.#versions.has(version.id)) return;
    this.#versions.set(version.id, version);
    if (version.isUnreadable === true) this.#unreadable.add(version.id);
    const versions = [...this.versionsOf(version.subject.id), version];
    versions.sort((a, b) => a.effectiveFrom - b.effectiveFrom || (a.id < b.id ? -1 : 1));
    this.#versionsOf.set(version.subject.id, versions);
  }

  #addEntry(entry: PriceEntry | undefined): void {
    if (!entry || this.#entries.has(entry.id)) return;
    this.#entries.set(entry.id, entry);
    const subject = entry.tenantId ?? entry.partnerId;
    const book = this.#books.get(subject) ?? { entries: new Map(), endedAt: new Map() };
    this.#books.set(subject, book);
    const { terms, modelId, effectiveFrom } = entry;
    if (terms.kind === "end") {
      const known = book.endedAt.get(terms.entryId) ?? Number.POSITIVE_INFINITY;
      book.endedAt.set(terms.entryId, Math.min(known, effectiveFrom));
      return;
    }
    if (terms.kind === "price" && terms.isUnreadable === true) this.#unreadable.add(entry.id);
    book.entries.set(modelId, [...(book.entries.get(modelId) ?? []), entry]);
  }
}

/** In place of the name of a price that cannot be read. */
const SPOILT = Symbol("spoilt");
type Name = string | typeof SPOILT | undefined;

function nameOf(name: Name): string | undefined {
  return name === SPOILT ? undefined : name;
}

/** A price after an entry of the level below; a mark-up on nothing is nothing. */
function after(name: Name, entry: PriceEntry | undefined): Name {
  switch (entry?.terms.kind) {
    case "price":
      return entry.terms.isUnreadable === true ? SPOILT : entry.id;
    case "mark_up":
      return typeof name === "string" ? raisedBy(name, entry.id) : name;
    default:
      return name;
  }
}
