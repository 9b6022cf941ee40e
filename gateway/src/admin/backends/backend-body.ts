import { z } from "zod";
import type { Backend, DialectName, Provider, Timeouts } from "../../core/catalogue.ts";
import { vendorName } from "../../providers/catalogue.ts";
import type { Vendor } from "../../providers/vendor.ts";
import { capabilities, prices, shownText, wholeNumber } from "../fields.ts";
import { connectionConfig } from "../providers/connection-config.ts";
import { accountLimit, accountLimits, CONCURRENCY_MAX, probesPerHour, timeouts } from "./backend-view.ts";

/** Milliseconds. */
const DEFAULT_TIMEOUTS: Timeouts = { connect: 5_000, first_byte: 20_000, idle: 30_000, total: 600_000 };

/** What a backend is made of, beside its provider. */
export const backendFields = {
  upstream_model: shownText,
  dialect: shownText
    .optional()
    .describe(
      "The format it is spoken to in, where its provider knows several: `openai-responses` of OpenAI's.",
    ),
  capabilities: capabilities.default([]),
  connection_config: connectionConfig.optional(),
  costs: prices.optional(),
  cost_source: shownText.optional().describe("Where the costs are from; shown with them."),
  free: z.boolean().default(false),
  timeouts: timeouts.partial().default({}),
  max_concurrency: wholeNumber(1, CONCURRENCY_MAX).optional(),
  rpm: accountLimit.optional().describe("Requests that its account takes in any 60 seconds."),
  tpm: accountLimit.optional().describe("Tokens that its account takes in any 60 seconds."),
  probes_per_hour: probesPerHour
    .optional()
    .describe(
      "Small requests an hour that the gateway may pay for to see whether it answers; none where absent. Their cost is the platform's own.",
    ),
  region: shownText.optional(),
  status: z.enum(["active", "disabled"]).default("active"),
};
const schema = z.strictObject(backendFields);

/** The backend that a body describes. */
export function backendOf(
  input: Omit<z.output<typeof schema>, "connection_config" | "costs" | "cost_source">,
  provider: Pick<Provider, "id" | "type" | "preset">,
  vendor: Vendor,
  id: string,
  createdAt: number,
): Backend {
  return {
    id,
    providerId: provider.id,
    uri: `${vendorName(provider)}:${input.upstream_model}`,
    upstreamModel: input.upstream_model,
    dialect: dialectsOf(vendor).find((name) => name === input.dialect) ?? vendor.dialect,
    capabilities: input.capabilities,
    timeouts: deadlines(input.timeouts),
    ...(input.max_concurrency !== undefined && { maxConcurrency: input.max_concurrency }),
    ...accountLimits(input.rpm, input.tpm),
    ...(input.probes_per_hour !== undefined && { probesPerHour: input.probes_per_hour }),
    ...(input.region !== undefined && { region: input.region }),
    free: input.free,
    status: input.status,
    createdAt,
  };
}

/** What is wrong with the format that a backend asks for; undefined where nothing is. */
export function dialectProblem(asked: string | undefined, vendor: Vendor): string | undefined {
  const known = dialectsOf(vendor);
  if (asked === undefined || known.some((name) => name === asked)) return undefined;
  return `must be ${known.join(" or ")} with this provider`;
}

function dialectsOf({ dialect, otherDialects = [] }: Vendor): readonly DialectName[] {
  return [dialect, ...otherDialects];
}

function deadlines(given: { readonly [K in keyof Timeouts]?: number | undefined }): Timeouts {
  return {
    connect: given.connect ?? DEFAULT_TIMEOUTS.connect,
    first_byte: given.first_byte ?? DEFAULT_TIMEOUTS.first_byte,
    idle: given.idle ?? DEFAULT_TIMEOUTS.idle,
    total: given.total ?? DEFAULT_TIMEOUTS.total,
  };
}
