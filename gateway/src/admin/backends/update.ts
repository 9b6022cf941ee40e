import { z } from "zod";
import type { Backend } from "../../core/catalogue.ts";
import { ApiError } from "../../errors.ts";
import { vendorName } from "../../providers/catalogue.ts";
import { updateBackend } from "../../store/catalogue/writer.ts";
import type { AdminDeps } from "../deps.ts";
import { demandUndeclared } from "../declared.ts";
import { adminEndpoint } from "../endpoint.ts";
import { capabilities, decimal, prices, shownText, wholeNumber } from "../fields.ts";
import { given, kept } from "../given.ts";
import { changedPrice, priceWrites } from "../price-change.ts";
import { demandUsable } from "../providers/connectable.ts";
import { connectionConfig, sealable } from "../providers/connection-config.ts";
import { committed } from "../refusals.ts";
import {
  accountLimit,
  accountLimits,
  backendView,
  CONCURRENCY_MAX,
  probesPerHour,
  timeouts,
  viewBackend,
} from "./backend-view.ts";
import { getBackend } from "./get.ts";

const body = z
  .strictObject({
    upstream_model: shownText.optional(),
    capabilities: capabilities.optional(),
    connection_config: connectionConfig
      .nullable()
      .optional()
      .describe("In place of the present one; null: the provider's."),
    costs: prices.optional().describe("A new version of the costs, in force from now on."),
    cost_input_per_mtok: decimal.optional().describe("Only this cost; the others stay."),
    cost_output_per_mtok: decimal.optional().describe("Only this cost; the others stay."),
    cost_source: shownText.optional(),
    free: z.boolean().optional(),
    timeouts: timeouts.partial().optional().describe("Those that are named; the others stay."),
    max_concurrency: wholeNumber(1, CONCURRENCY_MAX).nullable().optional(),
    rpm: accountLimit.nullable().optional(),
    tpm: accountLimit.nullable().optional(),
    probes_per_hour: probesPerHour.nullable().optional(),
    region: shownText.nullable().optional(),
    status: z.enum(["active", "disabled"]).optional(),
  })
  .meta({ examples: [{ status: "disabled" }] });

export const updateBackendEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/backends/{backend_id}",
  access: "platform:manage",
  tag: "Backends",
  errors: ["BACKEND_NOT_FOUND", "DECLARED_IN_FILE"],
  summary:
    "Change a backend, its costs or its deadlines, or switch it off; null takes an optional field away",
  costBearing: false,
  auditAction: "backend.update",
  changes: getBackend,
  params: z.strictObject({ backend_id: z.string() }),
  body,
  response: backendView,
  async handle({ params, body: input }, deps) {
    const former = deps.snapshot.backendById(params.backend_id);
    if (!former) throw new ApiError("BACKEND_NOT_FOUND");
    demandUndeclared(former);
    demandUsable(input.connection_config, deps.snapshot.providerById(former.providerId), deps);
    const now = deps.clock.now();
    const next = changed(former, input, deps);
    const cost = changedPrice(
      { kind: "backend", id: former.id },
      {
        prices: input.costs,
        input: input.cost_input_per_mtok,
        output: input.cost_output_per_mtok,
        source: input.cost_source,
        fields: { prices: "costs", input: "cost_input_per_mtok", output: "cost_output_per_mtok" },
      },
      deps,
    );
    const secret = sealable(input.connection_config);
    const sealed = input.connection_config === null ? null : secret && deps.seal(secret, former.id);
    const writes = [...updateBackend(next, sealed, now, former), ...priceWrites(cost, now)];
    await committed(deps.commit(writes), { missing: "BACKEND_NOT_FOUND" });
    return { kind: "data", data: viewBackend(deps.snapshot.backendById(former.id) ?? next, deps) };
  },
});

function changed(
  former: Backend,
  input: z.output<typeof body>,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): Backend {
  const { maxConcurrency, accountLimits: account, probesPerHour: probes, region, ...rest } = former;
  const provider = snapshot.providerById(former.providerId);
  const uri =
    provider && input.upstream_model !== undefined
      ? `${vendorName(provider)}:${input.upstream_model}`
      : undefined;
  return {
    ...rest,
    timeouts: { ...former.timeouts, ...given(input.timeouts ?? {}) },
    ...given({
      upstreamModel: input.upstream_model,
      uri,
      capabilities: input.capabilities,
      free: input.free,
      status: input.status,
      maxConcurrency: kept(input.max_concurrency, maxConcurrency),
      probesPerHour: kept(input.probes_per_hour, probes),
      region: kept(input.region, region),
    }),
    ...accountLimits(kept(input.rpm, account?.rpm), kept(input.tpm, account?.tpm)),
  };
}
