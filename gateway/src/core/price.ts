import type { Pico } from "../base/money.ts";
import type { UsageBucket } from "./usage.ts";

/**
 * Integer pico per smallest unit (token, image, millisecond) for each bucket, worked out once when the version
 * is made. A bucket without a rate of its own is rated as its parent (see `pricing/rates.ts`).
 */
export type Rates = Readonly<Partial<Record<UsageBucket, Pico>>>;

/** What a whole request costs, from its first token, once its prompt has more tokens than this. */
export interface PriceTier {
  readonly aboveInputTokens: number;
  readonly rates: Rates;
}
