import { z } from "zod";
import { newId } from "../../base/ids.ts";
import { ApiError } from "../../errors.ts";
import { vendorOf } from "../../providers/catalogue.ts";
import { createBackend } from "../../store/catalogue/writer.ts";
import { createPriceVersion } from "../../store/prices/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { priceVersion } from "../price-input.ts";
import { demandUsable } from "../providers/connectable.ts";
import { sealable } from "../providers/connection-config.ts";
import { committed } from "../refusals.ts";
import { backendFields, backendOf, dialectProblem } from "./backend-body.ts";
import { backendView, viewBackend } from "./backend-view.ts";

const body = z
  .strictObject({
    provider_id: z.string(),
    ...backendFields,
  })
  .meta({
    examples: [
      {
        provider_id: "prov_01JZX3K9QFT4M7W2N8C5D6E0AB",
        upstream_model: "gpt-4o",
        costs: { input_per_mtok: "2.50", output_per_mtok: "10" },
      },
    ],
  });

export const createBackendEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/backends",
  access: "platform:manage",
  tag: "Backends",
  errors: ["PROVIDER_NOT_FOUND"],
  summary: "Add a model of a provider as a backend",
  costBearing: false,
  auditAction: "backend.create",
  body,
  response: backendView,
  async handle({ body: input }, deps) {
    const provider = deps.snapshot.providerById(input.provider_id);
    const vendor = provider && vendorOf(provider);
    if (!provider || !vendor) throw new ApiError("PROVIDER_NOT_FOUND");
    demandUsable(input.connection_config, provider, deps);
    const problem = dialectProblem(input.dialect, vendor);
    if (problem !== undefined) {
      const details = [{ field: "dialect", message: problem }];
      throw new ApiError("VALIDATION_ERROR", undefined, { details });
    }
    const now = deps.clock.now();
    const backend = backendOf(input, provider, vendor, newId("be", now), now);
    const secret = sealable(input.connection_config);
    const sealed = secret === undefined ? null : deps.seal(secret, backend.id);
    const cost =
      input.costs &&
      priceVersion(input.costs, input.cost_source, "costs", { kind: "backend", id: backend.id }, now);
    const writes = [...createBackend(backend, sealed, now), ...(cost ? createPriceVersion(cost, now) : [])];
    await committed(deps.commit(writes), { missing_parent: "PROVIDER_NOT_FOUND" });
    return { kind: "data", status: 201, data: viewBackend(backend, deps) };
  },
});
