import { beforeAll, describe, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { Stranger } from "./people.ts";
import { codeOf, describeApi, fieldsOf, itemsOf, MESSAGES } from "./started.ts";
import { addCaller, addKey, addPartner, addTenant, Caller, madeId } from "./tenancy.ts";

const UNKNOWN = "user_00000000000000000000000000";

describeApi("users", (api) => {
  let tenantId: string;
  let siblingId: string;
  let partnerAdmin: Caller;
  let admin: Caller;
  let user: Caller;
  let foreign: Caller;
  beforeAll(async () => {
    const partnerId = await addPartner(api.gateway);
    tenantId = await addTenant(api.gateway, partnerId);
    siblingId = await addTenant(api.gateway, partnerId);
    partnerAdmin = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId });
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    user = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId });
    foreign = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId: siblingId });
  });
  const refusal = async (who: Caller, method: string, path: string, body?: object) => {
    const reply = await who.call(method, path, body);
    return [reply.status, codeOf(reply)];
  };
  const addUser = async (body: object) => madeId(await admin.call("POST", "/v1/users", body));

  test("a person and a service are added to the administrator's own tenant", async () => {
    const email = "Ada@Example.com";
    const made = await admin.call("POST", "/v1/users", { display_name: "Ada", email });
    expect(pick(made.body, "data")).toMatchObject({
      tenant_id: tenantId,
      email: "ada@example.com",
      kind: "human",
      status: "active",
      roles: ["tenant_user"],
    });
    const path = `/v1/users/${madeId(made)}`;
    expect(pick((await admin.call("GET", path)).body, "data")).toMatchObject({ display_name: "Ada" });
    const service = await admin.call("POST", "/v1/users", { display_name: "CI", kind: "service" });
    expect(pick(service.body, "data")).not.toHaveProperty("email");
    const renamed = await admin.call("PATCH", path, {
      display_name: "Ada L.",
      email: "lovelace@example.com",
    });
    expect(pick(renamed.body, "data")).toMatchObject({
      display_name: "Ada L.",
      email: "lovelace@example.com",
    });
    const again = await refusal(admin, "POST", "/v1/users", {
      display_name: "A",
      email: "lovelace@example.com",
    });
    expect(again).toEqual([409, "CONFLICT"]);
    const found = await admin.call("GET", "/v1/users?q=LOVELACE&kind=human&status=active");
    expect(itemsOf(found).map(({ id }) => id)).toEqual([madeId(made)]);
  });

  test("each administrator sees the users of their tenants and no others", async () => {
    const tenants = async (who: Caller, query = "") =>
      new Set(
        itemsOf(await who.call("GET", `/v1/users?limit=1000${query}`)).map((each) => each["tenant_id"]),
      );
    expect(await tenants(admin)).toEqual(new Set([tenantId]));
    expect(await tenants(partnerAdmin)).toEqual(new Set([tenantId, siblingId]));
    expect(await tenants(partnerAdmin, `&tenant_id=${siblingId}`)).toEqual(new Set([siblingId]));
    expect(await tenants(admin, `&tenant_id=${siblingId}`)).toEqual(new Set());
  });

  test("another tenant's user is to an administrator what no user is", async () => {
    for (const [method, tail, body] of [
      ["GET", "", undefined],
      ["PATCH", "", { display_name: "x" }],
      ["PUT", "/roles", { roles: [] }],
      ["DELETE", "", undefined],
    ] as const) {
      const theirs = await admin.call(method, `/v1/users/${foreign.userId}${tail}`, body);
      const none = await admin.call(method, `/v1/users/${UNKNOWN}${tail}`, body);
      expect([theirs.status, codeOf(theirs)]).toEqual([404, "NOT_FOUND"]);
      expect(pick(theirs.body, "error")).toEqual(pick(none.body, "error"));
      expect(await refusal(user, method, `/v1/users/${user.userId}${tail}`, body)).toEqual([
        403,
        "AUTHZ_PERMISSION_DENIED",
      ]);
    }
    for (const tenant of [siblingId, "tenant_00000000000000000000000000"]) {
      const body = { display_name: "x", kind: "service", tenant_id: tenant };
      const reply = await admin.call("POST", "/v1/users", body);
      expect([reply.status, fieldsOf(reply)]).toEqual([422, ["tenant_id"]]);
    }
    expect(await refusal(user, "POST", "/v1/users", { display_name: "x", kind: "service" })).toEqual([
      403,
      "AUTHZ_PERMISSION_DENIED",
    ]);
    expect(await refusal(user, "GET", "/v1/users")).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    expect((await foreign.call("GET", "/v1/me")).status).toBe(200);
  });

  test("a partner's administrator puts people into any of its tenants", async () => {
    const body = { display_name: "x", kind: "service", tenant_id: siblingId, roles: ["tenant_admin"] };
    const made = await partnerAdmin.call("POST", "/v1/users", body);
    expect(pick(made.body, "data.tenant_id")).toBe(siblingId);
  });

  describe("nobody grants what they do not hold", () => {
    test.each(["partner_viewer", "partner_admin", "super_admin"])(
      "a tenant's administrator not %s",
      async (role) => {
        const body = { display_name: "x", kind: "service", roles: ["tenant_user", role] };
        expect(await refusal(admin, "POST", "/v1/users", body)).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
        const path = `/v1/users/${user.userId}/roles`;
        expect(await refusal(admin, "PUT", path, { roles: [role] })).toEqual([
          403,
          "AUTHZ_PERMISSION_DENIED",
        ]);
        expect(pick((await user.call("GET", "/v1/me")).body, "data.roles")).toEqual(["tenant_user"]);
      },
    );

    test("a partner's administrator not super_admin", async () => {
      const body = { roles: ["super_admin"] };
      const path = `/v1/users/${foreign.userId}/roles`;
      expect(await refusal(partnerAdmin, "PUT", path, body)).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    });

    test("and nobody to themselves, not even less", async () => {
      for (const who of [admin, partnerAdmin]) {
        const path = `/v1/users/${who.userId}/roles`;
        for (const roles of [["tenant_user"], ["tenant_admin"]]) {
          expect(await refusal(who, "PUT", path, { roles })).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
        }
      }
    });

    test("nor a key that may do more than they", async () => {
      const assigned = (userId: string) => ({ name: "x", assigned_user_id: userId });
      const forbidden = [403, "AUTHZ_PERMISSION_DENIED"];
      expect(await refusal(admin, "POST", "/v1/api-keys", assigned(partnerAdmin.userId))).toEqual(forbidden);
      expect(await refusal(user, "POST", "/v1/api-keys", assigned(admin.userId))).toEqual(forbidden);
      for (const stranger of [foreign.userId, UNKNOWN]) {
        const reply = await admin.call("POST", "/v1/api-keys", assigned(stranger));
        expect([reply.status, fieldsOf(reply)]).toEqual([422, ["assigned_user_id"]]);
      }
      const made = await admin.call("POST", "/v1/api-keys", assigned(user.userId));
      expect(pick(made.body, "data.user_id")).toBe(user.userId);
    });
  });

  test("nobody changes somebody who may do more", async () => {
    const path = `/v1/users/${partnerAdmin.userId}`;
    for (const [method, tail, body] of [
      ["PATCH", "", { status: "suspended" }],
      ["PUT", "/roles", { roles: [] }],
      ["DELETE", "", undefined],
    ] as const) {
      expect(await refusal(admin, method, path + tail, body)).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    }
    expect((await partnerAdmin.call("GET", "/v1/me")).status).toBe(200);
  });

  test("nobody suspends or deletes themselves", async () => {
    const path = `/v1/users/${admin.userId}`;
    expect(await refusal(admin, "PATCH", path, { status: "suspended" })).toEqual([
      403,
      "AUTHZ_PERMISSION_DENIED",
    ]);
    expect(await refusal(admin, "DELETE", path)).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
  });

  test("roles are in force at once, for keys that were made before", async () => {
    const id = await addUser({ display_name: "risen", kind: "service", roles: ["tenant_viewer"] });
    const risen = new Caller(api.gateway, id, await addKey(api.gateway, id));
    expect(await refusal(risen, "GET", "/v1/users")).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    const changed = await admin.call("PUT", `/v1/users/${id}/roles`, {
      roles: ["tenant_admin", "tenant_admin"],
    });
    expect(pick(changed.body, "data.roles")).toEqual(["tenant_admin"]);
    expect((await risen.call("GET", "/v1/users")).status).toBe(200);
    await admin.call("PUT", `/v1/users/${id}/roles`, { roles: [] });
    expect(pick((await risen.call("GET", "/v1/me")).body, "data.permissions")).toEqual([]);
  });

  test("a suspended user's keys are refused and streams cut, until they may go on", async () => {
    const who = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId });
    const { slug } = await api.model("fake-ok?tokens=50&gate=suspended-user&gate_after=2");
    const stream = await api.gateway.chatStream({ model: slug, messages: MESSAGES }, { key: who.key });
    await stream.nextContent();
    const path = `/v1/users/${who.userId}`;
    await admin.call("PATCH", path, { status: "suspended" });
    expect(await stream.end()).toMatchObject({ doneCount: 1, broken: false });
    expect(await refusal(who, "GET", "/v1/me")).toEqual([401, "AUTH_TOKEN_INVALID"]);
    await admin.call("PATCH", path, { status: "active" });
    expect((await who.call("GET", "/v1/me")).status).toBe(200);
  });

  test("a deleted user is gone with their keys, and their address is free; their usage stays", async () => {
    const email = "gone@example.com";
    const id = await addUser({ display_name: "Gone", email });
    const gone = new Caller(api.gateway, id, await addKey(api.gateway, id));
    await api.chat({}, { key: gone.key });
    expect((await admin.call("DELETE", `/v1/users/${id}`)).status).toBe(200);
    expect(await refusal(gone, "GET", "/v1/me")).toEqual([401, "AUTH_TOKEN_INVALID"]);
    expect(await refusal(admin, "GET", `/v1/users/${id}`)).toEqual([404, "NOT_FOUND"]);
    expect(await refusal(admin, "DELETE", `/v1/users/${id}`)).toEqual([404, "NOT_FOUND"]);
    const keys = itemsOf(await admin.call("GET", "/v1/api-keys?scope=tenant"));
    expect(keys.find((key) => key["user_id"] === id)).toMatchObject({ status: "revoked" });
    expect(itemsOf(await admin.call("GET", `/v1/accounting/usage?user_id=${id}`))).toHaveLength(1);
    expect(await addUser({ display_name: "Next", email })).not.toBe(id);
    const reply = await new Stranger(() => api.gateway.url).signIn(email);
    expect(codeOf(reply)).toBe("AUTH_TOKEN_INVALID");
  });

  test("a tenant whose users are all deleted can go too", async () => {
    const id = await addTenant(api.gateway);
    const last = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId: id });
    const path = `/v1/tenants/${id}`;
    expect((await api.gateway.api("DELETE", path)).status).toBe(409);
    await api.gateway.api("DELETE", `/v1/users/${last.userId}`);
    expect((await api.gateway.api("DELETE", path)).status).toBe(200);
    expect(await refusal(last, "GET", "/v1/me")).toEqual([401, "AUTH_TOKEN_INVALID"]);
  });

  test("the built-in roles say who may grant them", async () => {
    const roles = itemsOf(await admin.call("GET", "/v1/iam/roles"));
    const grantable = roles.filter((role) => role["grantable"] === true).map(({ name }) => name);
    expect(grantable).toEqual(["tenant_viewer", "tenant_user", "tenant_admin"]);
    expect(pickText(roles, "0.permissions.0")).toBe("accounting:view_own");
    expect(await refusal(user, "GET", "/v1/iam/roles")).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
  });

  describe("are refused by their field", () => {
    test.each([
      ["a person without an address", { email: undefined }, "email"],
      ["an address that is none", { email: "ada" }, "email"],
      ["a kind nobody knows", { kind: "robot" }, "kind"],
      ["a role nobody knows", { roles: ["king"] }, "roles[0]"],
      ["a field that is not theirs to set", { status: "active" }, "status"],
    ])("%s", async (_name, wrong, field) => {
      const body = { display_name: "w", email: "w@example.com", ...wrong };
      const reply = await admin.call("POST", "/v1/users", body);
      expect([reply.status, codeOf(reply), fieldsOf(reply)]).toEqual([422, "VALIDATION_ERROR", [field]]);
    });
  });
});
