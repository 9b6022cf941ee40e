import { beforeAll, describe, expect, test } from "bun:test";
import { isObject, pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf, requestIdOf, traceOf } from "./started.ts";
import { addCaller, addPartner, addTenant, type Caller, freshSlug, madeId } from "./tenancy.ts";

const UNKNOWN = "00000000000000000000000000";
const BOOKS = "/v1/accounting/price-books";
/** Per million tokens: the model's price is twice its cost. */
const PRICES = { input_per_mtok: "2", output_per_mtok: "10" };
const COSTS = { input_per_mtok: "1", output_per_mtok: "5" };
const NEVER = /cost|mark_up|entry/;

describeApi("price books", (api) => {
  let partnerId: string;
  let tenantId: string;
  let siblingId: string;
  let slug: string;
  let modelId: string;
  let admin: Caller;
  let partner: Caller;
  let otherPartner: Caller;

  const platform = (method: string, path: string, body?: object) => api.gateway.api(method, path, { body });
  const price = (who: Caller | undefined, body: object) =>
    who ? who.call("POST", BOOKS, body) : platform("POST", BOOKS, body);
  const shown = async (who: Caller) =>
    pick((await who.call("GET", `/v1/models/${slug}`)).body, "data.input_price_per_mtok");
  const priceOf = async (who: Caller, more = "") =>
    pick((await who.call("GET", `/v1/accounting/effective-prices/${slug}${more}`)).body, "data");

  beforeAll(async () => {
    partnerId = await addPartner(api.gateway);
    tenantId = await addTenant(api.gateway, partnerId);
    siblingId = await addTenant(api.gateway, partnerId);
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    partner = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId });
    const elsewhere = await addTenant(api.gateway, await addPartner(api.gateway));
    otherPartner = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId: elsewhere });
    ({ slug, modelId } = await api.model("fake-ok?tokens=50", { prices: PRICES, costs: COSTS }));
  });

  /** A call of the tenant, as the platform sees it once it is settled. */
  async function called(key = admin.key) {
    const reply = await api.chat({ model: slug, max_tokens: 60 }, { key });
    expect(reply.status).toBe(200);
    return (await traceOf(api.gateway, requestIdOf(reply), (trace) => isObject(pick(trace, "usage")))).body;
  }
  const tokens = (trace: unknown) => [
    pick(trace, "data.usage.tokens_in"),
    pick(trace, "data.usage.tokens_out"),
  ];
  /** Units, of prices per million tokens. */
  const worth = ([input, output]: readonly unknown[], perIn: number, perOut: number) =>
    String(Number(((Number(input) * perIn + Number(output) * perOut) / 1e6).toFixed(12)));

  describe("of a partner and of a tenant", () => {
    let partnerEntry: string;
    let tenantEntry: string;

    test("make three amounts of one request, each level's own", async () => {
      partnerEntry = madeId(
        await price(undefined, { partner_id: partnerId, model_id: modelId, mark_up_percent: "-10" }),
      );
      const made = await price(partner, { tenant_id: tenantId, model_id: "*", mark_up_percent: "25" });
      tenantEntry = madeId(made);
      expect(pick(made.body, "data")).toMatchObject({ state: "in_force", set_by: "partner", model_id: "*" });
      const trace = await called();
      const used = tokens(trace);
      // The list price less a tenth, and that and a quarter.
      expect(pick(trace, "data.usage.backend_cost")).toBe(worth(used, 1, 5));
      expect(pick(trace, "data.usage.cost")).toBe(worth(used, 2.25, 11.25));
      expect(pick(trace, "data.price")).toMatchObject({
        price_version_id: tenantEntry,
        prices: { input_per_mtok: "2.25", output_per_mtok: "11.25" },
      });
      expect(pick(trace, "data.partner_price")).toMatchObject({
        price_version_id: partnerEntry,
        prices: { input_per_mtok: "1.8", output_per_mtok: "9" },
      });
      const id = pickText(trace, "data.request_id");
      const asPartner = (await partner.call("GET", `/v1/requests/${id}`)).body;
      expect(pick(asPartner, "data.usage.backend_cost")).toBe(worth(used, 1.8, 9));
      const asTenant = await admin.call("GET", `/v1/requests/${id}`);
      expect(pick(asTenant.body, "data.usage.backend_cost")).toBe(worth(used, 2.25, 11.25));
      expect(pick(asTenant.body, "data.partner_price")).toBeUndefined();
    });

    test("make the margin of each level's statement", async () => {
      const month = new Date().toISOString().slice(0, 7);
      const totals = async (who: Caller) =>
        pick(
          (await who.call("GET", `/v1/accounting/statements/${month}?tenant_id=${tenantId}`)).body,
          "data.totals",
        );
      const { cost, backend_cost, margin } = Object(await totals(partner));
      expect(Number(margin)).toBeGreaterThan(0);
      // A quarter of what the partner pays, to the last digit.
      expect(Number(cost) - Number(backend_cost)).toBeCloseTo(Number(margin), 12);
      expect(Number(backend_cost) / 4).toBeCloseTo(Number(margin), 12);
      expect(pick(await totals(admin), "margin")).toBeUndefined();
      // The platform earns what the partner pays, and nothing of what that one makes.
      const told = await api.gateway.api("GET", `/v1/accounting/statements/${month}?tenant_id=${tenantId}`);
      const ofPlatform = Object(pick(told.body, "data.totals"));
      expect(ofPlatform).toMatchObject({ cost, partner_cost: backend_cost, partner_due: backend_cost });
      expect(Number(backend_cost) - Number(ofPlatform.backend_cost)).toBeCloseTo(
        Number(ofPlatform.margin),
        12,
      );
      expect(pick(await totals(partner), "partner_cost")).toBeUndefined();
    });

    test("are told to nobody below: each sees what it pays, and what it makes of it", async () => {
      expect(await shown(admin)).toBe("2.25");
      const seen = await priceOf(admin);
      expect(pick(seen, "prices")).toEqual({ input_per_mtok: "2.25", output_per_mtok: "11.25" });
      expect(JSON.stringify(seen)).not.toMatch(NEVER);
      expect(pick(seen, "chain")).toEqual([{ level: "tenant", prices: pick(seen, "prices") }]);
      const ofPartner = await priceOf(partner);
      expect(pick(ofPartner, "chain")).toMatchObject([
        { level: "partner", prices: { input_per_mtok: "1.8" } },
        { level: "tenant", price_entry_id: tenantEntry, mark_up_percent: "25" },
      ]);
      expect(JSON.stringify(pick(ofPartner, "chain.0"))).not.toMatch(NEVER);
      const all = await platform("GET", `/v1/accounting/effective-prices/${slug}?tenant_id=${tenantId}`);
      expect(pick(all.body, "data.chain")).toMatchObject([
        { level: "platform", prices: { input_per_mtok: "2" } },
        { level: "partner", price_entry_id: partnerEntry, mark_up_percent: "-10" },
        { level: "tenant", price_entry_id: tenantEntry },
      ]);
      const ids = async (who: Caller) => itemsOf(await who.call("GET", BOOKS)).map((entry) => entry["id"]);
      expect(await ids(partner)).toEqual([tenantEntry]);
      expect(await ids(otherPartner)).toEqual([]);
      expect((await admin.call("GET", BOOKS)).status).toBe(403);
      for (const id of [partnerEntry, `entry_${UNKNOWN}`]) {
        expect((await partner.call("GET", `${BOOKS}/${id}`)).status).toBe(404);
      }
    });

    test("leave tenants without an entry at what their partner pays, and other partners alone", async () => {
      const sibling = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId: siblingId });
      expect([await shown(sibling), await shown(otherPartner)]).toEqual(["1.8", "2"]);
      expect(pick(await priceOf(partner, `?tenant_id=${siblingId}`), "prices.input_per_mtok")).toBe("1.8");
      const foreign = await otherPartner.call(
        "GET",
        `/v1/accounting/effective-prices/${slug}?tenant_id=${siblingId}`,
      );
      expect([foreign.status, codeOf(foreign)]).toEqual([404, "NOT_FOUND"]);
    });

    test("are on record where those look who may make them, and nowhere else", async () => {
      const logOf = async (who: Caller) =>
        itemsOf(await who.call("GET", "/v1/audit-log?resource_type=price_entry")).map(
          (row) => row["resource_id"],
        );
      expect(await logOf(partner)).toContain(tenantEntry);
      expect(await logOf(partner)).not.toContain(partnerEntry);
      expect(await logOf(admin)).not.toContain(tenantEntry);
      // Nor do those of the tenant that the operator's own account is in: not even what a backend costs.
      for (const kind of ["price_entry", "backend"]) {
        const path = `/v1/audit-log?resource_type=${kind}`;
        const house = await api.gateway.api("GET", path, { key: api.gateway.firstKey });
        expect([house.status, itemsOf(house)]).toEqual([200, []]);
        expect(itemsOf(await platform("GET", path)).length).toBeGreaterThan(0);
      }
    });
  });

  test("a price in place of the one above is the model's own, and beats a mark-up on all", async () => {
    const made = await price(partner, {
      tenant_id: tenantId,
      model_id: modelId,
      prices: { input_per_mtok: "7", output_per_mtok: "8" },
    });
    expect(await shown(admin)).toBe("7");
    const trace = await called();
    expect(pick(trace, "data.usage.cost")).toBe(worth(tokens(trace), 7, 8));
    const ended = await partner.call("DELETE", `${BOOKS}/${madeId(made)}`);
    expect([ended.status, pick(ended.body, "data.state")]).toEqual([200, "ended"]);
    expect(await shown(admin)).toBe("2.25");
    const again = await partner.call("DELETE", `${BOOKS}/${madeId(made)}`);
    expect([again.status, codeOf(again)]).toEqual([409, "CONFLICT"]);
  });

  test("an entry of a day to come changes nothing yet; one that ends gives way to the one before", async () => {
    const body = { tenant_id: tenantId, model_id: modelId, mark_up_percent: "900" };
    const later = await price(partner, { ...body, effective_from: "2199-01-01T00:00:00Z" });
    expect(pick(later.body, "data.state")).toBe("scheduled");
    expect(await shown(admin)).toBe("2.25");
    expect(pick(await priceOf(admin), "next_change_at")).toBe("2199-01-01T00:00:00.000Z");
    const gone = await partner.call("DELETE", `${BOOKS}/${madeId(later)}`);
    expect(pick(gone.body, "data.state")).toBe("ended");
    expect(pick(await priceOf(admin), "next_change_at")).toBeUndefined();
  });

  test("what the platform has set for a tenant, its partner can read and not change", async () => {
    const body = { tenant_id: siblingId, model_id: modelId, mark_up_percent: "1" };
    const id = madeId(await price(undefined, body));
    expect((await partner.call("GET", `${BOOKS}/${id}`)).status).toBe(200);
    for (const denied of [await price(partner, body), await partner.call("DELETE", `${BOOKS}/${id}`)]) {
      expect([denied.status, codeOf(denied)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    }
  });

  test("a request that nobody has priced is refused, and served once a level has", async () => {
    const bare = await api.model("fake-ok?tokens=5", { model: { prices: undefined } });
    const call = () => api.chat({ model: bare.slug }, { key: admin.key });
    const refused = await call();
    expect([refused.status, codeOf(refused)]).toEqual([503, "MODEL_NOT_PRICED"]);
    madeId(await price(undefined, { partner_id: partnerId, model_id: bare.modelId, prices: PRICES }));
    expect((await call()).status).toBe(200);
  });

  test("a partner's budget counts what the partner pays, a tenant's what the tenant pays", async () => {
    const home = await addPartner(api.gateway, freshSlug("counted"));
    const tenant = await addTenant(api.gateway, home);
    const caller = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId: tenant });
    madeId(await price(undefined, { partner_id: home, model_id: modelId, prices: PRICES }));
    madeId(await price(undefined, { tenant_id: tenant, model_id: modelId, mark_up_percent: "50" }));
    const budget = async (scope: string, scope_id: string) =>
      madeId(
        await platform("POST", "/v1/accounting/budgets", {
          scope,
          scope_id,
          period: "total",
          cost_limit: "9",
        }),
      );
    const ids = [await budget("partner", home), await budget("tenant", tenant)];
    const used = tokens(await called(caller.key));
    const spent = async (id: string) =>
      pick((await platform("GET", `/v1/accounting/budgets/${id}`)).body, "data.spent.cost");
    expect([await spent(ids[0] ?? ""), await spent(ids[1] ?? "")]).toEqual([
      worth(used, 2, 10),
      worth(used, 3, 15),
    ]);
  });

  describe("are refused by field", () => {
    const FINE = { model_id: "*", mark_up_percent: "5" };
    test.each<readonly [string, object, string]>([
      ["without a payer", { tenant_id: undefined }, "tenant_id"],
      ["with two", { partner_id: "partner_x" }, "tenant_id"],
      ["with neither price nor mark-up", { mark_up_percent: undefined }, "prices"],
      ["with both", { prices: PRICES, model_id: "model_x" }, "prices"],
      ["with one price for every model", { prices: PRICES, mark_up_percent: undefined }, "prices"],
      ["below nothing", { mark_up_percent: "-100.5" }, "mark_up_percent"],
      ["with more decimals than there are", { mark_up_percent: "1.00001" }, "mark_up_percent"],
      ["absurd", { mark_up_percent: "123456" }, "mark_up_percent"],
      ["of a model that is none", { model_id: `model_${UNKNOWN}` }, "model_id"],
      ["of a tenant that is none", { tenant_id: `tenant_${UNKNOWN}` }, "tenant_id"],
      ["from the past on", { effective_from: "2020-01-01T00:00:00Z" }, "effective_from"],
      ["that end before they begin", { effective_until: "2020-01-01T00:00:00Z" }, "effective_until"],
    ])("%s", async (_name, change, field) => {
      const reply = await price(undefined, { tenant_id: tenantId, ...FINE, ...change });
      expect([reply.status, fieldsOf(reply)]).toEqual([422, [field]]);
    });

    test.each<readonly [string, object, string]>([
      ["negative", { ...PRICES, input_per_mtok: "-1" }, "prices.input_per_mtok"],
      ["finer than a pico", { ...PRICES, output_per_mtok: "0.0000000000001" }, "prices.output_per_mtok"],
      ["without output", { input_per_mtok: "1" }, "prices"],
      [
        "with tiers out of order",
        { ...PRICES, tiers: [9, 8].map((above_input_tokens) => ({ above_input_tokens, ...PRICES })) },
        "prices.tiers[1].above_input_tokens",
      ],
    ])("with a price that is %s", async (_name, prices, field) => {
      const reply = await price(undefined, { tenant_id: tenantId, model_id: modelId, prices });
      expect([reply.status, fieldsOf(reply)]).toEqual([422, [field]]);
    });

    test("at which one request could cost more than an amount can hold", async () => {
      const vast = await api.model("fake-ok", { model: { context_window: 50_000_000 } });
      const prices = { input_per_mtok: "900000", output_per_mtok: "900000" };
      const reply = await price(undefined, { tenant_id: tenantId, model_id: vast.modelId, prices });
      expect([reply.status, fieldsOf(reply)]).toEqual([422, ["prices"]]);
    });

    test("by a partner for what is not its own, as for what is not there", async () => {
      const own = await price(partner, { partner_id: partnerId, ...FINE });
      expect([own.status, fieldsOf(own)]).toEqual([422, ["partner_id"]]);
      const foreign = await price(otherPartner, { tenant_id: tenantId, ...FINE });
      const none = await price(otherPartner, { tenant_id: `tenant_${UNKNOWN}`, ...FINE });
      expect(pick(foreign.body, "error")).toEqual(pick(none.body, "error"));
      expect([foreign.status, fieldsOf(foreign)]).toEqual([422, ["tenant_id"]]);
    });
  });
});
