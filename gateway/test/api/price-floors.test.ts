import { beforeAll, expect, test } from "bun:test";
import { isObject, pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, requestIdOf, traceOf } from "./started.ts";
import { addCaller, addPartner, addTenant, type Caller, freshSlug, madeId } from "./tenancy.ts";

const CHEAP = { input_per_mtok: "0.1", output_per_mtok: "0.1" };
/** What the backends of `api.model` cost per million tokens, in and out. */
const COST = [1.25, 5] as const;
/** Dearer than the cost in one bucket, cheaper in the other. */
const ASKED = { input_per_mtok: "3", output_per_mtok: "4" };

/** Nobody uses a granted backend below what it costs, by pricing a model of their own low. */
describeApi("requests over granted backends", (api) => {
  let partnerId: string;
  let partnerSlug: string;
  let tenantId: string;
  let tenantSlug: string;
  let admin: Caller;
  let partner: Caller;

  const platform = (method: string, path: string, body?: object) => api.gateway.api(method, path, { body });
  const backend = async (plan = "fake-ok?tokens=50") => (await api.model(plan)).backendIds[0] ?? "";
  const grant = async (backend_id: string, more: object = { tenant_id: tenantId }) =>
    madeId(await platform("POST", "/v1/backend-grants", { backend_id, ...more }));

  beforeAll(async () => {
    partnerSlug = freshSlug("owner");
    tenantSlug = freshSlug("payer");
    partnerId = await addPartner(api.gateway, partnerSlug);
    tenantId = await addTenant(api.gateway, partnerId, tenantSlug);
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    partner = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId });
  });

  /** A model that its owner routes, at what its partner says. */
  async function owned(owner: Caller, prefix: string, backendIds: readonly string[], more: object) {
    const slug = `${prefix}/${freshSlug("bot")}`;
    const body = { slug, context_window: 8_000 };
    const model_id = madeId(await owner.call("POST", "/v1/models", body));
    expect((await partner.call("PATCH", `/v1/models/${model_id}`, more)).status).toBe(200);
    const targets = backendIds.map((backend_id, i) => ({ backend_id, priority: i + 1 }));
    madeId(await owner.call("POST", "/v1/routing-policies", { model_id, targets }));
    return { slug, modelId: model_id };
  }
  const ofTenant = (backendIds: readonly string[], more: object) =>
    owned(admin, `tenant/${tenantSlug}`, backendIds, more);

  async function called(slug: string) {
    const reply = await api.chat({ model: slug, max_tokens: 60 }, { key: admin.key });
    expect(reply.status).toBe(200);
    const passes = (trace: unknown) => isObject(pick(trace, "usage"));
    return pick((await traceOf(api.gateway, requestIdOf(reply), passes)).body, "data");
  }

  /** Units, of prices per million tokens. */
  function worth(trace: unknown, perIn: number, perOut: number): string {
    const [input, output] = [pick(trace, "usage.tokens_in"), pick(trace, "usage.tokens_out")];
    return String(Number(((Number(input) * perIn + Number(output) * perOut) / 1e6).toFixed(12)));
  }
  const ratesOf = (trace: unknown, level: "price" | "partner_price") =>
    ["input_per_mtok", "output_per_mtok"].map((name) => pick(trace, `${level}.prices.${name}`));

  test("cost their tenant and its partner at least what the backend costs, however cheap the model is", async () => {
    const { slug } = await ofTenant([await granted()], { prices: CHEAP });
    const trace = await called(slug);
    expect(pick(trace, "usage.cost")).toBe(worth(trace, ...COST));
    expect(pick(trace, "usage.backend_cost")).toBe(worth(trace, ...COST));
    expect(ratesOf(trace, "partner_price")).toEqual(["1.25", "5"]);
    const floor = pickText(trace, "price.floor_version_id");
    expect(floor).toStartWith("price_");
    expect(pick(trace, "usage.floor_version_id")).toBe(floor);
    expect(pickText(trace, "price.price_version_id")).not.toBe(floor);
    const seen = await admin.call("GET", `/v1/accounting/effective-prices/${slug}`);
    expect(pick(seen.body, "data.floors")).toMatchObject([{ level: "tenant", price_version_id: floor }]);
  });

  async function granted(more: object = {}, plan?: string): Promise<string> {
    const id = await backend(plan);
    await grant(id, { tenant_id: tenantId, ...more });
    return id;
  }

  test("cost what the grant asks, bucket by bucket, and never more than was set aside", async () => {
    const { slug } = await ofTenant([await granted({ prices: ASKED })], {
      prices: { input_per_mtok: "2", output_per_mtok: "9" },
    });
    const budget = { scope: "tenant", scope_id: tenantId, period: "total", cost_limit: "50" };
    const budgetId = madeId(await platform("POST", "/v1/accounting/budgets", budget));
    const standing = async (field: string) =>
      pickText((await platform("GET", `/v1/accounting/budgets/${budgetId}`)).body, `data.${field}.cost`);
    const before = Number(await standing("spent"));
    const trace = await called(slug);
    expect(ratesOf(trace, "price")).toEqual(["3", "9"]);
    expect(pick(trace, "usage.cost")).toBe(worth(trace, 3, 9));
    expect(Number(pick(trace, "price.bound"))).toBeGreaterThanOrEqual(Number(pick(trace, "usage.cost")));
    expect(Number(await standing("spent")) - before).toBeCloseTo(Number(worth(trace, 3, 9)), 12);
    expect(await standing("reserved")).toBe("0");
    await platform("DELETE", `/v1/accounting/budgets/${budgetId}`);
  });

  test("are not free because the model is", async () => {
    const { slug } = await ofTenant([await granted({ prices: ASKED })], { free: true });
    const trace = await called(slug);
    expect(pick(trace, "usage.cost")).toBe(worth(trace, 3, 4));
    expect(pick(trace, "price.price_version_id")).toBeUndefined();
  });

  test("cost a partner the same for a model of its own, which its tenants may have for nothing", async () => {
    const id = await backend();
    await grant(id, { partner_id: partnerId, prices: ASKED });
    const { slug } = await owned(partner, `partner/${partnerSlug}`, [id], { free: true });
    const trace = await called(slug);
    expect([pick(trace, "usage.cost"), pick(trace, "price")]).toEqual(["0", undefined]);
    expect(ratesOf(trace, "partner_price")).toEqual(["3", "4"]);
    const asPartner = await partner.call("GET", `/v1/requests/${pickText(trace, "request_id")}`);
    expect(pick(asPartner.body, "data.usage.backend_cost")).toBe(worth(trace, 3, 4));
  });

  test("cost a tenant what its partner asks for what it has handed on, and the partner what the platform asks", async () => {
    const id = await backend();
    await grant(id, { partner_id: partnerId, prices: ASKED });
    const handed = {
      backend_id: id,
      tenant_id: tenantId,
      prices: { input_per_mtok: "6", output_per_mtok: "7" },
    };
    madeId(await partner.call("POST", "/v1/backend-grants", handed));
    const { slug } = await ofTenant([id], { free: true });
    const trace = await called(slug);
    expect([ratesOf(trace, "price"), ratesOf(trace, "partner_price")]).toEqual([
      ["6", "7"],
      ["3", "4"],
    ]);
  });

  test("cost at least what the backend that served asks, and were set aside at the dearest of them", async () => {
    const dear = await granted({ prices: { input_per_mtok: "30", output_per_mtok: "40" } });
    const { slug } = await ofTenant([await granted({}, "fake-status?code=500"), dear], { prices: CHEAP });
    const trace = await called(slug);
    expect(pick(trace, "backend_id")).toBe(dear);
    expect(pick(trace, "usage.cost")).toBe(worth(trace, 30, 40));
    expect(Number(pick(trace, "price.bound"))).toBeGreaterThanOrEqual(Number(worth(trace, 30, 40)));
  });

  test("cost for a model of the platform what its price says, below the cost too", async () => {
    const { slug } = await api.model("fake-ok?tokens=50", { prices: CHEAP });
    const trace = await called(slug);
    expect(pick(trace, "usage.cost")).toBe(worth(trace, 0.1, 0.1));
    expect(pick(trace, "price.floor_version_id")).toBeUndefined();
  });

  test("are asked another price from the change on, by whoever has made the grant", async () => {
    const id = await backend();
    const grantId = await grant(id, { tenant_id: tenantId, prices: ASKED });
    const path = `/v1/backend-grants/${grantId}`;
    const { slug } = await ofTenant([id], { free: true });
    expect(pick(await called(slug), "usage.floor_version_id")).not.toBe("");
    const changed = await platform("PATCH", path, { prices: { input_per_mtok: "8", output_per_mtok: "9" } });
    expect([changed.status, pick(changed.body, "data.prices.input_per_mtok")]).toEqual([200, "8"]);
    expect(ratesOf(await called(slug), "price")).toEqual(["8", "9"]);
    expect(pick((await admin.call("GET", path)).body, "data.prices.output_per_mtok")).toBe("9");
    const denied = await partner.call("PATCH", path, { prices: CHEAP });
    expect([denied.status, codeOf(denied)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    const wrong = await platform("PATCH", path, { prices: { ...CHEAP, input_per_mtok: "-1" } });
    expect([wrong.status, fieldsOf(wrong)]).toEqual([422, ["prices.input_per_mtok"]]);
  });
});
