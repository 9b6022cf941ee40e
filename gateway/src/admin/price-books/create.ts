import { newId } from "../../base/ids.ts";
import type { PriceEntry } from "../../core/price-book.ts";
import { createPriceEntry } from "../../store/price-book/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { committed } from "../refusals.ts";
import { entryBody, spanFrom, termsFrom } from "./entry-body.ts";
import { entryView, viewEntry } from "./entry-view.ts";
import { demandMayEnter, modelFor, payerFor } from "./payer.ts";

export const createPriceEntryEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/accounting/price-books",
  access: "accounting:manage_prices",
  tag: "Prices",
  operationId: "createPriceEntry",
  summary: "Set what a partner pays the platform, or a tenant its partner, from now on or from a day to come",
  costBearing: false,
  auditAction: "price_entry.create",
  errors: ["QUOTA_EXCEEDED"],
  body: entryBody,
  response: entryView,
  async handle({ principal, body }, deps) {
    const payer = payerFor(body, principal, deps);
    const model = modelFor(body.model_id, payer, deps);
    const setBy = principal.permissions.has("platform:manage") ? "platform" : "partner";
    const now = deps.clock.now();
    const entry: PriceEntry = {
      id: newId("entry", now),
      partnerId: payer.partner.id,
      ...(payer.tenant && { tenantId: payer.tenant.id }),
      modelId: body.model_id,
      terms: termsFrom(body, model),
      ...spanFrom(body, now),
      setBy,
      createdAt: now,
    };
    demandMayEnter(entry.modelId, payer, setBy, deps);
    await committed(deps.commit(createPriceEntry(entry, now)), {});
    return { kind: "data", status: 201, data: viewEntry(entry, deps) };
  },
});
