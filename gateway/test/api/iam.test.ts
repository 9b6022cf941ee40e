import { beforeAll, describe, expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { codeOf, describeApi, detailsOf, fieldsOf, itemsOf } from "./started.ts";
import { addCaller, addPartner, addTenant, freshSlug, madeId } from "./tenancy.ts";
import type { Caller } from "./tenancy.ts";

const UNKNOWN = "00000000000000000000000000";
const DENIED = [403, "AUTHZ_PERMISSION_DENIED"];
const GONE = [404, "NOT_FOUND"];

describeApi("custom roles, groups and what they are given", (api) => {
  let tenantId: string;
  let partnerAdmin: Caller;
  let admin: Caller;
  let foreign: Caller;
  let viewer: Caller;
  beforeAll(async () => {
    const partnerId = await addPartner(api.gateway);
    tenantId = await addTenant(api.gateway, partnerId);
    partnerAdmin = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId });
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    viewer = await addCaller(api.gateway, { roles: ["tenant_viewer"], tenantId });
    foreign = await addCaller(api.gateway, {
      roles: ["tenant_admin"],
      tenantId: await addTenant(api.gateway),
    });
  });
  const refusal = async (who: Caller, method: string, path: string, body?: object) => {
    const reply = await who.call(method, path, body);
    return [reply.status, codeOf(reply)];
  };
  const permissions = async (who: Caller) => pick((await who.call("GET", "/v1/me")).body, "data.permissions");
  const addRole = async (core_permissions: readonly string[], by = admin) =>
    madeId(
      await by.call("POST", "/v1/iam/custom-roles", { slug: freshSlug("role"), name: "R", core_permissions }),
    );
  const addGroup = async (by = admin) =>
    madeId(await by.call("POST", "/v1/groups", { name: freshSlug("group") }));
  const someone = (roles = ["tenant_viewer"]) => addCaller(api.gateway, { roles, tenantId });
  const join = (groupId: string, who: Caller, by = admin) =>
    by.call("PUT", `/v1/groups/${groupId}/members/${who.userId}`);

  describe("a custom role", () => {
    test("adds its permissions at once, changes for all who have it, and is deleted when nobody has", async () => {
      const who = await someone();
      const id = await addRole(["api_keys:manage"]);
      const path = `/v1/iam/custom-roles/${id}`;
      const given = { roles: ["tenant_viewer"], custom_role_ids: [id, id] };
      const changed = await admin.call("PUT", `/v1/users/${who.userId}/roles`, given);
      expect(pick(changed.body, "data.custom_role_ids")).toEqual([id]);
      expect(await permissions(who)).toEqual(["accounting:view_own", "api_keys:manage", "models:list"]);
      await admin.call("PATCH", path, { core_permissions: ["models:use"], name: "Renamed" });
      expect(await permissions(who)).toEqual(["accounting:view_own", "models:list", "models:use"]);
      expect(pick((await admin.call("GET", path)).body, "data")).toMatchObject({
        name: "Renamed",
        core_permissions: ["models:use"],
      });
      const inUse = await admin.call("DELETE", path);
      expect([inUse.status, detailsOf(inUse)]).toEqual([409, [{ field: "users", message: "1 still there" }]]);
      // Roles that are not named stay as they are.
      await admin.call("PUT", `/v1/users/${who.userId}/roles`, { roles: ["tenant_viewer"] });
      expect(await permissions(who)).toContain("models:use");
      await admin.call("PUT", `/v1/users/${who.userId}/roles`, {
        roles: ["tenant_viewer"],
        custom_role_ids: [],
      });
      expect((await admin.call("DELETE", path)).status).toBe(200);
      expect(
        itemsOf(await admin.call("GET", "/v1/iam/custom-roles")).map((role) => role["id"]),
      ).not.toContain(id);
    });

    test("holds no more than its maker, and nothing beyond a tenant", async () => {
      const keeper = await addRole(["users:manage", "models:list"]);
      const who = await someone([]);
      await admin.call("PUT", `/v1/users/${who.userId}/roles`, { roles: [], custom_role_ids: [keeper] });
      const body = { slug: freshSlug("more"), name: "More", core_permissions: ["webhooks:manage"] };
      expect(await refusal(who, "POST", "/v1/iam/custom-roles", body)).toEqual(DENIED);
      const made = await addRole(["webhooks:manage"]);
      expect(await refusal(who, "PATCH", `/v1/iam/custom-roles/${made}`, { name: "x" })).toEqual(DENIED);
      const other = await someone([]);
      const grant = { roles: [], custom_role_ids: [made] };
      expect(await refusal(who, "PUT", `/v1/users/${other.userId}/roles`, grant)).toEqual(DENIED);
      for (const wide of ["platform:manage", "partner:manage", "accounting:view_partner", "routing:manage"]) {
        const reply = await partnerAdmin.call("POST", "/v1/iam/custom-roles", {
          ...body,
          core_permissions: [wide],
        });
        expect([reply.status, fieldsOf(reply)]).toEqual([422, ["core_permissions[0]"]]);
      }
    });

    test("is not changed by somebody who has it", async () => {
      const id = await addRole(["users:manage", "models:list"]);
      const who = await someone(["tenant_admin"]);
      await admin.call("PUT", `/v1/users/${who.userId}/roles`, {
        roles: ["tenant_admin"],
        custom_role_ids: [id],
      });
      const path = `/v1/iam/custom-roles/${id}`;
      expect(await refusal(who, "PATCH", path, { core_permissions: ["webhooks:manage"] })).toEqual(DENIED);
      expect((await who.call("PATCH", path, { name: "only a name" })).status).toBe(200);
    });

    test("of another tenant is to everybody what none is", async () => {
      const id = await addRole(["models:list"]);
      for (const role of [id, `role_${UNKNOWN}`]) {
        for (const method of ["GET", "PATCH", "DELETE"]) {
          const body = method === "PATCH" ? { name: "x" } : undefined;
          expect(await refusal(foreign, method, `/v1/iam/custom-roles/${role}`, body)).toEqual(GONE);
          expect(await refusal(viewer, method, `/v1/iam/custom-roles/${role}`, body)).toEqual(DENIED);
        }
        const body = { display_name: "x", kind: "service", custom_role_ids: [role] };
        const reply = await foreign.call("POST", "/v1/users", body);
        expect([reply.status, fieldsOf(reply)]).toEqual([422, ["custom_role_ids[0]"]]);
      }
      expect(await refusal(viewer, "GET", "/v1/iam/custom-roles")).toEqual(DENIED);
      expect(await refusal(viewer, "POST", "/v1/iam/custom-roles", { slug: "x", name: "x" })).toEqual(DENIED);
    });
  });

  describe("a group", () => {
    test("is made, renamed, listed and deleted; its name is taken once", async () => {
      const name = freshSlug("team");
      const id = madeId(await admin.call("POST", "/v1/groups", { name, description: "d" }));
      const path = `/v1/groups/${id}`;
      expect(codeOf(await admin.call("POST", "/v1/groups", { name }))).toBe("CONFLICT");
      const renamed = await admin.call("PATCH", path, { name: `${name}-2`, description: null });
      expect(pick(renamed.body, "data")).toMatchObject({
        name: `${name}-2`,
        member_count: 0,
        source: "local",
      });
      expect(pick(renamed.body, "data")).not.toHaveProperty("description");
      expect(itemsOf(await admin.call("GET", "/v1/groups")).map((group) => group["id"])).toContain(id);
      const searched = itemsOf(await admin.call("GET", `/v1/groups?q=${name.slice(1).toUpperCase()}`));
      expect(searched.map((group) => group["id"])).toEqual([id]);
      expect((await admin.call("DELETE", path)).status).toBe(200);
      expect(await refusal(admin, "GET", path)).toEqual(GONE);
    });

    test("gives its roles to its members, while they are in it", async () => {
      const [group, role, who] = [await addGroup(), await addRole(["webhooks:manage"]), await someone([])];
      await join(group, who);
      for (const given of [{ role: "tenant_viewer" }, { custom_role_id: role }]) {
        expect((await admin.call("POST", "/v1/role-mappings", { group_id: group, ...given })).status).toBe(
          201,
        );
      }
      expect(await permissions(who)).toEqual(["accounting:view_own", "models:list", "webhooks:manage"]);
      const members = itemsOf(await admin.call("GET", `/v1/groups/${group}/members`));
      expect(members.map(({ id }) => id)).toEqual([who.userId]);
      const used = await admin.call("DELETE", `/v1/groups/${group}`);
      expect([used.status, fieldsOf(used)]).toEqual([409, ["role_mappings"]]);
      const [first] = itemsOf(await admin.call("GET", `/v1/role-mappings?group_id=${group}`));
      await admin.call("DELETE", `/v1/role-mappings/${String(first?.["id"])}`);
      expect(await permissions(who)).toEqual(["accounting:view_own", "models:list"]);
      expect((await admin.call("DELETE", `/v1/groups/${group}/members/${who.userId}`)).status).toBe(200);
      expect(await permissions(who)).toEqual([]);
      expect(await refusal(admin, "DELETE", `/v1/groups/${group}/members/${who.userId}`)).toEqual(GONE);
    });

    test("leaves a role with whoever leaves it, where the mapping says so", async () => {
      const [group, who] = [await addGroup(), await someone([])];
      await join(group, who);
      const mapping = { group_id: group, role: "tenant_viewer", auto_revoke: false };
      await admin.call("POST", "/v1/role-mappings", mapping);
      await admin.call("DELETE", `/v1/groups/${group}/members/${who.userId}`);
      expect(await permissions(who)).toEqual(["accounting:view_own", "models:list"]);
      expect(pick((await admin.call("GET", `/v1/users/${who.userId}`)).body, "data.roles")).toEqual([
        "tenant_viewer",
      ]);
    });

    test("is no way to what one does not hold, nor to more for oneself", async () => {
      const group = await addGroup();
      const mapped = { group_id: group, role: "partner_admin" };
      expect(await refusal(admin, "POST", "/v1/role-mappings", mapped)).toEqual(DENIED);
      expect((await partnerAdmin.call("POST", "/v1/role-mappings", mapped)).status).toBe(201);
      const other = await someone();
      for (const who of [admin, other]) expect((await join(group, who)).status).toBe(403);
      // Without roles a group is only a list; once its own administrator is in it, they give it none.
      const plain = await addGroup();
      expect((await join(plain, admin)).status).toBe(200);
      const own = { group_id: plain, role: "tenant_admin" };
      expect(await refusal(admin, "POST", "/v1/role-mappings", own)).toEqual(DENIED);
      expect((await join(plain, partnerAdmin)).status).toBe(403);
    });

    test("is its tenant's: members of others and others' groups are as none", async () => {
      const group = await addGroup();
      const mapping = madeId(
        await admin.call("POST", "/v1/role-mappings", { group_id: group, role: "tenant_viewer" }),
      );
      expect((await join(group, foreign)).status).toBe(404);
      for (const [method, path, body] of [
        ["GET", `/v1/groups/${group}`, undefined],
        ["PATCH", `/v1/groups/${group}`, { name: "x" }],
        ["DELETE", `/v1/groups/${group}`, undefined],
        ["GET", `/v1/groups/${group}/members`, undefined],
        ["PUT", `/v1/groups/${group}/members/${foreign.userId}`, undefined],
        ["DELETE", `/v1/groups/${group}/members/${foreign.userId}`, undefined],
        ["DELETE", `/v1/role-mappings/${mapping}`, undefined],
      ] as const) {
        expect([path, await refusal(foreign, method, path, body)]).toEqual([path, GONE]);
        expect(await refusal(viewer, method, path, body)).toEqual(DENIED);
      }
      const reply = await foreign.call("POST", "/v1/role-mappings", {
        group_id: group,
        role: "tenant_viewer",
      });
      expect([reply.status, fieldsOf(reply)]).toEqual([422, ["group_id"]]);
      for (const path of ["/v1/groups", "/v1/role-mappings"]) {
        expect(itemsOf(await foreign.call("GET", path))).toEqual([]);
        expect(await refusal(viewer, "GET", path)).toEqual(DENIED);
      }
      expect(await refusal(viewer, "POST", "/v1/groups", { name: "x" })).toEqual(DENIED);
      expect(
        await refusal(viewer, "POST", "/v1/role-mappings", { group_id: group, role: "tenant_viewer" }),
      ).toEqual(DENIED);
      const both = { group_id: group, role: "tenant_viewer", custom_role_id: "role_x" };
      expect(fieldsOf(await admin.call("POST", "/v1/role-mappings", both))).toEqual(["role"]);
    });

    test("outlives a start: what it gives is there again", async () => {
      const [group, who] = [await addGroup(), await someone([])];
      await join(group, who);
      await admin.call("POST", "/v1/role-mappings", { group_id: group, role: "tenant_viewer" });
      await api.gateway.restart();
      expect(await permissions(who)).toEqual(["accounting:view_own", "models:list"]);
      await admin.call("DELETE", `/v1/users/${who.userId}`);
      expect(itemsOf(await admin.call("GET", `/v1/groups/${group}/members`))).toEqual([]);
    });
  });

  test("a tenant takes what it has made for itself with it", async () => {
    const id = await addTenant(api.gateway);
    const last = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId: id });
    const group = await addGroup(last);
    await last.call("POST", "/v1/role-mappings", {
      group_id: group,
      custom_role_id: await addRole(["models:list"], last),
    });
    await last.call("POST", "/v1/model-access", { subject_type: "tenant", effect: "block", model: "a/*" });
    await api.gateway.api("DELETE", `/v1/users/${last.userId}`);
    expect((await api.gateway.api("DELETE", `/v1/tenants/${id}`)).status).toBe(200);
  });
});
