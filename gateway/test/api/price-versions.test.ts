import { beforeAll, expect, test } from "bun:test";
import { isObject, pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf, requestIdOf, traceOf } from "./started.ts";
import { addCaller, addPartner, addTenant, type Caller, madeId } from "./tenancy.ts";

const VERSIONS = "/v1/accounting/price-versions";
const UNKNOWN = "00000000000000000000000000";
const LATER = "2199-01-01T00:00:00.000Z";
const prices = (input_per_mtok: string, more: object = {}) => ({
  input_per_mtok,
  output_per_mtok: "9",
  ...more,
});

describeApi("price versions", (api) => {
  let slug: string;
  let modelId: string;
  let backendId: string;
  let partner: Caller;
  const add = (body: object) => api.gateway.api("POST", VERSIONS, { body });
  const listed = async (query: string) => itemsOf(await api.gateway.api("GET", `${VERSIONS}?${query}`));

  beforeAll(async () => {
    const model = await api.model("fake-ok?tokens=5", {
      prices: { input_per_mtok: "1", output_per_mtok: "9" },
    });
    ({ slug, modelId } = model);
    backendId = model.backendIds[0] ?? "";
    const tenantId = await addTenant(api.gateway, await addPartner(api.gateway));
    partner = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId });
  });

  test("stay on record, the one in force among them, so that what was charged can be looked up", async () => {
    const reply = await api.chat({ model: slug });
    const passes = (trace: unknown) => isObject(pick(trace, "usage"));
    const trace = (await traceOf(api.gateway, requestIdOf(reply), passes)).body;
    const made = await add({ model_id: modelId, prices: prices("2"), price_source: "a contract" });
    expect([made.status, pick(made.body, "data.state")]).toEqual([201, "in_force"]);
    const [present, former] = await listed(`model_id=${modelId}`);
    expect(present).toMatchObject({ id: madeId(made), price_source: "a contract", model_id: modelId });
    expect(former).toMatchObject({
      id: pickText(trace, "data.price.price_version_id"),
      state: "superseded",
      prices: prices("1"),
    });
  });

  test("of a day to come change nothing yet, and are told of", async () => {
    const made = await add({ model_id: modelId, prices: prices("50"), effective_from: LATER });
    expect(pick(made.body, "data")).toMatchObject({ state: "scheduled", effective_from: LATER });
    const price = (await api.gateway.api("GET", `/v1/accounting/effective-prices/${slug}`)).body;
    expect([pick(price, "data.prices.input_per_mtok"), pick(price, "data.next_change_at")]).toEqual([
      "2",
      LATER,
    ]);
  });

  test("of backends and grants are kept alike, tiers and the share of batches included", async () => {
    const whole = prices("3", { batch_factor: "0.5", tiers: [{ above_input_tokens: 9, ...prices("4") }] });
    expect((await add({ backend_id: backendId, prices: whole })).status).toBe(201);
    expect((await listed(`backend_id=${backendId}`))[0]).toMatchObject({ state: "in_force", prices: whole });
    const tenant_id = await addTenant(api.gateway);
    const body = { backend_id: backendId, tenant_id, prices: prices("5") };
    const grantId = madeId(await api.gateway.api("POST", "/v1/backend-grants", { body }));
    madeId(await add({ grant_id: grantId, prices: prices("6") }));
    expect((await listed(`grant_id=${grantId}`)).map((each) => pick(each, "prices.input_per_mtok"))).toEqual([
      "6",
      "5",
    ]);
  });

  test("are all told to the platform, and to others those of what is theirs", async () => {
    const seen = await listed("limit=1000");
    expect(seen.map((each) => each["backend_id"])).toContain(backendId);
    expect(seen.map((each) => each["model_id"])).toContain(modelId);
    expect(itemsOf(await partner.call("GET", VERSIONS))).toEqual([]);
  });

  test("of a backend are the platform's to know: to others there is none", async () => {
    const query = (id: string) => partner.call("GET", `${VERSIONS}?backend_id=${id}`);
    for (const reply of [await query(backendId), await query(`be_${UNKNOWN}`)]) {
      expect([reply.status, codeOf(reply)]).toEqual([404, "BACKEND_NOT_FOUND"]);
    }
    const denied = await partner.call("POST", VERSIONS, { model_id: modelId, prices: prices("0") });
    expect([denied.status, codeOf(denied)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
  });

  test.each<readonly [string, object, string]>([
    ["of nothing", { model_id: undefined }, "model_id"],
    ["of two things", { backend_id: "be_x" }, "model_id"],
    ["from the past on", { effective_from: "2020-01-01T00:00:00Z" }, "effective_from"],
    ["below nothing", { prices: prices("-1") }, "prices.input_per_mtok"],
    [
      "with batches dearer than others",
      { prices: prices("1", { batch_factor: "1.5" }) },
      "prices.batch_factor",
    ],
  ])("%s are refused by field", async (_name, change, field) => {
    const reply = await add({ model_id: modelId, prices: prices("1"), ...change });
    expect([reply.status, fieldsOf(reply)]).toEqual([422, [field]]);
  });
});
