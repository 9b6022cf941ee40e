import type { FoundKey } from "../../config/found.ts";
import { givenPrices } from "../../pricing/tiers.ts";
import type { PriceCatalogue, ServedModel } from "../../providers/price-catalogue.ts";
import { vendorName } from "../../providers/catalogue.ts";
import type { Logger } from "../../telemetry/logs.ts";
import type { OfferedModel } from "./offer.ts";
import { offer, type OfferDeps } from "./offers.ts";

/** Of one vendor, the newest: a start is to stay a start, and a list one that people can read. */
const MODELS_MAX = 100;

/**
 * Offers the vendors whose keys the environment holds, with the models and prices of the catalogue. Returns a line
 * for people about each that was added. Rejects with StoreUnavailable.
 */
export async function offerKeys(
  keys: readonly FoundKey[],
  catalogue: PriceCatalogue,
  currency: string,
  deps: OfferDeps,
  log: Logger,
): Promise<readonly string[]> {
  if (currency !== catalogue.currency) {
    const reason = `known prices are in ${catalogue.currency}, this installation's are in ${currency}`;
    log.log("warn", "provider_not_added", { reason, hint: "add models with `scaigrid providers add`" });
    return [];
  }
  const lines: string[] = [];
  for (const { vendor, variable, ...found } of keys) {
    const served = vendor.ownModelNames === true ? [] : catalogue.servedBy(vendorName(vendor));
    const models = served.slice(0, MODELS_MAX).map((model) => offeredModel(model, catalogue.mark));
    if (models.length === 0 && vendor.ownModelNames !== true) {
      const reason = `${variable} is set, but no prices are known for ${vendor.label}`;
      log.log("warn", "provider_not_added", { reason, hint: "add its models with `scaigrid providers add`" });
      continue;
    }
    const { added, left, isNew } = await offer({ vendor, ...found, models }, deps);
    if (left.length > 0) {
      log.log("warn", "models_not_added", {
        count: left.length,
        reason: `the slug is taken: ${left.join(", ")}`,
      });
    }
    if (added === 0 && !isNew) continue;
    log.log("info", "provider_found", { reason: `${vendor.label}, by ${variable}`, count: added });
    if (added === 0) {
      lines.push(
        `${vendor.label}: add its models by the names that the account gave them (key of ${variable})`,
      );
      continue;
    }
    const more = served.length > models.length ? `, the newest of ${served.length}` : "";
    lines.push(`${vendor.label}: ${counted(added)}${more} (key of ${variable}, prices of ${catalogue.mark})`);
  }
  return lines;
}

/** `1 model`, `28 models`. */
export function counted(models: number): string {
  return models === 1 ? "1 model" : `${models} models`;
}

function offeredModel(model: ServedModel, priceSource: string): OfferedModel {
  return {
    upstreamModel: model.id,
    displayName: model.name,
    capabilities: model.capabilities,
    contextWindow: model.context_window,
    ...(model.max_output_tokens !== undefined && { maxOutputTokens: model.max_output_tokens }),
    prices: givenPrices(model.prices),
    priceSource,
  };
}
