import { z } from "zod";
import type { PriceVersion } from "../../core/catalogue.ts";
import type { Principal } from "../../core/principal.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { pageOf } from "../paging.ts";
import {
  isSeenSubject,
  ONE_SUBJECT,
  type SubjectFields,
  subjectFields,
  subjectOf,
  subjectsGiven,
} from "./subject.ts";
import { versionView, viewVersion } from "./version-view.ts";

export const listPriceVersions = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/price-versions",
  access: "accounting:manage_prices",
  tag: "Prices",
  operationId: "listPriceVersions",
  summary:
    "Every price that a model, a backend or a grant has had, has, or is to have, or all of yours; newest first",
  costBearing: false,
  errors: ["MODEL_NOT_FOUND", "BACKEND_NOT_FOUND"],
  query: z
    .strictObject({ ...pageQuery, ...subjectFields })
    .refine((query) => subjectsGiven(query) <= 1, { path: ["model_id"], message: ONE_SUBJECT }),
  response: versionView,
  list: true,
  async handle({ principal, query }, deps) {
    const page = pageOf(await asked(query, principal, deps), ({ id }) => id, query);
    return {
      kind: "page",
      page: { ...page, items: page.items.map((version) => viewVersion(version, deps)) },
    };
  },
});

async function asked(
  query: SubjectFields,
  principal: Principal,
  deps: Pick<AdminDeps, "snapshot" | "read">,
): Promise<readonly PriceVersion[]> {
  if (subjectsGiven(query) === 0) {
    return [...deps.snapshot.prices.versions()].filter(({ subject }) =>
      isSeenSubject(subject, principal, deps),
    );
  }
  return deps.snapshot.pricesOf((await subjectOf(query, principal, false, deps)).id);
}
