import { expect, test } from "bun:test";
import type { ApiReply } from "../harness/api.ts";
import { pick, pickText } from "../harness/json.ts";
import { withMembers } from "./members.ts";
import { freshToken, PASSWORD, Stranger } from "./people.ts";
import { withShell } from "./store-shell.ts";
import { addPartner, addTenant } from "./tenancy.ts";
import { codeOf, describeApi, eventually, itemsOf, requestIdOf } from "./started.ts";

const RANDOM = "01JZX3K9QFT4M7W2N8C5D6E0AB";

describeApi("the audit log", (api) => {
  const log = (query = "", key = api.gateway.adminKey) =>
    api.gateway.api("GET", `/v1/audit-log${query}`, { key });
  const entriesOf = async (reply: ApiReply) =>
    itemsOf(await log("?limit=1000")).filter((entry) => entry["request_id"] === requestIdOf(reply));

  async function entryOf(reply: ApiReply) {
    const entries = await entriesOf(reply);
    expect(entries).toHaveLength(1);
    return entries[0] ?? {};
  }

  test("tells who made a key, from where, and all that is no secret about it", async () => {
    const reply = await api.gateway.api("POST", "/v1/api-keys", {
      key: api.gateway.firstKey,
      body: { name: "on record", expires_at: "2099-01-01T00:00:00Z" },
      headers: { "user-agent": "curl/8" },
    });
    const me = await api.gateway.api("GET", "/v1/me", { key: api.gateway.firstKey });
    const entry = await entryOf(reply);
    expect(entry).toMatchObject({
      action: "api_key.create",
      actor_id: pickText(me.body, "data.user.id"),
      actor_type: "service",
      tenant_id: pickText(me.body, "data.tenant.id"),
      partner_id: pickText(me.body, "data.partner.id"),
      resource_type: "api_key",
      resource_id: pickText(reply.body, "data.id"),
      user_agent: "curl/8",
      status: "SUCCESS",
      count: 1,
      changes: {
        name: [null, "on record"],
        expires_at: [null, "2099-01-01T00:00:00.000Z"],
        status: [null, "active"],
      },
    });
    expect(String(entry["ip_address"])).toMatch(/127\.0\.0\.1|::1/);
    expect(JSON.stringify(entry)).not.toContain(pickText(reply.body, "data.key"));
  });

  test("tells of a change what it was and what it became, and nothing that stayed", async () => {
    const made = await api.gateway.api("POST", "/v1/api-keys", { body: { name: "before" } });
    const path = `/v1/api-keys/${pickText(made.body, "data.id")}`;
    const renamed = await entryOf(await api.gateway.api("PATCH", path, { body: { name: "after" } }));
    expect(renamed["changes"]).toEqual({ name: ["before", "after"] });
    const revoked = await entryOf(await api.gateway.api("DELETE", path));
    expect(revoked["changes"]).toEqual({ status: ["active", "revoked"] });
    const again = await entryOf(await api.gateway.api("DELETE", path));
    expect(again["changes"]).toEqual({});
  });

  test("says that a credential was set, and not a character of it", async () => {
    const secret = "sk-planted-0123456789abcdef";
    const reply = await api.gateway.api("POST", "/v1/providers", {
      body: { type: "openai", name: "secretive", connection_config: { api_key: secret } },
    });
    const entry = await entryOf(reply);
    expect(pick(entry, "changes.credentials")).toEqual([null, "[redacted]"]);
    expect((await log("?limit=1000")).text).not.toContain(secret);
  });

  test("tells all that one call has done, what it was about under plain names", async () => {
    const fake = await api.model("plain");
    const reply = await api.gateway.api("DELETE", `/v1/backends/${fake.backendIds[0]}`);
    const { changes } = await entryOf(reply);
    expect(changes).toMatchObject({ status: ["active", null], upstream_model: [expect.any(String), null] });
    const policy = Object.keys(Object(changes)).filter((field) => field.startsWith("routing_policy[route_"));
    expect(policy.map((field) => field.replace(/^.*\]/, ""))).toEqual([".targets"]);
  });

  const refusals: readonly (readonly [string, string, string, object | string | undefined, string])[] = [
    ["validation", "POST", "/v1/api-keys", { name: "" }, "VALIDATION_ERROR"],
    ["a body that is no JSON", "POST", "/v1/api-keys", "{nope", "VALIDATION_ERROR"],
    ["a resource that is not there", "DELETE", `/v1/api-keys/apikey_${RANDOM}`, undefined, "NOT_FOUND"],
    [
      "a missing permission",
      "POST",
      "/v1/providers",
      { type: "openai", name: "x" },
      "AUTHZ_PERMISSION_DENIED",
    ],
  ];
  test.each(refusals)("tells of a call refused for %s", async (_what, method, path, body, code) => {
    const key = api.gateway.firstKey;
    const reply = await api.gateway.api(method, path, { key, ...(body !== undefined && { body }) });
    expect(codeOf(reply)).toBe(code);
    expect(await entryOf(reply)).toMatchObject({
      status: "FAILURE",
      error_code: code,
      changes: {},
      ...(path.includes("apikey_") && { resource_id: `apikey_${RANDOM}` }),
    });
  });

  test("names the thing, not its part, where the path has both", async () => {
    const reply = await api.gateway.api("PUT", `/v1/groups/group_${RANDOM}/members/user_${RANDOM}`);
    expect(await entryOf(reply)).toMatchObject({
      action: "group.add_member",
      resource_type: "group",
      resource_id: `group_${RANDOM}`,
      status: "FAILURE",
    });
  });

  test("tells of a conflict once, and keeps nothing of what was refused", async () => {
    const body = { slug: "acme/audited", context_window: 1_000, free: true };
    expect(await entryOf(await api.gateway.api("POST", "/v1/models", { body }))).toMatchObject({
      status: "SUCCESS",
    });
    const refused = await api.gateway.api("POST", "/v1/models", { body });
    expect(await entryOf(refused)).toMatchObject({ status: "FAILURE", error_code: "SLUG_CONFLICT" });
  });

  test("tells of no read", async () => {
    expect(await entriesOf(await api.gateway.api("GET", "/v1/me"))).toEqual([]);
  });

  test("has a call that commits nothing too", async () => {
    const reply = await api.gateway.api("POST", "/v1/auth/logout");
    expect(await entryOf(reply)).toMatchObject({ action: "session.delete", status: "SUCCESS" });
  });

  test("tells of sign-ins by name, and of refused ones by the account that was tried", async () => {
    const stranger = new Stranger(() => api.gateway.url);
    await stranger.claim(await freshToken(api.gateway), "ada@example.com");
    const right = await entryOf(await stranger.signIn("ada@example.com"));
    expect(right).toMatchObject({
      action: "session.create",
      actor_email: "ada@example.com",
      actor_type: "user",
    });
    await stranger.signIn("ada@example.com", "not the sentence it should be");
    await stranger.signIn("nobody@example.com", PASSWORD);
    const found = await eventually(
      "refused sign-ins",
      () => log("?action=session.create&status=FAILURE"),
      (reply) => itemsOf(reply).length >= 2,
    );
    expect(
      itemsOf(found).map((entry) => [entry["actor_type"], entry["actor_email"], entry["error_code"]]),
    ).toEqual(
      expect.arrayContaining([
        ["user", "ada@example.com", "AUTH_TOKEN_INVALID"],
        ["anonymous", undefined, "AUTH_TOKEN_INVALID"],
      ]),
    );
    expect(found.text).not.toContain("nobody@example.com");
  });

  test("counts what strangers try, by address, instead of a row for each", async () => {
    for (let n = 0; n < 50; n++) {
      await api.gateway.api("DELETE", `/v1/api-keys/apikey_${RANDOM}`, { key: undefined });
    }
    await eventually(
      "refusals of strangers",
      () => log("?action=access.refuse"),
      (reply) => itemsOf(reply).length > 0,
    );
    // What is left of the minute is written at a stop.
    await api.gateway.restart();
    const entries = itemsOf(await log("?action=access.refuse"));
    const mine = entries.filter((entry) => entry["error_code"] === "AUTH_TOKEN_MISSING");
    const told = mine.map((entry) => Number(entry["count"])).reduce((sum, count) => sum + count, 0);
    expect(told).toBe(50);
    // Two at most for each minute that the fifty calls have touched.
    expect(mine.length).toBeLessThanOrEqual(4);
  });

  test("is read by those who administer, each level its own", async () => {
    const [elsewhere, viewer, partnerViewer] = await withMembers(api.gateway, [
      { role: "tenant_admin", elsewhere: true },
      { role: "tenant_viewer" },
      { role: "partner_viewer" },
    ]);
    const theirs = await api.gateway.api("POST", "/v1/api-keys", {
      key: elsewhere?.key,
      body: { name: "theirs" },
    });
    const shown = async (key: string | undefined) =>
      itemsOf(await log("?limit=1000", key ?? "")).some(
        (entry) => entry["request_id"] === requestIdOf(theirs),
      );
    expect([await shown(elsewhere?.key), await shown(api.gateway.firstKey)]).toEqual([true, false]);
    expect([await shown(partnerViewer?.key), await shown(api.gateway.adminKey)]).toEqual([true, true]);
    expect(codeOf(await log("", viewer?.key ?? ""))).toBe("AUTHZ_PERMISSION_DENIED");
  });

  test("has a price in the log of whose model it is of, and a list price in the platform's alone", async () => {
    const tenantId = await addTenant(api.gateway, await addPartner(api.gateway), "priced");
    const price = async (slug: string) => {
      const body = { slug, display_name: "Priced", context_window: 1_000 };
      const made = await api.gateway.api("POST", "/v1/models", { body });
      const prices = { input_per_mtok: "1", output_per_mtok: "2" };
      const priced = await api.gateway.api("POST", "/v1/accounting/price-versions", {
        body: { model_id: pickText(made.body, "data.id"), prices },
      });
      return await Promise.all([entryOf(made), entryOf(priced)]);
    };
    const theirs = await price("tenant/priced/own");
    expect(theirs.map((entry) => entry["tenant_id"])).toEqual([tenantId, tenantId]);
    const listed = await price("fake/priced");
    expect(listed.map((entry) => [entry["action"], entry["tenant_id"], entry["partner_id"]])).toEqual([
      ["model.create", undefined, undefined],
      ["price_version.create", undefined, undefined],
    ]);
  });

  test("is paged and narrowed by its filters", async () => {
    const reply = await api.gateway.api("POST", "/v1/api-keys", { body: { name: "filtered" } });
    const id = pickText(reply.body, "data.id");
    const entry = await entryOf(reply);
    const filters = {
      action: "api_key.create",
      actor_id: String(entry["actor_id"]),
      resource_type: "api_key",
      status: "SUCCESS",
      ip_address: String(entry["ip_address"]),
      start: String(entry["timestamp"]),
      resource_id: id,
    };
    const all = await log(`?${new URLSearchParams(filters).toString()}`);
    expect(itemsOf(all).map((each) => each["id"])).toEqual([entry["id"]]);
    for (const [name, value] of Object.entries({
      action: "no.such",
      end: entry["timestamp"],
      status: "FAILURE",
    })) {
      const query = new URLSearchParams({ ...filters, [name]: String(value) });
      expect(itemsOf(await log(`?${query.toString()}`))).toEqual([]);
    }
    const ids = new Set<unknown>();
    let cursor: unknown = "";
    let pages = 0;
    while (cursor !== null) {
      const page = await log(
        `?action=api_key.create&limit=2${cursor === "" ? "" : `&cursor=${String(cursor)}`}`,
      );
      for (const each of itemsOf(page)) ids.add(each["id"]);
      cursor = pick(page.body, "pagination.next_cursor");
      pages++;
    }
    expect(pages).toBeGreaterThan(1);
    expect(ids.size).toBe(itemsOf(await log("?action=api_key.create&limit=1000")).length);
  });
});

describeApi("a store that fails between a change and its audit entry", (api) => {
  test("keeps neither, and says so to whoever asked for the change", async () => {
    await api.gateway.terminate();
    await withShell(api.gateway, async (store) => {
      if (api.gateway.databaseUrl !== undefined) {
        await store.run(
          "create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'disk full' using errcode = 'disk_full'; end $$",
        );
      }
      const body =
        api.gateway.databaseUrl === undefined
          ? "begin select raise(abort, 'disk full'); end"
          : "execute function full_disk()";
      const rows = api.gateway.databaseUrl === undefined ? "" : "for each row ";
      await store.run(`create trigger no_entry before insert on audit_log ${rows}${body}`);
    });
    await api.gateway.restart();
    const reply = await api.gateway.api("POST", "/v1/api-keys", { body: { name: "half done" } });
    expect([reply.status, codeOf(reply)]).toEqual([503, "DEPENDENCY_UNAVAILABLE"]);
    const refused = await api.gateway.api("POST", "/v1/api-keys", { body: { name: "" } });
    expect(codeOf(refused)).toBe("DEPENDENCY_UNAVAILABLE");
    expect((await api.gateway.api("GET", "/v1/api-keys?scope=tenant")).text).not.toContain("half done");
  });
});
