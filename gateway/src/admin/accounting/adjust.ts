import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { newId } from "../../base/ids.ts";
import { AMOUNT_MAX, parseSigned, type Pico } from "../../base/money.ts";
import type { Adjustment } from "../../core/ledger.ts";
import type { Principal } from "../../core/principal.ts";
import type { Partner, Tenant } from "../../core/tenancy.ts";
import { statementMonth } from "../../settlement/ledger/booking.ts";
import { Months } from "../../settlement/ledger/months.ts";
import { addAdjustment } from "../../store/ledger/adjustments.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { decimal, longText } from "../fields.ts";
import { notThere } from "../owned.ts";
import { committed } from "../refusals.ts";
import { adjustmentView, month, viewAdjustment } from "./adjustment-view.ts";
import { monthSpan } from "./period.ts";

const REASON_CHARS = 500;

const body = z
  .strictObject({
    tenant_id: z.string().max(64).optional().describe("Whose bill it is; instead of it, `partner_id`."),
    partner_id: z.string().max(64).optional(),
    amount: decimal.describe("Added to what is owed; with a minus it is a credit."),
    month: month.optional().describe("The month it is about; the running one when absent."),
    reason: longText(REASON_CHARS).refine((text) => text.trim() !== "", "must not be empty"),
  })
  .meta({
    examples: [
      {
        tenant_id: "tenant_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        amount: "-12.50",
        month: "2026-10",
        reason: "Answers of 12 October were cut.",
      },
    ],
  });

export const createAdjustment = adminEndpoint({
  method: "POST",
  path: "/v1/accounting/adjustments",
  access: "accounting:adjust",
  tag: "Accounting",
  operationId: "createAdjustment",
  summary: "Correct what a tenant or a partner owes, in the ledger and in its statement; budgets do not move",
  costBearing: false,
  auditAction: "adjustment.create",
  body,
  response: adjustmentView,
  async handle({ principal, body: asked }, deps) {
    const { partner, tenant } = adjusted(asked, principal, deps);
    const amount = amountOf(asked.amount);
    const now = deps.clock.now();
    const owner = { partnerId: partner.id, ...(tenant && { tenantId: tenant.id }) };
    const moved = { ...owner, ...monthsOf(asked.month, (tenant ?? partner).timeZone, now), amount };
    const adjustment: Adjustment = {
      id: newId("adj", now),
      ...moved,
      reason: asked.reason.trim(),
      createdBy: principal.user.id,
      createdAt: now,
    };
    const kind = tenant ? "tenant_adjustment" : "partner_adjustment";
    const writes = addAdjustment(adjustment, { id: newId("led", now), kind, ...moved });
    await committed(deps.commit(writes), {});
    return { kind: "data", status: 201, data: viewAdjustment(adjustment) };
  },
});

/**
 * Whose bill a caller may correct: the platform those of partners and tenants, a partner those of its tenants; nobody
 * their own. Throws ApiError VALIDATION_ERROR, for others as for none.
 */
function adjusted(
  { tenant_id, partner_id }: z.output<typeof body>,
  principal: Principal,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): { readonly partner: Partner; readonly tenant?: Tenant } {
  const scope = administeredScope(principal);
  if ((tenant_id === undefined) === (partner_id === undefined))
    throw notThere("tenant_id", "or partner_id must be given, one of them");
  if (tenant_id === undefined) {
    const partner = scope.level === "platform" ? snapshot.partnerById(partner_id ?? "") : undefined;
    if (!partner) throw notThere("partner_id", "is no partner whose bill you correct");
    return { partner };
  }
  const tenant = snapshot.tenantById(tenant_id);
  const partner = tenant && snapshot.partnerById(tenant.partnerId);
  const isTheirs =
    scope.level === "platform" || (scope.level === "partner" && scope.partnerId === partner?.id);
  if (!tenant || !partner || !isTheirs) throw notThere("tenant_id", "is no tenant whose bill you correct");
  return { partner, tenant };
}

function amountOf(text: string): Pico {
  const amount = parseSigned(text);
  if (amount === undefined)
    throw notThere("amount", 'must be a decimal number such as "-2.50", with at most 12 decimals');
  if (amount === 0n) throw notThere("amount", "must not be zero");
  if (amount > AMOUNT_MAX || -amount > AMOUNT_MAX) throw notThere("amount", "must be at most 9000000");
  return amount;
}

/** The open month, for one that is closed. Throws ApiError VALIDATION_ERROR for one to come. */
function monthsOf(
  asked: string | undefined,
  zone: string,
  nowMs: number,
): { readonly month: string; readonly forMonth: string } {
  const atMs = asked === undefined ? nowMs : monthSpan(asked, zone).startMs;
  if (atMs > nowMs) throw notThere("month", "has not begun");
  return statementMonth(zone, atMs, { months: new Months(), bookedAt: nowMs, isHistory: false });
}
