import { z } from "zod";
import { ApiError } from "../errors.ts";

/** Whose something is: absent from what only the store has. */
export const managedBy = z
  .literal("file")
  .optional()
  .describe("Present when the configuration file declares it: it is then changed there alone.");

/** Tells whose something is. */
export function viewManaged({ declaredAs }: { readonly declaredAs?: string }): {
  readonly managed_by?: "file";
} {
  return declaredAs === undefined ? {} : { managed_by: "file" };
}

/** Refuses to change what the configuration file owns. Throws ApiError DECLARED_IN_FILE. */
export function demandUndeclared({ declaredAs }: { readonly declaredAs?: string }): void {
  if (declaredAs === undefined) return;
  throw new ApiError("DECLARED_IN_FILE", `The configuration file declares this as ${declaredAs}.`, {
    hint: "Change it there: the file is taken over as soon as it is saved. `GET /v1/config-file` names it.",
  });
}
