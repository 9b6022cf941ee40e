import { pricesBody } from "./fields.ts";
import type { PriceDraft } from "./fields.ts";
import type { Subject } from "../subjects/subject-field.tsx";

/** Every model that has no entry of its own, as the API names it. */
export const ANY_MODEL = "*";

/** An entry of a price book as its form holds it; empty is what is not said. */
export interface EntryDraft {
  /** Who pays: a tenant its partner, or a partner the platform. */
  readonly payer: Subject;
  readonly modelId: string;
  readonly kind: "mark_up" | "prices";
  readonly percent: string;
  readonly price: PriceDraft;
  /** As the browser's own field has it, in the reader's time: `2026-12-01T00:00`. */
  readonly from: string;
  readonly until: string;
}

/** The entry as the API takes it. */
export function bodyOf({ payer, modelId, ...draft }: EntryDraft): object {
  return {
    ...(payer.kind === "partner" ? { partner_id: payer.id } : { tenant_id: payer.tenantId }),
    model_id: modelId,
    ...(draft.kind === "mark_up" ? { mark_up_percent: draft.percent } : { prices: pricesBody(draft.price) }),
    ...(draft.from !== "" && { effective_from: instantOf(draft.from) }),
    ...(draft.until !== "" && { effective_until: instantOf(draft.until) }),
  };
}

/** A local time of day as an instant. What is none goes as it is: the gateway says so. */
export function instantOf(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? local : at.toISOString();
}
