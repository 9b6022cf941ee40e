import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { mayManageSlug } from "../../access/visibility.ts";
import type { PriceVersion } from "../../core/catalogue.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import { changeableGrant, seenGrant } from "../backend-grants/seen-grant.ts";
import { demandUndeclared } from "../declared.ts";
import type { AdminDeps } from "../deps.ts";
import { manageableModel } from "../models/manageable.ts";

/** Whose price it is: one of them. */
export const subjectFields = {
  model_id: z.string().max(64).optional().describe("What a model costs."),
  backend_id: z.string().max(64).optional().describe("What a backend costs."),
  grant_id: z
    .string()
    .max(64)
    .optional()
    .describe("What requests over a granted backend are charged at least."),
};
const fields = z.strictObject(subjectFields);
export type SubjectFields = z.output<typeof fields>;

/** How many of them are given. */
export function subjectsGiven({ model_id, backend_id, grant_id }: SubjectFields): number {
  return [model_id, backend_id, grant_id].filter((id) => id !== undefined).length;
}
export const ONE_SUBJECT = "give one of model_id, backend_id and grant_id";

/**
 * What the caller may see the prices of, or set them with `isChange`: models and grants of their own, backends by the
 * platform. Throws ApiError MODEL_NOT_FOUND, BACKEND_NOT_FOUND and NOT_FOUND, for another's as for none,
 * AUTHZ_PERMISSION_DENIED for what is not theirs to change, DECLARED_IN_FILE.
 */
export async function subjectOf(
  { model_id, backend_id, grant_id }: SubjectFields,
  principal: Principal,
  isChange: boolean,
  deps: Pick<AdminDeps, "snapshot" | "read">,
): Promise<PriceVersion["subject"]> {
  if (model_id !== undefined) {
    const model = manageableModel(model_id, principal, deps);
    if (isChange) demandUndeclared(model);
    return { kind: "model", id: model.id };
  }
  if (grant_id !== undefined) {
    const grant = await (isChange ? changeableGrant : seenGrant)(grant_id, principal, deps);
    return { kind: "grant", id: grant.id };
  }
  const isOperator = principal.permissions.has("platform:manage");
  const backend = isOperator ? deps.snapshot.backendById(backend_id ?? "") : undefined;
  if (!backend) throw new ApiError("BACKEND_NOT_FOUND");
  if (isChange) demandUndeclared(backend);
  return { kind: "backend", id: backend.id };
}

/** Whether a caller who names nothing is told of it: of what is theirs. */
export function isSeenSubject(
  { kind, id }: PriceVersion["subject"],
  principal: Principal,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): boolean {
  if (principal.permissions.has("platform:manage")) return true;
  if (kind === "backend") return false;
  if (kind === "model") return mayManageSlug(principal, snapshot.modelById(id)?.slug ?? "");
  const grant = snapshot.grants.byId(id);
  const scope = administeredScope(principal);
  if (scope.level === "partner") return grant?.partnerId === scope.partnerId;
  return scope.level === "tenant" && grant?.tenantId === scope.tenantId;
}
