import { z } from "zod";
import { FAULT_CLASSES } from "../../core/fault.ts";
import { ApiError } from "../../errors.ts";
import { adminEndpoint } from "../endpoint.ts";
import { askForModels, faultSentence } from "./listing.ts";

export const testProvider = adminEndpoint({
  method: "POST",
  path: "/v1/providers/{provider_id}/test",
  access: "platform:manage",
  tag: "Providers",
  operationId: "testProvider",
  errors: ["PROVIDER_NOT_FOUND"],
  summary: "Try a provider's address and key with a call that costs nothing",
  costBearing: false,
  auditAction: "provider.test",
  params: z.strictObject({ provider_id: z.string() }),
  response: z
    .strictObject({
      ok: z.boolean(),
      latency_ms: z.int(),
      models_found: z.int().optional(),
      fault: z.enum(FAULT_CLASSES).optional().describe("What kind of failure it was."),
      http_status: z.int().optional().describe("What the provider answered, if it answered."),
      message: z.string(),
    })
    .meta({ id: "ProviderTest" }),
  async handle({ params }, deps) {
    const provider = deps.snapshot.providerById(params.provider_id);
    if (!provider) throw new ApiError("PROVIDER_NOT_FOUND");
    const listing = await askForModels(provider, deps.snapshot.providerCredentials(provider.id), deps);
    const { models, fault, latencyMs } = listing;
    if (models) {
      const message = "The provider answers and accepts the key.";
      return {
        kind: "data",
        data: { ok: true, latency_ms: latencyMs, models_found: models.length, message },
      };
    }
    return {
      kind: "data",
      data: {
        ok: false,
        latency_ms: latencyMs,
        fault: fault.class,
        ...(fault.status !== undefined && { http_status: fault.status }),
        message: faultSentence(fault),
      },
    };
  },
});
