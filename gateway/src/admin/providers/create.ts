import { z } from "zod";
import { newId } from "../../base/ids.ts";
import type { Provider } from "../../core/catalogue.ts";
import { ApiError, type ErrorDetail } from "../../errors.ts";
import { vendorOf } from "../../providers/catalogue.ts";
import { createProvider } from "../../store/catalogue/writer.ts";
import { checkUrl } from "../../upstream/egress/guard.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { committed } from "../refusals.ts";
import { connectionConfig, providerType, providerView, viewProvider } from "./provider-view.ts";

const body = z
  .strictObject({
    type: providerType,
    name: shownText,
    base_url: z.string().max(2_000).optional(),
    connection_config: connectionConfig.optional(),
  })
  .meta({
    examples: [
      { type: "openai", name: "OpenAI, team account", connection_config: { api_key: "sk-your-key" } },
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
    const key = input.connection_config?.api_key;
    const details = [
      ...problem("base_url", baseUrlProblem(input.type, input.base_url, deps.config.allowPrivateUpstreams)),
      ...problem("connection_config.api_key", keyProblem(input.type, key)),
    ];
    if (details.length > 0) throw new ApiError("VALIDATION_ERROR", undefined, { details });
    const now = deps.clock.now();
    const provider: Provider = {
      id: newId("prov", now),
      type: input.type,
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
function keyProblem(type: string, key: string | undefined): string | undefined {
  const scheme = vendorOf(type)?.authScheme;
  if (key !== undefined || scheme === undefined || scheme.kind === "none" || scheme.optional === true) {
    return undefined;
  }
  return `is needed for a provider of type ${type}`;
}

function baseUrlProblem(
  type: string,
  baseUrl: string | undefined,
  allowPrivate: boolean,
): string | undefined {
  const needed = vendorOf(type)?.needsBaseUrl === true;
  if (baseUrl === undefined) return needed ? `is needed for a provider of type ${type}` : undefined;
  if (/[?#]/.test(baseUrl)) return "must end with a path: no query, no fragment";
  return checkUrl(baseUrl, { allowPrivate });
}
