import type { FrontendModel } from "../core/catalogue.ts";
import { dearest } from "../pricing/dearest.ts";
import type { PayingTenant } from "../routing/route.ts";
import type { Amounted, Floor, Terms } from "../routing/terms.ts";
import type { PriceList } from "./price-list.ts";

/** Tenants whose terms are kept for one route; beyond it all are worked out again. */
const TENANTS_MAX = 10_000;

interface Known {
  readonly terms: Terms;
  /** Epoch milliseconds. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * What tenants pay for what one route serves: worked out once for all that have no price book over them, and once for each
 * that has, until an entry begins or ends. Made anew with its route.
 */
export class RouteTerms {
  readonly #model: FrontendModel;
  readonly #floors: readonly Floor[];
  readonly #prices: PriceList;
  /** By tenant; "" = those without a book. */
  readonly #known = new Map<string, Known>();

  constructor(model: FrontendModel, floors: readonly Floor[], prices: PriceList) {
    this.#model = model;
    this.#floors = floors;
    this.#prices = prices;
  }

  for(tenant: PayingTenant, nowMs: number): Terms {
    const key = this.#prices.hasBook(tenant) ? tenant.id : "";
    const known = this.#known.get(key);
    if (known && nowMs >= known.fromMs && nowMs < known.untilMs) return known.terms;
    const paid = this.#prices.paid(this.#model, tenant, nowMs);
    const { partner, tenant: own, isPriced, isSpoilt, untilMs } = paid;
    const floors = { partner: this.#floorsOf("partner"), tenant: this.#floorsOf("tenant") };
    const most = {
      partner: this.#dearest([partner, ...floors.partner]),
      tenant: this.#dearest([own, ...floors.tenant]),
    };
    const terms: Terms = {
      partner,
      tenant: own,
      isPriced,
      isSpoilt,
      most,
      floors: { partner: this.#dearest(floors.partner), tenant: this.#dearest(floors.tenant) },
    };
    if (this.#known.size >= TENANTS_MAX) this.#known.clear();
    this.#known.set(key, { terms, fromMs: nowMs, untilMs });
    return terms;
  }

  #floorsOf(level: keyof Floor): readonly (string | undefined)[] {
    return this.#floors.map((floor) => floor[level]);
  }

  /** A price that none of these is above. */
  #dearest(names: readonly (string | undefined)[]): Amounted | undefined {
    const prices = [...new Set(names)].flatMap((name) =>
      name === undefined ? [] : (this.#prices.named(name) ?? []),
    );
    return dearest(prices);
  }
}
