import { maySeeModel, mayManageSlug } from "../../access/visibility.ts";
import type { RoutingPolicy } from "../../core/catalogue.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError, type ErrorDetail } from "../../errors.ts";
import { demandUndeclared } from "../declared.ts";
import type { AdminDeps } from "../deps.ts";
import { knownPolicy } from "./policy-view.ts";

type Deps = Pick<AdminDeps, "snapshot">;

function isOfPlatform({ permissions }: Principal): boolean {
  return permissions.has("routing:manage") || permissions.has("platform:manage");
}

/** Whether the caller is shown a policy: the platform all of them, others those of models that they manage. */
export function isSeen({ modelId }: RoutingPolicy, principal: Principal, { snapshot }: Deps): boolean {
  if (isOfPlatform(principal)) return true;
  const model = snapshot.modelById(modelId);
  return model !== undefined && mayManageSlug(principal, model.slug);
}

/** A policy that the caller is shown. Throws ApiError NOT_FOUND, for another's as for none. */
export function seenPolicy(id: string, principal: Principal, deps: Deps): RoutingPolicy {
  const policy = knownPolicy(id, deps);
  if (isSeen(policy, principal, deps)) return policy;
  throw new ApiError("NOT_FOUND");
}

/**
 * One that the caller may change. Throws ApiError NOT_FOUND, DECLARED_IN_FILE, AUTHZ_PERMISSION_DENIED for one that the
 * platform has set.
 */
export function changeablePolicy(id: string, principal: Principal, deps: Deps): RoutingPolicy {
  const policy = seenPolicy(id, principal, deps);
  demandUndeclared(policy);
  if (isOfPlatform(principal) || policy.underGrants === true) return policy;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
    hint: "The platform has set this routing policy: to you it is read-only.",
  });
}

/** Refuses a model that is not the caller's to route. Throws ApiError MODEL_NOT_FOUND, AUTHZ_PERMISSION_DENIED. */
export function demandOwnModel(modelId: string, principal: Principal, { snapshot }: Deps): void {
  if (isOfPlatform(principal)) return;
  const model = snapshot.modelById(modelId);
  if (!model || !maySeeModel(principal, model, snapshot)) throw new ApiError("MODEL_NOT_FOUND");
  if (mayManageSlug(principal, model.slug)) return;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", "This model is not yours to route.", {
    hint: `Slugs you may manage begin with tenant/${principal.tenant.slug}/.`,
  });
}

/**
 * The policy as this caller may set it: from below the platform over backends alone that are granted to whose the model
 * is, with fallbacks that the caller may see, at their own prices. Throws ApiError BACKEND_NOT_FOUND, VALIDATION_ERROR:
 * what there is for others is to them as none.
 */
export function setBy(policy: RoutingPolicy, principal: Principal, { snapshot }: Deps): RoutingPolicy {
  if (isOfPlatform(principal)) return policy;
  const slug = snapshot.modelById(policy.modelId)?.slug ?? "";
  const isForeign = policy.targets.some(({ backend_id }) => !snapshot.isGranted(slug, backend_id));
  if (isForeign) throw new ApiError("BACKEND_NOT_FOUND");
  const details: ErrorDetail[] = policy.fallbackModels.flatMap((fallback, at) => {
    const model = snapshot.modelBySlug(fallback);
    if (!model || maySeeModel(principal, model, snapshot)) return [];
    return [{ field: `fallback_models[${at}]`, message: NO_MODEL }];
  });
  if (details.length === 0 && policy.fallbackModels.length > 0 && policy.fallbackPrice !== "served") {
    details.push({
      field: "fallback_price",
      message: 'must be "served": a fallback is paid at its own price',
    });
  }
  if (details.length > 0) throw new ApiError("VALIDATION_ERROR", undefined, { details });
  return { ...policy, underGrants: true };
}

/** What is said of a fallback that is none. */
export const NO_MODEL = "is no model; list them with GET /v1/models";
