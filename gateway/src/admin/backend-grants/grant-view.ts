import { z } from "zod";
import type { BackendGrant } from "../../core/backend-grant.ts";
import { tieredPricesOf } from "../../pricing/tiers.ts";
import { inForce } from "../../pricing/version.ts";
import type { AdminDeps } from "../deps.ts";
import { isoTime, prices, timestamp } from "../fields.ts";

/** A grant as administrators see it, with what they need to know of the backend. */
export const grantView = z
  .strictObject({
    id: z.string(),
    backend_id: z.string(),
    backend_uri: z.string().describe("What kind of account, and which model of it: `openai:gpt-4o`."),
    capabilities: z.array(z.string()),
    status: z.enum(["active", "disabled"]).describe("Of the backend."),
    partner_id: z.string(),
    tenant_id: z.string().optional().describe("Absent: for the partner's own models, and to be handed on."),
    granted_by: z.enum(["platform", "partner"]),
    in_force: z.boolean().describe("False: its partner handed it on, and has it no longer."),
    prices: prices
      .optional()
      .describe(
        "What requests over it are charged at least, whatever the model says; absent: what the backend costs.",
      ),
    created_at: timestamp,
  })
  .meta({ id: "BackendGrant" });

/** Tells a grant to somebody who may see it. */
export function viewGrant(
  grant: BackendGrant,
  { snapshot, clock }: Pick<AdminDeps, "snapshot" | "clock">,
): z.infer<typeof grantView> {
  const price = inForce(snapshot.pricesOf(grant.id), clock.now());
  const backend = snapshot.backendById(grant.backendId);
  return {
    id: grant.id,
    backend_id: grant.backendId,
    backend_uri: backend?.uri ?? "",
    capabilities: [...(backend?.capabilities ?? [])],
    status: backend?.status ?? "disabled",
    partner_id: grant.partnerId,
    ...(grant.tenantId !== undefined && { tenant_id: grant.tenantId }),
    granted_by: grant.by,
    in_force: snapshot.grants.isInForce(grant),
    ...(price && { prices: tieredPricesOf(price) }),
    created_at: isoTime(grant.createdAt),
  };
}
