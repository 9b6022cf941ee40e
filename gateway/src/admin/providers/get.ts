import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { adminEndpoint } from "../endpoint.ts";
import { providerView, viewProvider } from "./provider-view.ts";

export const getProvider = adminEndpoint({
  method: "GET",
  path: "/v1/providers/{provider_id}",
  access: "platform:manage",
  tag: "Providers",
  errors: ["PROVIDER_NOT_FOUND"],
  summary: "One provider",
  costBearing: false,
  version: { except: ["backend_count"] },
  params: z.strictObject({ provider_id: z.string() }),
  response: providerView,
  async handle({ params }, deps) {
    const provider = deps.snapshot.providerById(params.provider_id);
    if (!provider) throw new ApiError("PROVIDER_NOT_FOUND");
    return { kind: "data", data: viewProvider(provider, deps) };
  },
});
