import { z } from "zod";
import { createPriceVersion } from "../../store/prices/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { prices, shownText } from "../fields.ts";
import { instant, spanFrom } from "../price-books/entry-body.ts";
import { priceVersion } from "../price-input.ts";
import { committed } from "../refusals.ts";
import { ONE_SUBJECT, subjectFields, subjectOf, subjectsGiven } from "./subject.ts";
import { versionView, viewVersion } from "./version-view.ts";

export const createPriceVersionEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/accounting/price-versions",
  access: "accounting:manage_prices",
  tag: "Prices",
  operationId: "createPriceVersion",
  summary: "Give a model, a backend or a grant another price, from now on or from a day to come",
  costBearing: false,
  auditAction: "price_version.create",
  errors: ["MODEL_NOT_FOUND", "BACKEND_NOT_FOUND", "DECLARED_IN_FILE"],
  body: z
    .strictObject({
      ...subjectFields,
      prices,
      price_source: shownText.optional().describe("Where the figures are from; shown with them."),
      effective_from: instant.optional().describe("Not in the past; now when absent."),
    })
    .refine((body) => subjectsGiven(body) === 1, { path: ["model_id"], message: ONE_SUBJECT })
    .meta({
      examples: [
        {
          model_id: "model_01JZX3K9QFT4M7W2N8C5D6E0AC",
          prices: { input_per_mtok: "2.50", output_per_mtok: "10" },
          effective_from: "2027-01-01T00:00:00Z",
        },
      ],
    }),
  response: versionView,
  async handle({ principal, body }, deps) {
    const subject = await subjectOf(body, principal, true, deps);
    const now = deps.clock.now();
    const made = priceVersion(body.prices, body.price_source, "prices", subject, now);
    const { effectiveFrom } = spanFrom(
      { effective_from: body.effective_from, effective_until: undefined },
      now,
    );
    const version = { ...made, effectiveFrom };
    await committed(deps.commit(createPriceVersion(version, now)), {});
    return { kind: "data", status: 201, data: viewVersion(version, deps) };
  },
});
