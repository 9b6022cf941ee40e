import { expect, test } from "bun:test";
import { POLICY_DEFAULTS, type FrontendModel } from "../../src/core/catalogue.ts";
import { hash32 } from "../../src/base/hash.ts";
import { openaiChat } from "../../src/dialects/openai-chat/openai-chat.ts";
import { Tariff } from "../../src/inference/tariff.ts";
import { ratesAt } from "../../src/pricing/tiers.ts";
import { Candidate } from "../../src/routing/candidate.ts";
import { BackendHealth } from "../../src/routing/health.ts";
import type { Route } from "../../src/routing/route.ts";
import type { Amounted, Floor } from "../../src/routing/terms.ts";
import { backend, model, provider } from "../store/samples.ts";

const TENANT = { id: "tenant_A", partnerId: "partner_A" };
const NOTHING = { partner: undefined, tenant: undefined };

const at = (input: bigint): Amounted => ({ rates: { input, output: input } });

/** A route whose tenants pay `name`, at most `most` a token, over one backend. */
function route(
  name: string,
  most: bigint,
  fallbackPrice: "asked" | "served",
  floor?: Floor,
  floorMost?: bigint,
): Route & { readonly candidate: Candidate } {
  const about: FrontendModel = model();
  const account = provider();
  const made = backend(account.id);
  const candidate = new Candidate({
    backend: made,
    provider: account,
    credentials: {},
    dialect: openaiChat,
    needsBytes: false,
    cost: undefined,
    model: about,
    floor,
    priority: 1,
    weight: 1,
    idHash: hash32(made.id),
    health: new BackendHealth(),
    inFlight: () => 0,
    reason: "",
  });
  const floors = floorMost === undefined ? NOTHING : { partner: at(floorMost), tenant: at(floorMost) };
  const terms = {
    partner: name,
    tenant: name,
    isPriced: true,
    isSpoilt: false,
    most: { partner: at(most), tenant: at(most) },
    floors,
  };
  return {
    candidate,
    model: about,
    policy: {
      ...POLICY_DEFAULTS,
      id: "route_1",
      modelId: about.id,
      targets: [],
      createdAt: 0,
      fallbackPrice,
    },
    terms: { for: () => terms },
    groups: [[candidate]],
    candidates: [candidate],
    timeouts: [],
    needsLimit: false,
    needsBytes: false,
    windowMax: 1,
    told: [],
    skipped: [],
    cost: undefined,
  };
}

const FLOOR = { partner: "price_floor", tenant: "price_floor" };
const mostOf = (tariff: Tariff) => {
  const { tenant } = tariff.most;
  return tenant && ratesAt(tenant, 1).input;
};

test("a request pays for the model that was asked for, whichever serves it, and the floor of the backend that does", () => {
  const asked = route("price_asked", 10n, "asked");
  const fallback = route("price_fallback", 90n, "asked", FLOOR, 20n);
  const tariff = new Tariff(asked, [asked, fallback], TENANT, 0);
  expect(tariff.paidAt(asked.candidate).tenant).toBe("price_asked");
  expect(tariff.paidAt(fallback.candidate)).toEqual({
    partner: "price_asked|price_floor",
    tenant: "price_asked|price_floor",
  });
  // The fallback's own price is asked of nobody.
  expect(mostOf(tariff)).toBe(20n);
});

test("or, where the policy says so, for the model that serves it: the larger of both is set aside", () => {
  const asked = route("price_asked", 10n, "served");
  const fallback = route("price_fallback", 90n, "asked", { partner: undefined, tenant: "price_floor" }, 20n);
  const tariff = new Tariff(asked, [asked, fallback], TENANT, 0);
  expect(tariff.paidAt(asked.candidate).tenant).toBe("price_asked");
  expect(tariff.paidAt(fallback.candidate)).toEqual({
    partner: "price_fallback",
    tenant: "price_fallback|price_floor",
  });
  expect(mostOf(tariff)).toBe(90n);
});

test("with one route nothing is worked out for a request", () => {
  const asked = route("price_asked", 10n, "asked");
  const tariff = new Tariff(asked, [asked], TENANT, 0);
  const terms = asked.terms.for(TENANT, 0);
  expect(tariff.paidAt(asked.candidate)).toBe(terms);
  expect(tariff.most).toBe(terms.most);
});
