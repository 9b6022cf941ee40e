import { z } from "zod";
import { newId } from "../../base/ids.ts";
import type { Backend, Timeouts } from "../../core/catalogue.ts";
import { ApiError } from "../../errors.ts";
import { vendorName, vendorOf } from "../../providers/catalogue.ts";
import { createBackend } from "../../store/catalogue/writer.ts";
import { createPriceVersion } from "../../store/prices/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { capabilities, prices, shownText, wholeNumber } from "../fields.ts";
import { priceVersion } from "../price-input.ts";
import { connectionConfig, keyProblem } from "../providers/provider-view.ts";
import { committed } from "../refusals.ts";
import {
  accountLimit,
  accountLimits,
  backendView,
  CONCURRENCY_MAX,
  timeouts,
  viewBackend,
} from "./backend-view.ts";

/** Milliseconds. */
const DEFAULT_TIMEOUTS: Timeouts = { connect: 5_000, first_byte: 20_000, idle: 30_000, total: 600_000 };

const body = z
  .strictObject({
    provider_id: z.string(),
    upstream_model: shownText,
    capabilities: capabilities.default([]),
    connection_config: connectionConfig.optional(),
    costs: prices.optional(),
    cost_source: shownText.optional().describe("Where the costs are from; shown with them."),
    free: z.boolean().default(false),
    timeouts: timeouts.partial().default({}),
    max_concurrency: wholeNumber(1, CONCURRENCY_MAX).optional(),
    rpm: accountLimit.optional().describe("Requests that its account takes in any 60 seconds."),
    tpm: accountLimit.optional().describe("Tokens that its account takes in any 60 seconds."),
    region: shownText.optional(),
    status: z.enum(["active", "disabled"]).default("active"),
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
    const key = input.connection_config?.api_key;
    const problem = keyProblem(key, deps.readReference);
    if (problem !== undefined) {
      const details = [{ field: "connection_config.api_key", message: problem }];
      throw new ApiError("VALIDATION_ERROR", undefined, { details });
    }
    const now = deps.clock.now();
    const backend: Backend = {
      id: newId("be", now),
      providerId: provider.id,
      uri: `${vendorName(provider)}:${input.upstream_model}`,
      upstreamModel: input.upstream_model,
      dialect: vendor.dialect,
      capabilities: input.capabilities,
      timeouts: deadlines(input.timeouts),
      ...(input.max_concurrency !== undefined && { maxConcurrency: input.max_concurrency }),
      ...accountLimits(input.rpm, input.tpm),
      ...(input.region !== undefined && { region: input.region }),
      free: input.free,
      status: input.status,
      createdAt: now,
    };
    const sealed = key === undefined ? null : deps.seal(key, backend.id);
    const cost =
      input.costs &&
      priceVersion(input.costs, input.cost_source, "costs", { kind: "backend", id: backend.id }, now);
    const writes = [...createBackend(backend, sealed, now), ...(cost ? createPriceVersion(cost, now) : [])];
    await committed(deps.commit(writes), { missing_parent: "PROVIDER_NOT_FOUND" });
    return { kind: "data", status: 201, data: viewBackend(backend, deps) };
  },
});

function deadlines(given: { readonly [K in keyof Timeouts]?: number | undefined }): Timeouts {
  return {
    connect: given.connect ?? DEFAULT_TIMEOUTS.connect,
    first_byte: given.first_byte ?? DEFAULT_TIMEOUTS.first_byte,
    idle: given.idle ?? DEFAULT_TIMEOUTS.idle,
    total: given.total ?? DEFAULT_TIMEOUTS.total,
  };
}
