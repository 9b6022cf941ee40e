import { beforeAll, expect, test } from "bun:test";
import { formatAmount } from "../../src/base/money.ts";
import { isObject, pick } from "../harness/json.ts";
import { describeApi, fieldsOf, requestIdOf, traceOf } from "./started.ts";
import { addCaller, addPartner, addTenant, type Caller, freshSlug, madeId } from "./tenancy.ts";

/** Pico per token. */
const [IN, OUT] = [2_500_000n, 10_000_000n];
const PRICES = { input_per_mtok: "2.50", output_per_mtok: "10.00" };

describeApi("what a tenant says of its own models", (api) => {
  let tenantId: string;
  let tenantSlug: string;
  let admin: Caller;
  let partnerAdmin: Caller;

  beforeAll(async () => {
    tenantSlug = freshSlug("payer");
    tenantId = await addTenant(api.gateway, await addPartner(api.gateway), tenantSlug);
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    partnerAdmin = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId });
  });

  /** A model of the tenant, priced by its partner, and a backend granted to it. */
  async function owned(
    fields: object,
    plan = "fake-ok?tokens=50",
  ): Promise<{ slug: string; policy: object }> {
    const slug = `tenant/${tenantSlug}/${freshSlug("bot")}`;
    const modelId = madeId(await admin.call("POST", "/v1/models", { slug, ...fields }));
    expect((await partnerAdmin.call("PATCH", `/v1/models/${modelId}`, { prices: PRICES })).status).toBe(200);
    const backend_id = (await api.model(plan)).backendIds[0] ?? "";
    const grant = { backend_id, tenant_id: tenantId };
    madeId(await api.gateway.api("POST", "/v1/backend-grants", { body: grant }));
    return { slug, policy: { model_id: modelId, targets: [{ backend_id }] } };
  }

  /** What a call with a prompt of that many bytes comes to. */
  async function used(slug: string, bytes: number, more: object = {}) {
    const messages = [{ role: "user", content: "x".repeat(bytes) }];
    const reply = await api.chat({ model: slug, messages, ...more }, { key: admin.key });
    expect(reply.status).toBe(200);
    const trace = await traceOf(api.gateway, requestIdOf(reply), (each) => isObject(pick(each, "usage")));
    return pick(trace.body, "data.usage");
  }

  test.each([
    ["no length", {}],
    ["a length", { max_tokens: 60 }],
  ])("about their size does not lower what a prompt with %s costs", async (_name, more) => {
    const { slug, policy } = await owned({ context_window: 1 });
    madeId(await admin.call("POST", "/v1/routing-policies", policy));
    const usage = await used(slug, 10_000, more);
    expect(pick(usage, "tokens_in")).toBe(2_500);
    const tokensOut = Number(pick(usage, "tokens_out"));
    expect(pick(usage, "cost")).toBe(formatAmount(2_500n * IN + BigInt(tokensOut) * OUT));
  });

  test("leaves no answer without a limit that the provider is told", async () => {
    const { slug, policy } = await owned({ context_window: 8_000 });
    madeId(await admin.call("POST", "/v1/routing-policies", policy));
    const call = { key: admin.key };
    expect(pick((await api.chat({ model: slug }, call)).body, "data._meta.max_tokens")).toBe(4_096);
    expect(pick(api.fake.log.records.at(-1)?.body, "max_tokens")).toBe(4_096);
    await api.chat({ model: slug, max_tokens: 9_000 }, call);
    expect(pick(api.fake.log.records.at(-1)?.body, "max_tokens")).toBe(8_000);
  });

  test("lets nobody use another's model at the price of their own", async () => {
    const { policy } = await owned({ context_window: 8_000 });
    const { slug: dear } = await api.model("fake-ok");
    const cheaply = { ...policy, fallback_models: [dear] };
    const refused = await admin.call("POST", "/v1/routing-policies", cheaply);
    expect([refused.status, fieldsOf(refused)]).toEqual([422, ["fallback_price"]]);
    const made = await admin.call("POST", "/v1/routing-policies", { ...cheaply, fallback_price: "served" });
    const path = `/v1/routing-policies/${madeId(made)}`;
    const patched = await admin.call("PATCH", path, { fallback_price: "asked" });
    expect([patched.status, fieldsOf(patched)]).toEqual([422, ["fallback_price"]]);
  });
});
