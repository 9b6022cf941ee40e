import { beforeAll, describe, expect, test } from "bun:test";
import { newId } from "../../src/base/ids.ts";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf } from "./started.ts";
import { withShell } from "./store-shell.ts";
import { addCaller, addTenant } from "./tenancy.ts";
import type { Caller } from "./tenancy.ts";

const UNKNOWN = "apikey_00000000000000000000000000";
const HOUR_MS = 3_600_000;

describeApi("keys in numbers and in turn", (api) => {
  let admin: Caller;
  let user: Caller;
  let foreign: Caller;
  let viewer: Caller;
  beforeAll(async () => {
    const tenantId = await addTenant(api.gateway);
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    user = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId });
    viewer = await addCaller(api.gateway, { roles: ["tenant_viewer"], tenantId });
    foreign = await addCaller(api.gateway, {
      roles: ["tenant_admin"],
      tenantId: await addTenant(api.gateway),
    });
  });
  const make = async (who: Caller, more: object = {}): Promise<{ id: string; key: string }> => {
    const { body } = await who.call("POST", "/v1/api-keys", { name: "to rotate", ...more });
    return { id: pickText(body, "data.id"), key: pickText(body, "data.key") };
  };
  const statusOf = async (key: string) => (await api.gateway.api("GET", "/v1/me", { key })).status;

  test("a rotated key goes on for the hours asked, its successor takes over what it was", async () => {
    const former = await make(user, { models: ["scailabs/*"], metadata: { team: "a" } });
    const reply = await user.call("POST", `/v1/api-keys/${former.id}/rotate`, { overlap_hours: 2 });
    expect(pick(reply.body, "data")).toMatchObject({
      name: "to rotate",
      user_id: user.userId,
      models: ["scailabs/*"],
      metadata: { team: "a" },
      replaces: former.id,
    });
    expect(pick(reply.body, "data")).not.toHaveProperty("expires_at");
    const next = pickText(reply.body, "data.key");
    expect([await statusOf(former.key), await statusOf(next)]).toEqual([200, 200]);
    const { body } = await user.call("GET", `/v1/api-keys/${former.id}`);
    const left = Date.parse(pickText(body, "data.expires_at")) - Date.now();
    expect(left).toBeGreaterThan(1.9 * HOUR_MS);
    expect(left).toBeLessThanOrEqual(2 * HOUR_MS);
  });

  test("with no overlap the former stops at once; what works no more is not rotated", async () => {
    const former = await make(user);
    const path = `/v1/api-keys/${former.id}/rotate`;
    const reply = await admin.call("POST", path, { overlap_hours: 0 });
    expect([await statusOf(former.key), await statusOf(pickText(reply.body, "data.key"))]).toEqual([
      401, 200,
    ]);
    const again = await user.call("POST", path, {});
    expect([again.status, codeOf(again)]).toEqual([409, "CONFLICT"]);
  });

  test("another tenant's key is not rotated, nor read: it is as none", async () => {
    const { id } = await make(user);
    for (const key of [id, UNKNOWN]) {
      for (const [method, path, body] of [
        ["POST", `/v1/api-keys/${key}/rotate`, {}],
        ["GET", `/v1/api-keys/${key}`, undefined],
      ] as const) {
        const reply = await foreign.call(method, path, body);
        expect([reply.status, codeOf(reply)]).toEqual([404, "NOT_FOUND"]);
        expect((await viewer.call(method, path, body)).status).toBe(403);
      }
    }
    const wrong = await user.call("POST", `/v1/api-keys/${id}/rotate`, { overlap_hours: -1 });
    expect([wrong.status, fieldsOf(wrong)]).toEqual([422, ["overlap_hours"]]);
  });

  describe("many keys are revoked", () => {
    test("also those that stand behind any number which are not the caller's to revoke", async () => {
      const admin = await addCaller(api.gateway, { roles: ["tenant_admin"] });
      const made = await admin.call("POST", "/v1/api-keys", { name: "behind" });
      const me = await api.gateway.api("GET", "/v1/me");
      // More keys than one call revokes, newer than the one that is meant, of somebody who may do more.
      await withShell(api.gateway, (shell) =>
        shell.transaction(async () => {
          for (let n = 0; n < 510; n++) {
            const values = [newId("apikey", Date.now() + 1_000), pickText(me.body, "data.user.id"), `${n}`];
            await shell.run(
              "insert into api_keys (id, user_id, name, hash, prefix, last4, status, created_at) " +
                "values (?, ?, 'behind', ?, 'sgk_', 'abcd', 'active', 1)",
              values,
            );
          }
        }),
      );
      const reply = await admin.call("POST", "/v1/api-keys/revoke", { filter: { name: "behind" } });
      expect(pick(reply.body, "data")).toMatchObject({
        revoked: [pickText(made.body, "data.id")],
        has_more: false,
      });
    });

    test("by id: those of others and those that are none are told alike", async () => {
      const mine = await make(user);
      const theirs = await make(foreign);
      const body = { ids: [mine.id, theirs.id, UNKNOWN] };
      const reply = await user.call("POST", "/v1/api-keys/revoke", body);
      expect(pick(reply.body, "data")).toEqual({
        revoked: [mine.id],
        not_found: [theirs.id, UNKNOWN],
        has_more: false,
      });
      expect([await statusOf(mine.key), await statusOf(theirs.key)]).toEqual([401, 200]);
    });

    test("by what they have in common, the one in use excepted", async () => {
      const keys = [await make(user, { name: "night build" }), await make(user, { name: "Night watch" })];
      const reply = await admin.call("POST", "/v1/api-keys/revoke", { filter: { name: "NIGHT" } });
      expect(pick(reply.body, "data.revoked")).toEqual(keys.map(({ id }) => id).toReversed());
      for (const { key } of keys) expect(await statusOf(key)).toBe(401);
      const future = new Date(Date.now() + HOUR_MS).toISOString();
      const all = await foreign.call("POST", "/v1/api-keys/revoke", { filter: { unused_since: future } });
      expect(pick(all.body, "data.revoked")).not.toContain(foreign.key);
      expect((await foreign.call("GET", "/v1/me")).status).toBe(200);
      expect((await user.call("GET", "/v1/me")).status).toBe(200);
    });

    test("those in use are not, seen from their last use", async () => {
      const { key } = await make(user, { name: "busy" });
      const sinceMs = Date.now();
      await statusOf(key);
      const since = new Date(sinceMs).toISOString();
      await user.call("POST", "/v1/api-keys/revoke", { filter: { name: "busy", unused_since: since } });
      expect(await statusOf(key)).toBe(200);
    });

    test.each([
      ["neither ids nor a filter", {}, "filter"],
      ["both", { ids: ["x"], filter: { name: "x" } }, "filter"],
      ["a filter that means every key", { filter: {} }, "filter"],
      ["no ids", { ids: [] }, "ids"],
    ])("not with %s", async (_name, body, field) => {
      const reply = await user.call("POST", "/v1/api-keys/revoke", body);
      expect([reply.status, fieldsOf(reply)]).toEqual([422, [field]]);
      expect((await viewer.call("POST", "/v1/api-keys/revoke", body)).status).toBe(403);
    });
  });

  test("an administrator lists the keys of the tenant, of one user, and by name", async () => {
    const { id } = await make(user, { name: "Findable" });
    const ids = async (query: string) =>
      itemsOf(await admin.call("GET", `/v1/api-keys?${query}`)).map((key) => key["id"]);
    expect(await ids("scope=tenant&q=findable")).toEqual([id]);
    expect(await ids(`scope=all&user_id=${user.userId}&status=active`)).toContain(id);
    expect(await ids("q=findable")).toEqual([]);
    const denied = await user.call("GET", "/v1/api-keys?scope=all");
    expect([denied.status, codeOf(denied)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
  });
});
