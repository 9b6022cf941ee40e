import { z } from "zod";
import { nearest } from "../../base/nearest.ts";
import { newId } from "../../base/ids.ts";
import type { Provider } from "../../core/catalogue.ts";
import { ApiError, type ErrorDetail } from "../../errors.ts";
import { type Vendor, vendorOf } from "../../providers/catalogue.ts";
import { PRESETS } from "../../providers/presets.ts";
import { createProvider } from "../../store/catalogue/writer.ts";
import { checkUrl } from "../../upstream/egress/guard.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { committed } from "../refusals.ts";
import { connectionConfig, keyProblem, providerType, providerView, viewProvider } from "./provider-view.ts";

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
    const key = input.connection_config?.api_key;
    const keyTrouble = key === undefined ? missingKey(vendor) : keyProblem(key, deps.readReference);
    const details = [
      ...problem("base_url", baseUrlProblem(vendor, input.base_url, deps.config.allowPrivateUpstreams)),
      ...problem("connection_config.api_key", keyTrouble),
    ];
    if (details.length > 0) throw new ApiError("VALIDATION_ERROR", undefined, { details });
    const now = deps.clock.now();
    const provider: Provider = {
      id: newId("prov", now),
      type: input.type,
      ...(input.preset !== undefined && { preset: input.preset }),
      name: input.name,
      ...(input.base_url !== undefined && { baseUrl: input.base_url.replace(/\/+$/, "") }),
      status: "active",
      createdAt: now,
    };
    const sealed = key === undefined ? null : deps.seal(key, provider.id);
    await committed(deps.commit(createProvider(provider, sealed, now)), {});
    return { kind: "data", status: 201, data: viewProvider(provider, deps) };
  },
});

function problem(field: string, message: string | undefined): ErrorDetail[] {
  return message === undefined ? [] : [{ field, message }];
}

/** Without the key its vendor asks for, every call of a provider would fail, and only then. */
function missingKey(vendor: Vendor): string | undefined {
  const scheme = vendor.authScheme;
  if (scheme.kind === "none" || scheme.optional === true) return undefined;
  return `is needed for ${vendor.label}`;
}

function baseUrlProblem(
  vendor: Vendor,
  baseUrl: string | undefined,
  allowPrivate: boolean,
): string | undefined {
  // The vendor's own address is judged too: a server of one's own is at a private one.
  if (baseUrl === undefined) {
    if (vendor.needsBaseUrl) return `is needed for a provider of type ${vendor.type}`;
    return vendor.baseUrl === undefined ? undefined : checkUrl(vendor.baseUrl, { allowPrivate });
  }
  if (/[?#]/.test(baseUrl)) return "must end with a path: no query, no fragment";
  return checkUrl(baseUrl, { allowPrivate });
}

/** Throws ApiError VALIDATION_ERROR for a preset that is none, or that stands beside another type. */
function vendorFor(type: string, preset: string | undefined): Vendor {
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
