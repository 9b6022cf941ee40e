import { beforeAll, describe, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf, SANDBOX } from "./started.ts";
import { addCaller, addTenant, Caller } from "./tenancy.ts";

const FAR = "2990-01-01T00:00:00Z";

describeApi("a key that is narrowed", (api) => {
  let admin: Caller;
  let user: Caller;
  beforeAll(async () => {
    const tenantId = await addTenant(api.gateway);
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    user = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId });
  });
  const makeWith = async (who: Caller, more: object): Promise<{ id: string; with: Caller }> => {
    const { body } = await who.call("POST", "/v1/api-keys", { name: "narrow", ...more });
    return {
      id: pickText(body, "data.id"),
      with: new Caller(api.gateway, who.userId, pickText(body, "data.key")),
    };
  };
  const refusal = async (who: Caller, method: string, path: string, body?: object) => {
    const reply = await who.call(method, path, body);
    return [reply.status, codeOf(reply)];
  };

  test("to scopes does what they let through of its user's permissions, no more", async () => {
    const key = await makeWith(admin, { scopes: ["models:list", "users:manage"] });
    expect(pick((await key.with.call("GET", "/v1/me")).body, "data.permissions")).toEqual([
      "models:list",
      "users:manage",
    ]);
    expect((await key.with.call("GET", "/v1/users")).status).toBe(200);
    const reply = await key.with.call("GET", "/v1/api-keys");
    expect([reply.status, codeOf(reply)]).toEqual([403, "AUTH_INSUFFICIENT_SCOPE"]);
    expect(pickText(reply.body, "error.hint")).toContain("api_keys:manage");
    expect(codeOf(await api.chat({}, { key: key.with.key }))).toBe("AUTH_INSUFFICIENT_SCOPE");
    // What the user lacks as well is not the key's fault.
    expect(await refusal(key.with, "GET", "/v1/providers")).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
  });

  test("to scopes gains and loses with its user's roles", async () => {
    const { userId } = await addCaller(api.gateway, { roles: ["tenant_user"] });
    const made = await api.gateway.api("POST", "/v1/api-keys", {
      body: { name: "x", assigned_user_id: userId, scopes: ["models:list", "models:use"] },
    });
    const who = new Caller(api.gateway, userId, pickText(made.body, "data.key"));
    const permissions = async () => pick((await who.call("GET", "/v1/me")).body, "data.permissions");
    expect(await permissions()).toEqual(["models:list", "models:use"]);
    await api.gateway.api("PUT", `/v1/users/${userId}/roles`, { body: { roles: ["tenant_viewer"] } });
    expect(await permissions()).toEqual(["models:list"]);
    await api.gateway.api("PUT", `/v1/users/${userId}/roles`, { body: { roles: ["tenant_admin"] } });
    expect(await permissions()).toEqual(["models:list", "models:use"]);
  });

  test("to limits frees itself of none by changing another", async () => {
    const key = await makeWith(user, { rate_limits: { requests_per_minute: 5 } });
    const path = `/v1/api-keys/${key.id}`;
    const denied = [403, "AUTHZ_PERMISSION_DENIED"];
    const wider = { rate_limits: { tokens_per_minute: 1_000 } };
    expect(await refusal(key.with, "PATCH", path, wider)).toEqual(denied);
    const both = { rate_limits: { requests_per_minute: 4, tokens_per_minute: 1_000 } };
    const reply = await key.with.call("PATCH", path, both);
    expect(pick(reply.body, "data.rate_limits")).toEqual(both.rate_limits);
  });

  test("to models is refused the others, and lists only its own", async () => {
    const { slug } = await api.model("fake-ok");
    const key = await makeWith(user, { models: ["scailabs/*"] });
    const chat = (model: string) => api.chat({ model }, { key: key.with.key });
    expect((await chat(SANDBOX)).status).toBe(200);
    const denied = await chat(slug);
    expect([denied.status, codeOf(denied)]).toEqual([403, "MODEL_ACCESS_DENIED"]);
    expect(codeOf(await chat("no/such"))).toBe("MODEL_NOT_FOUND");
    const listed = itemsOf(await key.with.call("GET", "/v1/models")).map((model) => String(model["slug"]));
    expect(listed.length).toBeGreaterThan(0);
    expect(listed.filter((each) => !each.startsWith("scailabs/"))).toEqual([]);
    await user.call("PATCH", `/v1/api-keys/${key.id}`, { models: [slug] });
    expect([(await chat(slug)).status, (await chat(SANDBOX)).status]).toEqual([200, 403]);
    await user.call("PATCH", `/v1/api-keys/${key.id}`, { models: null });
    expect((await chat(SANDBOX)).status).toBe(200);
  });

  test("to addresses works from there alone, for calls of both kinds", async () => {
    const elsewhere = await makeWith(user, { allowed_ips: ["192.0.2.0/24", "2001:db8::/32"] });
    expect(await refusal(elsewhere.with, "GET", "/v1/me")).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    const reply = await api.chat({}, { key: elsewhere.with.key });
    expect([reply.status, codeOf(reply)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    expect(pickText(reply.body, "error.hint")).toMatch(/(127\.0\.0\.1|::1)/);
    await user.call("PATCH", `/v1/api-keys/${elsewhere.id}`, { allowed_ips: ["127.0.0.0/8", "::1"] });
    expect((await elsewhere.with.call("GET", "/v1/me")).status).toBe(200);
  });

  test("tells what it is narrowed to, and what it was used for", async () => {
    const metadata = { team: "billing" };
    const more = {
      scopes: ["models:use"],
      models: [SANDBOX],
      allowed_ips: ["::/0"],
      metadata,
      expires_at: FAR,
    };
    const key = await makeWith(user, more);
    await api.chat({}, { key: key.with.key });
    const { body } = await user.call("GET", `/v1/api-keys/${key.id}`);
    expect(pick(body, "data")).toMatchObject({
      ...more,
      expires_at: "2990-01-01T00:00:00.000Z",
      requests_24h: 1,
    });
    expect(Number(pick(body, "data.spend_24h"))).toBeGreaterThan(0);
    expect(pickText(body, "data.last_used_at")).toStartWith("2");
  });

  describe("makes no key that may do more than it", () => {
    test("not in scopes", async () => {
      const narrow = await makeWith(admin, { scopes: ["api_keys:manage", "models:list"] });
      const wider = { name: "x", scopes: ["models:use"] };
      expect(await refusal(narrow.with, "POST", "/v1/api-keys", wider)).toEqual([
        403,
        "AUTHZ_PERMISSION_DENIED",
      ]);
      const silent = await narrow.with.call("POST", "/v1/api-keys", { name: "x" });
      expect(pick(silent.body, "data.scopes")).toEqual(["api_keys:manage", "models:list"]);
      const path = `/v1/api-keys/${narrow.id}`;
      for (const scopes of [null, ["models:use"]]) {
        expect(await refusal(narrow.with, "PATCH", path, { scopes })).toEqual([
          403,
          "AUTHZ_PERMISSION_DENIED",
        ]);
      }
      expect((await narrow.with.call("PATCH", path, { scopes: ["api_keys:manage"] })).status).toBe(200);
    });

    test("not in models, addresses or life", async () => {
      const narrow = await makeWith(user, {
        models: ["scailabs/*"],
        allowed_ips: ["127.0.0.0/8", "::1"],
        expires_at: FAR,
      });
      for (const [wider, field] of [
        [{ models: ["acme/*"] }, "models"],
        [{ models: ["scailabs/a", "scailabs-too/*"] }, "models"],
        [{ allowed_ips: ["0.0.0.0/0"] }, "allowed_ips"],
        [{ expires_at: "2991-01-01T00:00:00Z" }, "expires_at"],
      ] as const) {
        const reply = await narrow.with.call("POST", "/v1/api-keys", { name: "x", ...wider });
        expect([reply.status, fieldsOf(reply)]).toEqual([422, [field]]);
      }
      const silent = await narrow.with.call("POST", "/v1/api-keys", { name: "x", models: [SANDBOX] });
      expect(pick(silent.body, "data")).toMatchObject({
        models: [SANDBOX],
        allowed_ips: ["127.0.0.0/8", "::1"],
        expires_at: "2990-01-01T00:00:00.000Z",
      });
      const own = itemsOf(await user.call("GET", "/v1/api-keys")).find((key) => key["name"] === "given");
      const prolonged = { expires_at: null, metadata: { a: "b" } };
      const path = `/v1/api-keys/${String(own?.["id"])}`;
      expect(await refusal(narrow.with, "PATCH", path, prolonged)).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    });

    test("not for a permission its user lacks", async () => {
      const reply = await user.call("POST", "/v1/api-keys", { name: "x", scopes: ["users:manage"] });
      expect([reply.status, fieldsOf(reply)]).toEqual([422, ["scopes"]]);
    });
  });

  describe("is refused by its field", () => {
    test.each([
      ["without a scope in the list", { scopes: [] }, "scopes"],
      ["with a scope nobody knows", { scopes: ["models:eat"] }, "scopes[0]"],
      ["with a model that is no slug", { models: ["GPT 4"] }, "models[0]"],
      ["with every model there is", { models: ["*"] }, "models[0]"],
      ["with an address that is none", { allowed_ips: ["localhost"] }, "allowed_ips[0]"],
      ["with metadata that is no text", { metadata: { a: 1 } }, "metadata.a"],
    ])("%s", async (_name, more, field) => {
      const reply = await user.call("POST", "/v1/api-keys", { name: "x", ...more });
      expect([reply.status, codeOf(reply), fieldsOf(reply)]).toEqual([422, "VALIDATION_ERROR", [field]]);
    });
  });

  test.each([
    ["models", { models: ["scailabs/*"] }],
    ["addresses", { allowed_ips: ["127.0.0.1", "::1"] }],
    ["a time", { expires_at: FAR }],
  ])("to %s hands on nothing that is not: no sign-in, no role", async (_name, narrowing) => {
    const key = await makeWith(admin, narrowing);
    const refused = [403, "AUTH_INSUFFICIENT_SCOPE"];
    const email = `${Bun.randomUUIDv7()}@example.com`;
    const person = { display_name: "P", email };
    expect(await refusal(key.with, "POST", "/v1/users", person)).toEqual(refused);
    const made = await admin.call("POST", "/v1/users", { ...person, roles: ["tenant_viewer"] });
    const path = `/v1/users/${pickText(made.body, "data.id")}`;
    expect(await refusal(key.with, "POST", `${path}/invitation`)).toEqual(refused);
    expect(await refusal(key.with, "PUT", `${path}/roles`, { roles: ["tenant_user"] })).toEqual(refused);
    const group = await admin.call("POST", "/v1/groups", { name: email });
    const mapping = { group_id: pickText(group.body, "data.id"), role: "tenant_user" };
    expect(await refusal(key.with, "POST", "/v1/role-mappings", mapping)).toEqual(refused);
    expect((await admin.call("POST", "/v1/role-mappings", mapping)).status).toBe(201);
    const member = `/v1/groups/${mapping.group_id}/members/${pickText(made.body, "data.id")}`;
    expect(await refusal(key.with, "PUT", member)).toEqual(refused);
    // What gives nobody more goes on.
    expect((await key.with.call("PUT", `${path}/roles`, { roles: [] })).status).toBe(200);
    const service = { display_name: "S", kind: "service", roles: ["tenant_viewer"] };
    expect((await key.with.call("POST", "/v1/users", service)).status).toBe(201);
  });

  test("makes no link that makes an administrator", async () => {
    const me = await api.gateway.api("GET", "/v1/me");
    const platform = new Caller(api.gateway, pickText(me.body, "data.user.id"), api.gateway.adminKey);
    const key = await makeWith(platform, { expires_at: FAR });
    expect(await refusal(key.with, "POST", "/v1/auth/claims")).toEqual([403, "AUTH_INSUFFICIENT_SCOPE"]);
  });
});
