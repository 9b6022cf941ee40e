import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import type { Principal } from "../../core/principal.ts";
import type { User } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { WriteConflict } from "../../store/errors.ts";
import { createKey } from "../../store/keys/writer.ts";
import { findUser } from "../../store/tenancy/reader.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { given } from "../given.ts";
import { committed } from "../refusals.ts";
import { demandNoGreater } from "../users/administered.ts";
import { demandFuture } from "./expiry.ts";
import { budgetOf, demandNoBudget, keyBudget } from "./key-budget.ts";
import { createdKeyView, viewKey } from "./key-view.ts";
import { minted } from "./mint.ts";
import { restrictions, withinMaker } from "./restrictions.ts";

export const createKeyEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/api-keys",
  access: "api_keys:manage",
  tag: "API keys",
  errors: ["QUOTA_EXCEEDED"],
  summary: "Make a key; the answer is the only place where it is ever shown",
  costBearing: false,
  auditAction: "api_key.create",
  body: z
    .strictObject({
      name: shownText,
      assigned_user_id: z
        .string()
        .optional()
        .describe("Whose key it becomes, for administrators: yours when absent."),
      expires_at: restrictions.expires_at.optional(),
      scopes: restrictions.scopes.optional(),
      models: restrictions.models.optional(),
      allowed_ips: restrictions.allowed_ips.optional(),
      metadata: restrictions.metadata.optional(),
      rate_limits: restrictions.rate_limits.optional(),
      budget: keyBudget.optional(),
    })
    .meta({
      examples: [{ name: "billing service", expires_at: "2027-12-31T00:00:00Z", models: ["scailabs/*"] }],
    }),
  response: createdKeyView,
  async handle({ principal, body }, deps) {
    const now = deps.clock.now();
    demandFuture(body.expires_at, now);
    demandNoBudget(principal, deps);
    const user = await holderOf(body.assigned_user_id, principal, deps);
    const wish = given({
      expiresAt: body.expires_at,
      scopes: body.scopes,
      models: body.models,
      allowedIps: body.allowed_ips,
      metadata: body.metadata,
      rateLimits: body.rate_limits,
    });
    const narrowed = withinMaker(wish, deps.snapshot.permissionsHeld(user), principal);
    const { key, row } = minted({ userId: user.id, name: body.name, ...narrowed }, deps);
    const budget = body.budget === undefined ? [] : budgetOf(row, body.budget, principal, deps);
    // In this order, so that no node that reads half of it has a key without its budget.
    await committed(deps.commit([...budget, ...createKey(row, now)]).catch(demandHolder), {});
    return { kind: "data", status: 201, data: { ...viewKey(row, undefined, deps), key } };
  },
});

/** A key belongs to a user of the store; the command line on the gateway's own machine is none. */
function demandHolder(error: unknown): never {
  if (!(error instanceof WriteConflict) || error.kind !== "missing_parent") throw error;
  throw new ApiError("VALIDATION_ERROR", undefined, {
    details: [{ field: "assigned_user_id", message: "must name the user whose key it becomes" }],
  });
}

/**
 * Whose key is to be made: the caller's own, or that of somebody they administer who may do no more than they.
 * Throws ApiError AUTHZ_PERMISSION_DENIED, VALIDATION_ERROR (one answer for unknown users and for those elsewhere).
 */
async function holderOf(assigned: string | undefined, principal: Principal, deps: AdminDeps): Promise<User> {
  if (assigned === undefined || assigned === principal.user.id) return principal.user;
  if (!principal.permissions.has("users:manage")) {
    throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
      hint: "assigned_user_id needs the permission users:manage.",
    });
  }
  const user = await findUser(deps.read, administeredScope(principal), assigned);
  if (!user) {
    throw new ApiError("VALIDATION_ERROR", undefined, {
      details: [{ field: "assigned_user_id", message: "is no user that you administer" }],
    });
  }
  demandNoGreater(user, principal, deps);
  return user;
}
