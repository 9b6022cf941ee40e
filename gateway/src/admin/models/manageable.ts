import { maySeeModel, mayManageSlug } from "../../access/visibility.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import { demandUndeclared } from "../declared.ts";
import type { AdminDeps } from "../deps.ts";
import { getModel } from "./get.ts";

/**
 * A model the caller may change. Throws ApiError MODEL_NOT_FOUND, for another tenant's as for none, and
 * AUTHZ_PERMISSION_DENIED for one they may only use.
 */
export function manageableModel(
  id: string,
  principal: Principal,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): FrontendModel {
  const model = snapshot.modelById(id);
  if (!model || !maySeeModel(principal, model, snapshot)) throw new ApiError("MODEL_NOT_FOUND");
  if (mayManageSlug(principal, model.slug)) return model;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", "This model is not yours to change.", {
    hint: `Slugs you may manage begin with tenant/${principal.tenant.slug}/.`,
  });
}

/** A model whose change the caller may ask for. Throws as `manageableModel` does, and ApiError DECLARED_IN_FILE. */
export function changeableModel(
  id: string,
  principal: Principal,
  deps: Pick<AdminDeps, "snapshot">,
): FrontendModel {
  const model = manageableModel(id, principal, deps);
  demandUndeclared(model);
  return model;
}

/** Reads a model by the id that changes name it with. */
export const getModelById: typeof getModel = {
  ...getModel,
  handle: (call, deps) => {
    const { model_id: id } = Object.fromEntries(Object.entries(call.params));
    return getModel.handle({ ...call, params: { slug: String(id) } }, deps);
  },
};
