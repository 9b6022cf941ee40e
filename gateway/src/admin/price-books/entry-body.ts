import { z } from "zod";
import { ANY_MODEL, type EntryTerms } from "../../core/price-book.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import { formatAmount } from "../../base/money.ts";
import { ApiError } from "../../errors.ts";
import { markUpFrom } from "../../pricing/mark-up.ts";
import { type Tiered, tieredBound } from "../../pricing/tiers.ts";
import { outputTokensMax } from "../../pricing/bound.ts";
import { decimal, prices, type PricesInput } from "../fields.ts";
import { notThere } from "../owned.ts";
import { ratesOf } from "../price-input.ts";

/** Instants this much in the past are now: clocks differ. */
const PAST_MS = 60_000;

export const instant = z.iso
  .datetime({ offset: true, error: "must be a date and time such as 2027-01-01T00:00:00Z" })
  .transform((text) => Date.parse(text));

export const entryBody = z
  .strictObject({
    tenant_id: z.string().max(64).optional().describe("What this tenant pays its partner."),
    partner_id: z.string().max(64).optional().describe("What this partner pays the platform."),
    model_id: z.string().max(64).describe("`*`: every model that has no entry of its own."),
    prices: prices.optional().describe("In place of the price of the level above."),
    mark_up_percent: decimal
      .optional()
      .describe('On the price of the level above: "20" is a fifth more, "-10" a tenth less.'),
    effective_from: instant.optional().describe("Not in the past; now when absent."),
    effective_until: instant.optional().describe("From then on the entry before it is in force again."),
  })
  .refine((body) => (body.partner_id === undefined) !== (body.tenant_id === undefined), {
    path: ["tenant_id"],
    message: "give either tenant_id or partner_id",
  })
  .refine((body) => (body.prices === undefined) !== (body.mark_up_percent === undefined), {
    path: ["prices"],
    message: "give either prices or mark_up_percent",
  })
  .refine((body) => body.model_id !== ANY_MODEL || body.prices === undefined, {
    path: ["prices"],
    message: "are one model's: name it, or give mark_up_percent for every model",
  })
  .meta({
    examples: [
      { tenant_id: "tenant_01JZX3K9QFT4M7W2N8C5D6E0AD", model_id: ANY_MODEL, mark_up_percent: "20" },
    ],
  });
export type EntryBody = z.output<typeof entryBody>;

/** What an entry of this body does. Throws ApiError VALIDATION_ERROR by field. */
export function termsFrom(
  { prices: asked, mark_up_percent: percent }: Pick<EntryBody, "prices" | "mark_up_percent">,
  model: FrontendModel | undefined,
): EntryTerms {
  if (asked !== undefined) return { kind: "price", ...affordable(asked, model) };
  const { ppm, problem } = markUpFrom(percent ?? "");
  if (problem !== undefined) throw notThere("mark_up_percent", problem);
  return { kind: "mark_up", ppm };
}

/** Throws ApiError VALIDATION_ERROR for a price at which one request could cost more than an amount can hold. */
function affordable(asked: PricesInput, model: FrontendModel | undefined): Tiered {
  const price = ratesOf(asked, "prices");
  if (model === undefined) return price;
  const { contextWindow } = model;
  const tokens = { inputTokensMax: contextWindow, outputTokensMax: outputTokensMax(undefined, model), n: 1 };
  const verdict = tieredBound(tokens, price);
  if (verdict.kind !== "too_large") return price;
  const message = `one request could cost ${formatAmount(verdict.amount)}: more than an amount can hold`;
  throw notThere("prices", message);
}

/** When it begins and ends, epoch milliseconds. Throws ApiError VALIDATION_ERROR by field. */
export function spanFrom(
  { effective_from: from, effective_until: until }: Pick<EntryBody, "effective_from" | "effective_until">,
  nowMs: number,
): { readonly effectiveFrom: number; readonly effectiveUntil?: number } {
  if (from !== undefined && from < nowMs - PAST_MS) {
    throw notThere("effective_from", "must not be in the past: what was charged stays");
  }
  const effectiveFrom = Math.max(from ?? nowMs, nowMs);
  if (until === undefined) return { effectiveFrom };
  if (until > effectiveFrom) return { effectiveFrom, effectiveUntil: until };
  throw new ApiError("VALIDATION_ERROR", undefined, {
    details: [{ field: "effective_until", message: "must be after effective_from" }],
  });
}
