import { beforeAll, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf, requestIdOf, traceOf } from "./started.ts";
import { addCaller, addPartner, addTenant, type Caller, freshSlug, madeId } from "./tenancy.ts";

describeApi("models that a tenant routes itself", (api) => {
  let tenantId: string;
  let tenantSlug: string;
  let admin: Caller;
  let partnerAdmin: Caller;
  let sibling: Caller;
  const platform = (method: string, path: string, body?: object) => api.gateway.api(method, path, { body });
  const refusal = async (who: Caller, method: string, path: string, body?: object) => {
    const reply = await who.call(method, path, body);
    return [reply.status, codeOf(reply)];
  };

  beforeAll(async () => {
    tenantSlug = freshSlug("routes");
    const partnerId = await addPartner(api.gateway);
    tenantId = await addTenant(api.gateway, partnerId, tenantSlug);
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    partnerAdmin = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId });
    const other = await addTenant(api.gateway, partnerId);
    sibling = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId: other });
  });

  /** A model of the tenant, priced by its partner, and a backend of the platform. */
  const prepared = async () => {
    const slug = `tenant/${tenantSlug}/${freshSlug("bot")}`;
    const modelId = madeId(await admin.call("POST", "/v1/models", { slug, context_window: 1_000 }));
    await partnerAdmin.call("PATCH", `/v1/models/${modelId}`, { free: true });
    const backendId = (await api.model("fake-ok")).backendIds[0] ?? "";
    const policy = { model_id: modelId, targets: [{ backend_id: backendId }] };
    const grant = async () =>
      madeId(await platform("POST", "/v1/backend-grants", { backend_id: backendId, tenant_id: tenantId }));
    const chat = () => api.chat({ model: slug }, { key: admin.key });
    return { slug, modelId, backendId, policy, grant, chat };
  };

  test("go over what is granted to it, and over nothing else", async () => {
    const { policy, grant, chat } = await prepared();
    const path = "/v1/routing-policies";
    expect(await refusal(admin, "POST", path, policy)).toEqual([404, "BACKEND_NOT_FOUND"]);
    await grant();
    const made = await admin.call("POST", path, policy);
    expect(pick(made.body, "data.under_grants")).toBe(true);
    expect((await chat()).status).toBe(200);
    const foreign = (await api.model("fake-ok")).backendIds[0];
    const id = madeId(made);
    const wider = { targets: [...policy.targets, { backend_id: foreign, priority: 2 }] };
    expect(await refusal(admin, "PATCH", `${path}/${id}`, wider)).toEqual([404, "BACKEND_NOT_FOUND"]);
    expect(await refusal(admin, "PUT", `${path}/${id}`, { ...policy, ...wider })).toEqual([
      404,
      "BACKEND_NOT_FOUND",
    ]);
    expect((await admin.call("PATCH", `${path}/${id}`, { strategy: "weighted" })).status).toBe(200);
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const body = method === "PATCH" ? { strategy: "latency" } : undefined;
      expect(await refusal(sibling, method, `${path}/${id}`, body)).toEqual([404, "NOT_FOUND"]);
    }
    const listed = async (who: Caller) => itemsOf(await who.call("GET", path)).map((each) => each["id"]);
    expect([(await listed(admin)).includes(id), await listed(sibling)]).toEqual([true, []]);
    expect((await admin.call("DELETE", `${path}/${id}`)).status).toBe(200);
  });

  test("stop with the grant, say why, and go on with the next one", async () => {
    const { policy, grant, chat } = await prepared();
    const granted = await grant();
    await admin.call("POST", "/v1/routing-policies", policy);
    expect((await chat()).status).toBe(200);
    await platform("DELETE", `/v1/backend-grants/${granted}`);
    const refused = await chat();
    expect([refused.status, codeOf(refused)]).toEqual([503, "MODEL_UNAVAILABLE"]);
    expect(pickText(refused.body, "error.message")).toContain("granted");
    const trace = await traceOf(api.gateway, requestIdOf(refused));
    expect(trace.text).toContain("it is not granted any more");
    await grant();
    expect((await chat()).status).toBe(200);
  });

  test("are priced by those above, not by those who pay", async () => {
    const { slug, modelId } = await prepared();
    const prices = { input_per_mtok: "0.01", output_per_mtok: "0.01" };
    const path = `/v1/models/${modelId}`;
    const denied = [403, "AUTHZ_PERMISSION_DENIED"];
    expect(await refusal(admin, "PATCH", path, { prices })).toEqual(denied);
    expect(await refusal(admin, "PATCH", path, { input_price_per_mtok: "0" })).toEqual(denied);
    expect(await refusal(admin, "PUT", path, { slug, context_window: 9, prices })).toEqual(denied);
    const another = { slug: `tenant/${tenantSlug}/${freshSlug("cheap")}`, context_window: 9 };
    expect(await refusal(admin, "POST", "/v1/models", { ...another, free: true })).toEqual(denied);
    expect(await refusal(admin, "POST", "/v1/models", { ...another, prices })).toEqual(denied);
    // A whole new version of the rest leaves it as free as it is.
    const whole = await admin.call("PUT", path, { slug, context_window: 9 });
    expect(pick(whole.body, "data.free")).toBe(true);
    const fresh = madeId(await admin.call("POST", "/v1/models", another));
    expect(await refusal(admin, "PATCH", `/v1/models/${fresh}`, { free: true })).toEqual(denied);
  });

  test("keep what the platform has set for them", async () => {
    const { policy, modelId } = await prepared();
    const id = madeId(await platform("POST", "/v1/routing-policies", policy));
    const path = `/v1/routing-policies/${id}`;
    const seen = await admin.call("GET", path);
    expect(pick(seen.body, "data")).toMatchObject({ model_id: modelId, under_grants: false });
    expect(await refusal(admin, "PATCH", path, { strategy: "weighted" })).toEqual([
      403,
      "AUTHZ_PERMISSION_DENIED",
    ]);
    expect(await refusal(admin, "DELETE", path)).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
  });

  test("fall back to what its administrator may see, and learn nothing of the rest", async () => {
    const { policy, grant } = await prepared();
    await grant();
    const hidden = `tenant/${freshSlug("other")}/secret`;
    await platform("POST", "/v1/models", { slug: hidden, context_window: 9, free: true });
    const details = [];
    for (const slug of [hidden, "tenant/nobody/none"]) {
      const reply = await admin.call("POST", "/v1/routing-policies", {
        ...policy,
        fallback_models: [slug],
        fallback_price: "served",
      });
      expect([reply.status, fieldsOf(reply)]).toEqual([422, ["fallback_models[0]"]]);
      details.push(pick(reply.body, "error.details"));
    }
    expect(details[0]).toEqual(details[1]);
  });

  test("are so many at most, for each tenant", async () => {
    const slug = freshSlug("many");
    const full = await addCaller(api.gateway, {
      roles: ["tenant_admin"],
      tenantId: await addTenant(api.gateway, undefined, slug),
    });
    const make = (n: number) =>
      full.call("POST", "/v1/models", { slug: `tenant/${slug}/m${n}`, context_window: 9 });
    for (let n = 0; n < 200; n++) expect((await make(n)).status).toBe(201);
    const over = await make(200);
    expect([over.status, codeOf(over)]).toEqual([429, "QUOTA_EXCEEDED"]);
    await prepared();
  });
});
