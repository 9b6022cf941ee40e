import { beforeAll, describe, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf } from "./started.ts";
import { addCaller, addPartner, addTenant, type Caller, freshSlug, madeId } from "./tenancy.ts";

const UNKNOWN = "00000000000000000000000000";

describeApi("grants of backends", (api) => {
  let partnerId: string;
  let tenantId: string;
  let siblingId: string;
  let partnerAdmin: Caller;
  let admin: Caller;
  let otherPartner: Caller;
  const platform = (method: string, path: string, body?: object) => api.gateway.api(method, path, { body });
  const grant = (body: object) => platform("POST", "/v1/backend-grants", body);
  const listed = async (who: Caller, query = "") =>
    itemsOf(await who.call("GET", `/v1/backend-grants${query}`));

  beforeAll(async () => {
    partnerId = await addPartner(api.gateway);
    tenantId = await addTenant(api.gateway, partnerId);
    siblingId = await addTenant(api.gateway, partnerId);
    partnerAdmin = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId });
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    const elsewhere = await addTenant(api.gateway, await addPartner(api.gateway));
    otherPartner = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId: elsewhere });
  });
  const backend = async () => (await api.model("fake-ok")).backendIds[0] ?? "";

  test("the platform grants to partners and tenants, who see what is theirs and nothing of what it costs", async () => {
    const backend_id = await backend();
    const made = await grant({ backend_id, tenant_id: tenantId });
    expect(made.status).toBe(201);
    expect(pick(made.body, "data")).toMatchObject({
      backend_id,
      backend_uri: "custom:fake-ok",
      partner_id: partnerId,
      tenant_id: tenantId,
      granted_by: "platform",
      in_force: true,
    });
    expect(made.text).not.toContain(api.fake.url);
    for (const who of [admin, partnerAdmin]) {
      const found = await listed(who, `?backend_id=${backend_id}`);
      expect(found.map((each) => each["id"])).toEqual([pickText(made.body, "data.id")]);
    }
    expect(await listed(otherPartner, `?backend_id=${backend_id}`)).toEqual([]);
    expect(JSON.stringify(await listed(admin))).not.toMatch(/cost|price|base_url/);
  });

  test("one is made once; a second is a conflict", async () => {
    const body = { backend_id: await backend(), tenant_id: tenantId };
    expect((await grant(body)).status).toBe(201);
    const again = await grant(body);
    expect([again.status, codeOf(again)]).toEqual([409, "CONFLICT"]);
  });

  test("a partner hands on what it has, to its own tenants; what it loses is handed on no more", async () => {
    const backend_id = await backend();
    const onward = { backend_id, tenant_id: siblingId };
    const early = await partnerAdmin.call("POST", "/v1/backend-grants", onward);
    expect([early.status, fieldsOf(early)]).toEqual([422, ["backend_id"]]);
    const unknown = { ...onward, backend_id: `be_${UNKNOWN}` };
    const none = await partnerAdmin.call("POST", "/v1/backend-grants", unknown);
    expect(pick(none.body, "error.details")).toEqual(pick(early.body, "error.details"));
    const own = madeId(await grant({ backend_id, partner_id: partnerId }));
    const handed = madeId(await partnerAdmin.call("POST", "/v1/backend-grants", onward));
    const stateOf = async (id: string) =>
      (await listed(partnerAdmin, `?backend_id=${backend_id}`)).find((each) => each["id"] === id)?.[
        "in_force"
      ];
    expect(await stateOf(handed)).toBe(true);
    expect((await platform("DELETE", `/v1/backend-grants/${own}`)).status).toBe(200);
    expect(await stateOf(handed)).toBe(false);
    expect((await partnerAdmin.call("DELETE", `/v1/backend-grants/${handed}`)).status).toBe(200);
  });

  test("a partner neither grants itself anything nor takes back what the platform has granted", async () => {
    const backend_id = await backend();
    const own = { backend_id, partner_id: partnerId };
    const self = await partnerAdmin.call("POST", "/v1/backend-grants", own);
    expect([self.status, fieldsOf(self)]).toEqual([422, ["partner_id"]]);
    const id = madeId(await grant({ backend_id, tenant_id: tenantId }));
    const denied = await partnerAdmin.call("DELETE", `/v1/backend-grants/${id}`);
    expect([denied.status, codeOf(denied)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    expect((await otherPartner.call("DELETE", `/v1/backend-grants/${id}`)).status).toBe(404);
    expect((await admin.call("DELETE", `/v1/backend-grants/${id}`)).status).toBe(403);
    expect((await admin.call("POST", "/v1/backend-grants", own)).status).toBe(403);
  });

  test.each([
    ["neither", { tenant_id: undefined }, "tenant_id"],
    ["both", { partner_id: "partner_x" }, "tenant_id"],
    ["a tenant that is none", { tenant_id: `tenant_${UNKNOWN}` }, "tenant_id"],
    ["a backend that is none", { backend_id: `be_${UNKNOWN}` }, "backend_id"],
  ])("with %s is refused by field", async (_name, change, field) => {
    const reply = await grant({ backend_id: await backend(), tenant_id: tenantId, ...change });
    expect([reply.status, fieldsOf(reply)]).toEqual([422, [field]]);
  });

  describe("go with", () => {
    const left = async (backendId: string) =>
      itemsOf(await platform("GET", `/v1/backend-grants?backend_id=${backendId}`));

    test("their backend", async () => {
      const backend_id = await backend();
      await grant({ backend_id, tenant_id: tenantId });
      expect((await platform("DELETE", `/v1/backends/${backend_id}`)).status).toBe(200);
      expect(await left(backend_id)).toEqual([]);
    });

    test("their tenant and their partner", async () => {
      const backend_id = await backend();
      const partner = await addPartner(api.gateway, freshSlug("leaving"));
      const tenant = await addTenant(api.gateway, partner);
      await grant({ backend_id, partner_id: partner });
      await grant({ backend_id, tenant_id: tenant });
      expect((await platform("DELETE", `/v1/tenants/${tenant}`)).status).toBe(200);
      expect(await left(backend_id)).toHaveLength(1);
      expect((await platform("DELETE", `/v1/partners/${partner}`)).status).toBe(200);
      expect(await left(backend_id)).toEqual([]);
    });
  });
});
