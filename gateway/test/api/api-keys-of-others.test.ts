import { beforeAll, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { withMembers } from "./members.ts";
import type { Member } from "./members.ts";
import { codeOf, describeApi, eventually, fieldsOf, itemsOf } from "./started.ts";

const UNKNOWN = "apikey_01JZX3K9QFT4M7W2N8C5D6E0AB";
const KEYS_MAX = 1_000;

describeApi("keys and who may touch them", (api) => {
  let user: Member;
  let other: Member;
  let admin: Member;
  let foreignAdmin: Member;
  let viewer: Member;
  beforeAll(async () => {
    const roles = [
      { role: "tenant_user" },
      { role: "tenant_user" },
      { role: "tenant_admin" },
      { role: "tenant_admin", elsewhere: true },
      { role: "tenant_viewer" },
    ];
    const members = await withMembers(api.gateway, roles);
    const [a, b, c, d, e] = members;
    if (!a || !b || !c || !d || !e) throw new Error("too few members");
    [user, other, admin, foreignAdmin, viewer] = [a, b, c, d, e];
  });
  const as = (who: Member, method: string, path: string, body?: object) =>
    api.gateway.api(method, path, { key: who.key, ...(body && { body }) });

  test("another's key is to a user what no key is, and stays as it is", async () => {
    for (const [method, body] of [
      ["PATCH", { name: "taken over" }],
      ["PATCH", {}],
      ["DELETE", undefined],
    ] as const) {
      const theirs = await as(user, method, `/v1/api-keys/${other.keyId}`, body);
      const none = await as(user, method, `/v1/api-keys/${UNKNOWN}`, body);
      expect([theirs.status, codeOf(theirs)]).toEqual([404, "NOT_FOUND"]);
      expect(pick(theirs.body, "error")).toEqual(pick(none.body, "error"));
    }
    const [mine] = itemsOf(await as(other, "GET", "/v1/api-keys"));
    expect(mine).toMatchObject({ id: other.keyId, name: "given", status: "active" });
    const listed = itemsOf(await as(user, "GET", "/v1/api-keys")).map(({ id }) => id);
    expect(listed).toEqual([user.keyId]);
    const tenant = await as(user, "GET", "/v1/api-keys?scope=tenant");
    expect([tenant.status, codeOf(tenant)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    expect((await as(user, "PATCH", `/v1/api-keys/${user.keyId}`, { name: "mine" })).status).toBe(200);
  });

  test("a tenant's administrator may touch those of the tenant and no other's", async () => {
    const made = await as(other, "POST", "/v1/api-keys", { name: "for the administrator" });
    const path = `/v1/api-keys/${pickText(made.body, "data.id")}`;
    const ids = itemsOf(await as(foreignAdmin, "GET", "/v1/api-keys?scope=tenant")).map(({ id }) => id);
    expect(ids).toEqual([foreignAdmin.keyId]);
    for (const [method, body] of [
      ["PATCH", { name: "x" }],
      ["DELETE", undefined],
    ] as const) {
      const reply = await as(foreignAdmin, method, path, body);
      expect([reply.status, codeOf(reply)]).toEqual([404, "NOT_FOUND"]);
    }
    expect(pick((await as(admin, "PATCH", path, { name: "seen" })).body, "data.name")).toBe("seen");
    expect((await as(admin, "DELETE", path)).status).toBe(200);
    expect((await as(other, "GET", "/v1/me")).status).toBe(200);
  });

  test("who may not have keys is told which permission is missing", async () => {
    for (const [method, path, body] of [
      ["GET", "/v1/api-keys", undefined],
      ["POST", "/v1/api-keys", { name: "x" }],
      ["PATCH", `/v1/api-keys/${viewer.keyId}`, { name: "x" }],
      ["DELETE", `/v1/api-keys/${viewer.keyId}`, undefined],
    ] as const) {
      const reply = await as(viewer, method, path, body);
      expect([reply.status, codeOf(reply)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
      expect(String(pick(reply.body, "error.hint"))).toContain("api_keys:manage");
    }
  });
});

describeApi("keys within their bounds", (api) => {
  test("nobody holds more than a thousand active ones; a revoked one makes room", async () => {
    const [hoarder] = await withMembers(api.gateway, [{ role: "tenant_user", otherKeys: KEYS_MAX - 2 }]);
    const key = hoarder?.key;
    const make = () => api.gateway.api("POST", "/v1/api-keys", { key, body: { name: "one more" } });
    const last = await make();
    expect(last.status).toBe(201);
    const refused = await make();
    expect([refused.status, codeOf(refused)]).toEqual([429, "QUOTA_EXCEEDED"]);
    expect(String(pick(refused.body, "error.message"))).toContain(String(KEYS_MAX));
    expect(refused.headers.get("retry-after")).toBeNull();
    const page = await api.gateway.api("GET", "/v1/api-keys?limit=1000", { key });
    expect(itemsOf(page)).toHaveLength(KEYS_MAX);
    expect(pick(page.body, "pagination.has_more")).toBe(false);
    await api.gateway.api("DELETE", `/v1/api-keys/${pickText(last.body, "data.id")}`, { key });
    expect((await make()).status).toBe(201);
    expect(codeOf(await make())).toBe("QUOTA_EXCEEDED");
  });

  test("an expired one is refused like an unknown one, after a restart and while the gateway runs", async () => {
    const [expired] = await withMembers(api.gateway, [{ role: "tenant_user", expiresAt: Date.now() - 1 }]);
    const key = expired?.key;
    const stored = await api.chat({}, { key });
    const unknown = await api.chat({}, { key: api.gateway.firstKey.slice(0, -1) });
    expect([stored.status, codeOf(stored)]).toEqual([401, "AUTH_TOKEN_INVALID"]);
    expect(pick(stored.body, "error")).toEqual(pick(unknown.body, "error"));

    const soon = new Date(Date.now() + 1_000).toISOString();
    const made = await api.gateway.api("POST", "/v1/api-keys", { body: { name: "brief", expires_at: soon } });
    const brief = pickText(made.body, "data.key");
    expect((await api.gateway.api("GET", "/v1/me", { key: brief })).status).toBe(200);
    const over = await eventually(
      "end of the key",
      () => api.gateway.api("GET", "/v1/me", { key: brief }),
      ({ status }) => status !== 200,
    );
    expect(codeOf(over)).toBe("AUTH_TOKEN_INVALID");
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(soon));
  });

  test("an expiry may not be moved into the past, nor an unknown field be set", async () => {
    const made = await api.gateway.api("POST", "/v1/api-keys", { body: { name: "kept" } });
    const path = `/v1/api-keys/${pickText(made.body, "data.id")}`;
    const past = await api.gateway.api("PATCH", path, { body: { expires_at: "2020-01-01T00:00:00Z" } });
    expect([past.status, fieldsOf(past)]).toEqual([422, ["expires_at"]]);
    const misspelt = await api.gateway.api("PATCH", path, { body: { expires: null } });
    expect([misspelt.status, fieldsOf(misspelt)]).toEqual([422, ["expires"]]);
    expect(misspelt.text).toContain("did you mean expires_at?");
    expect((await api.gateway.api("GET", "/v1/me", { key: pickText(made.body, "data.key") })).status).toBe(
      200,
    );
  });
});
