import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { pageOf } from "../paging.ts";
import { backendView, viewBackend } from "./backend-view.ts";

export const listBackends = adminEndpoint({
  method: "GET",
  path: "/v1/backends",
  access: "platform:manage",
  tag: "Backends",
  summary: "All backends",
  costBearing: false,
  query: z.strictObject({ ...pageQuery, provider_id: z.string().optional() }),
  response: backendView,
  list: true,
  async handle({ query }, deps) {
    const wanted = [...deps.snapshot.backends()].filter(
      (backend) => query.provider_id === undefined || backend.providerId === query.provider_id,
    );
    const page = pageOf(wanted, (backend) => backend.id, query);
    return {
      kind: "page",
      page: { ...page, items: page.items.map((backend) => viewBackend(backend, deps)) },
    };
  },
});
