import { z } from "zod";
import { nearest } from "../../base/nearest.ts";
import { newId } from "../../base/ids.ts";
import type { Provider } from "../../core/catalogue.ts";
import { ApiError } from "../../errors.ts";
import { withBasePath } from "../../providers/address.ts";
import { type Vendor, vendorOf } from "../../providers/catalogue.ts";
import { PRESETS } from "../../providers/presets.ts";
import { createProvider } from "../../store/catalogue/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { committed } from "../refusals.ts";
import { demandConnectable, demandElsewhere, withoutSlash } from "./connectable.ts";
import { connectionConfig, impliedAddress, sealable } from "./connection-config.ts";
import { poolNodes, providerType, providerView, viewProvider } from "./provider-view.ts";

const body = z
  .strictObject({
    type: providerType,
    preset: z
      .string()
      .max(100)
      .optional()
      .describe("With type `custom`: a known server, whose address and quirks then need not be given."),
    name: shownText,
    base_url: z.string().max(2_000).optional(),
    nodes: poolNodes.optional(),
    connection_config: connectionConfig.optional(),
  })
  .meta({
    examples: [
      { type: "openai", name: "OpenAI, team account", connection_config: { api_key: "sk-your-key" } },
      {
        type: "custom",
        preset: "groq",
        name: "Groq",
        connection_config: { api_key: "env:GROQ_API_KEY" },
      },
      {
        type: "scaiinfer",
        name: "GPU hall",
        nodes: ["http://10.0.0.11:8000/v1", "http://10.0.0.12:8000/v1"],
      },
    ],
  });

export const createProviderEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/providers",
  access: "platform:manage",
  tag: "Providers",
  summary: "Add an account at a provider",
  costBearing: false,
  auditAction: "provider.create",
  body,
  response: providerView,
  async handle({ body: input }, deps) {
    const vendor = vendorFor(input.type, input.preset);
    const { nodes, connection_config: config } = input;
    const baseUrl = input.base_url ?? impliedAddress(vendor, config, deps.readReference);
    demandConnectable(vendor, { baseUrl, nodes, config, hasKey: config !== undefined }, deps);
    demandElsewhere(vendor, baseUrl, deps);
    const now = deps.clock.now();
    const provider: Provider = {
      id: newId("prov", now),
      type: input.type,
      ...(input.preset !== undefined && { preset: input.preset }),
      name: input.name,
      ...(baseUrl !== undefined && { baseUrl: withoutSlash(withBasePath(baseUrl, vendor)) }),
      ...(nodes !== undefined && { nodes: nodes.map(withoutSlash) }),
      status: "active",
      createdAt: now,
    };
    const secret = sealable(config);
    const sealed = secret === undefined ? null : deps.seal(secret, provider.id);
    await committed(deps.commit(createProvider(provider, sealed, now)), {});
    return { kind: "data", status: 201, data: viewProvider(provider, deps) };
  },
});

/** Throws ApiError VALIDATION_ERROR for a preset that is none, or that stands beside another type. */
export function vendorFor(type: string, preset: string | undefined): Vendor {
  const vendor = vendorOf({ type, ...(preset !== undefined && { preset }) });
  if (vendor !== undefined && vendor.type === type) return vendor;
  const names = PRESETS.map((known) => known.preset);
  const [near] = nearest(preset ?? "", names, 1);
  const message =
    vendor === undefined
      ? `is not a preset${near === undefined ? "" : `: did you mean ${near}?`} There are ${names.join(", ")}`
      : `goes with type ${vendor.type} alone`;
  throw new ApiError("VALIDATION_ERROR", undefined, { details: [{ field: "preset", message }] });
}
