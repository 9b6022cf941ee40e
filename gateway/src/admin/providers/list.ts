import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { pageOf } from "../paging.ts";
import { providerView, viewProvider } from "./provider-view.ts";

export const listProviders = adminEndpoint({
  method: "GET",
  path: "/v1/providers",
  access: "platform:manage",
  tag: "Providers",
  summary: "All providers",
  costBearing: false,
  query: z.strictObject(pageQuery),
  response: providerView,
  list: true,
  async handle({ query }, deps) {
    const page = pageOf(deps.snapshot.providers(), (provider) => provider.id, query);
    return {
      kind: "page",
      page: { ...page, items: page.items.map((provider) => viewProvider(provider, deps)) },
    };
  },
});
