import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { deleteProvider } from "../../store/catalogue/writer.ts";
import { demandUndeclared } from "../declared.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed } from "../refusals.ts";

const SHOWN_BACKENDS = 20;

export const deleteProviderEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/providers/{provider_id}",
  access: "platform:manage",
  tag: "Providers",
  errors: ["PROVIDER_NOT_FOUND", "PROVIDER_HAS_BACKENDS", "DECLARED_IN_FILE"],
  summary: "Delete a provider that has no backends",
  costBearing: false,
  auditAction: "provider.delete",
  params: z.strictObject({ provider_id: z.string() }),
  response: deleted,
  async handle({ params }, deps) {
    const { provider_id: id } = params;
    const provider = deps.snapshot.providerById(id);
    if (!provider) throw new ApiError("PROVIDER_NOT_FOUND");
    demandUndeclared(provider);
    const backends = [...deps.snapshot.backends()].filter((backend) => backend.providerId === id);
    if (backends.length > 0) {
      throw new ApiError("PROVIDER_HAS_BACKENDS", undefined, {
        details: backends
          .slice(0, SHOWN_BACKENDS)
          .map((backend) => ({ field: backend.id, message: backend.uri })),
      });
    }
    await committed(deps.commit(deleteProvider(id, deps.clock.now())), {
      missing: "PROVIDER_NOT_FOUND",
      in_use: "PROVIDER_HAS_BACKENDS",
    });
    return { kind: "data", data: deletion(id) };
  },
});
