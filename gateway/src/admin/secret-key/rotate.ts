import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { WriteConflict } from "../../store/errors.ts";
import { NothingToRotate } from "../../store/secret-key/rotation.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";

/** Milliseconds one call works; what is left after that is done all the same, by a job. */
const WORK_MS = 15_000;

export const rotateSecretKey = adminEndpoint({
  method: "POST",
  path: "/v1/secret-key/rotations",
  access: "platform:manage",
  tag: "Providers",
  operationId: "rotateSecretKey",
  errors: ["CONFLICT"],
  summary: "Seal every stored credential with a new secret key, while the gateway serves",
  costBearing: false,
  auditAction: "secret_key.rotate",
  response: z
    .strictObject({
      version: z.int().describe("Of the key that credentials are now sealed with."),
      resealed: z.int().describe("Credentials that this call has sealed anew."),
      complete: z
        .boolean()
        .describe("Whether all are, and the former key is retired. Otherwise call again, or wait."),
    })
    .meta({ id: "SecretKeyRotation" }),
  async handle(_call, deps) {
    await begin(deps);
    const { resealed, complete } = await deps.rotation.run(WORK_MS);
    return { kind: "data", data: { version: deps.rotation.version, resealed, complete } };
  },
});

async function begin(deps: AdminDeps): Promise<void> {
  const { rotation } = deps;
  try {
    const writes = await rotation.begin();
    if (writes.length > 0) await deps.commit(writes);
  } catch (error) {
    if (error instanceof NothingToRotate) throw new ApiError("CONFLICT", error.message, { hint: error.todo });
    // Another node has begun at the same moment: this one helps.
    if (!(error instanceof WriteConflict)) throw error;
    await rotation.refresh();
  }
}
