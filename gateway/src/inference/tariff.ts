import { dearest } from "../pricing/dearest.ts";
import { atLeast } from "../pricing/price-name.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { PayingTenant, Route } from "../routing/route.ts";
import type { Terms } from "../routing/terms.ts";

/** Prices by name; undefined = nothing. */
type Paid = Pick<Terms, "partner" | "tenant">;

/** What one request pays, as of its admission: by the model that was asked for, or the one that serves it. */
export class Tariff {
  readonly #asked: Terms;
  /** Of each route in their order; undefined where there is one. */
  readonly #all: readonly Terms[] | undefined;
  readonly #routes: readonly Route[];
  readonly #isServed: boolean;

  /** `routes`: at least the one that was asked for, which is the first. */
  constructor(asked: Route, routes: readonly Route[], tenant: PayingTenant, nowMs: number) {
    this.#asked = asked.terms.for(tenant, nowMs);
    this.#routes = routes;
    this.#isServed = asked.policy.fallbackPrice === "served";
    this.#all = routes.length > 1 ? allTerms(routes, tenant, nowMs) : undefined;
  }

  /** Whether the request can be accounted for, and if not whether that is since a price cannot be read. */
  get asked(): Pick<Terms, "isPriced" | "isSpoilt"> {
    return this.#asked;
  }

  /** What it pays where this backend serves it. */
  paidAt({ model, floor }: Candidate): Paid {
    const terms = (this.#isServed ? this.#termsOf(model) : undefined) ?? this.#asked;
    if (!floor) return terms;
    return { partner: atLeast(terms.partner, floor.partner), tenant: atLeast(terms.tenant, floor.tenant) };
  }

  #termsOf(model: Candidate["model"]): Terms | undefined {
    return this.#all?.[this.#routes.findIndex((route) => route.model === model)];
  }

  /** The most it can be asked to pay, whichever backend serves it. */
  get most(): Terms["most"] {
    const all = this.#all;
    if (!all) return this.#asked.most;
    const counted = this.#isServed
      ? all.map(({ most }) => most)
      : [this.#asked.most, ...all.map(({ floors }) => floors)];
    return {
      partner: dearest(counted.flatMap(({ partner }) => partner ?? [])),
      tenant: dearest(counted.flatMap(({ tenant }) => tenant ?? [])),
    };
  }
}

function allTerms(routes: readonly Route[], tenant: PayingTenant, nowMs: number): readonly Terms[] {
  return routes.map(({ terms }) => terms.for(tenant, nowMs));
}
