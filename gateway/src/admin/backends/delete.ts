import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { deleteBackend } from "../../store/catalogue/writer.ts";
import { endGrants } from "../../store/grants/writer.ts";
import { demandUndeclared } from "../declared.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed } from "../refusals.ts";

export const deleteBackendEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/backends/{backend_id}",
  access: "platform:manage",
  tag: "Backends",
  errors: ["BACKEND_NOT_FOUND", "DECLARED_IN_FILE"],
  summary: "Delete a backend and take it out of every routing policy",
  costBearing: false,
  auditAction: "backend.delete",
  params: z.strictObject({ backend_id: z.string() }),
  response: deleted,
  async handle({ params }, deps) {
    const { backend_id: id } = params;
    const backend = deps.snapshot.backendById(id);
    if (!backend) throw new ApiError("BACKEND_NOT_FOUND");
    demandUndeclared(backend);
    const now = deps.clock.now();
    const writes = [
      ...endGrants(deps.snapshot.grants.endingWith(id), now),
      ...deleteBackend(id, [...deps.snapshot.policies()], now),
    ];
    await committed(deps.commit(writes), { missing: "BACKEND_NOT_FOUND" });
    return { kind: "data", data: deletion(id) };
  },
});
