import type { PriceVersion } from "../core/catalogue.ts";

/** A price, whatever it is made of. */
export type Amounted = Pick<PriceVersion, "rates" | "tiers">;

/** What a request over a backend is charged at least, by the names of prices; undefined = nothing. */
export interface Floor {
  readonly partner: string | undefined;
  readonly tenant: string | undefined;
}

/** What a tenant, and its partner, pay for what a route serves. */
export interface Terms {
  /** By the name of the price, as far as the model goes: a backend may have a floor beneath it. Undefined = nothing. */
  readonly partner: string | undefined;
  readonly tenant: string | undefined;
  /** False: such a request cannot be accounted for. */
  readonly isPriced: boolean;
  /** Since one of the prices cannot be read, not since there is none. */
  readonly isSpoilt: boolean;
  /** No more than that, whichever of the backends serves. */
  readonly most: { readonly partner: Amounted | undefined; readonly tenant: Amounted | undefined };
  /** The most that the floors of the backends come to. */
  readonly floors: Terms["most"];
}

/** Whether such requests are served: for nothing where nobody has said a price, never where the price is damaged. */
export function isServed(
  { isPriced, isSpoilt }: Pick<Terms, "isPriced" | "isSpoilt">,
  unpriced: "refuse" | "serve",
): boolean {
  return isPriced || (unpriced === "serve" && !isSpoilt);
}
