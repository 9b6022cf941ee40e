import { beforeAll, describe, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, SANDBOX, MESSAGES } from "./started.ts";
import { addCaller, addKey, addPartner, addTenant, freshSlug } from "./tenancy.ts";
import type { Caller } from "./tenancy.ts";

const DENIED = [403, "AUTHZ_PERMISSION_DENIED"];

describeApi(
  "limits per level",
  (api) => {
    let partnerId: string;
    let tenantId: string;
    let partnerAdmin: Caller;
    let admin: Caller;
    let user: Caller;
    beforeAll(async () => {
      partnerId = await addPartner(api.gateway);
      tenantId = await addTenant(api.gateway, partnerId);
      partnerAdmin = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId });
      admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
      user = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId });
    });
    const platform = (method: string, path: string, body?: object) => api.gateway.api(method, path, { body });
    const limits = (requests_per_minute: number | null) => ({ rate_limits: { requests_per_minute } });
    const told = (body: unknown) => pick(body, "data.rate_limits.requests_per_minute");
    const refusal = async (who: Caller, path: string, body: object) => {
      const reply = await who.call("PATCH", path, body);
      return [reply.status, codeOf(reply)];
    };

    test("each level says what holds and who has set it; the level itself only tightens", async () => {
      const path = `/v1/tenants/${tenantId}`;
      expect(told((await admin.call("GET", path)).body)).toEqual({ limit: 1_000, set_by: "installation" });
      const set = await partnerAdmin.call("PATCH", path, limits(2_000));
      expect(told(set.body)).toEqual({ limit: 2_000, set_by: "partner" });
      for (const wider of [2_001, 0]) {
        const reply = await admin.call("PATCH", path, limits(wider));
        expect([reply.status, fieldsOf(reply)]).toEqual([422, ["rate_limits.requests_per_minute"]]);
      }
      expect(told((await admin.call("PATCH", path, limits(300))).body)).toEqual({
        limit: 300,
        set_by: "itself",
      });
      expect(told((await admin.call("PATCH", path, limits(null))).body)).toEqual({
        limit: 2_000,
        set_by: "partner",
      });
    });

    test("one's own limit gives way to a tighter one set above it later", async () => {
      const id = await addTenant(api.gateway, partnerId);
      const own = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId: id });
      const path = `/v1/tenants/${id}`;
      await own.call("PATCH", path, limits(300));
      const set = await platform("PATCH", path, limits(100));
      expect(told(set.body)).toEqual({ limit: 100, set_by: "platform" });
      expect(pick((await own.call("GET", "/v1/me")).body, "data.rate_limits.tenant")).toBe(100);
      await platform("PATCH", path, limits(0));
      expect(told((await own.call("GET", path)).body)).toEqual({ limit: 300, set_by: "itself" });
    });

    test("what a higher level has set is read-only to those below it", async () => {
      const id = await addTenant(api.gateway, partnerId);
      await platform("PATCH", `/v1/tenants/${id}`, limits(50));
      expect(await refusal(partnerAdmin, `/v1/tenants/${id}`, limits(60))).toEqual(DENIED);
      const path = `/v1/users/${user.userId}`;
      expect(told((await admin.call("PATCH", path, limits(500))).body)).toEqual({
        limit: 500,
        set_by: "tenant",
      });
      expect(told((await platform("PATCH", path, limits(7))).body)).toEqual({ limit: 7, set_by: "platform" });
      expect(await refusal(admin, path, limits(8))).toEqual(DENIED);
      expect(told((await platform("PATCH", path, limits(null))).body)).toEqual({
        limit: 120,
        set_by: "installation",
      });
    });

    test("nobody sets their own user's, and a partner's are the platform's", async () => {
      expect(await refusal(admin, `/v1/users/${admin.userId}`, limits(500))).toEqual(DENIED);
      const path = `/v1/partners/${partnerId}`;
      expect(told((await platform("PATCH", path, limits(9_000))).body)).toEqual({
        limit: 9_000,
        set_by: "platform",
      });
      const own = await partnerAdmin.call("PATCH", path, limits(10_000));
      expect([own.status, fieldsOf(own)]).toEqual([422, ["rate_limits.requests_per_minute"]]);
      expect(told((await partnerAdmin.call("PATCH", path, limits(8_000))).body)).toEqual({
        limit: 8_000,
        set_by: "itself",
      });
    });

    test.each(["user", "tenant", "partner"] as const)(
      "of a %s are in force for the next call",
      async (level) => {
        const partner = await addPartner(api.gateway);
        const tenant = await addTenant(api.gateway, partner);
        const who = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId: tenant });
        const id = { user: who.userId, tenant, partner }[level];
        const chat = () =>
          api.gateway.api("POST", "/v1/inference/chat", {
            key: who.key,
            body: { model: SANDBOX, messages: MESSAGES },
          });
        expect((await chat()).status).toBe(200);
        await platform("PATCH", `/v1/${level}s/${id}`, limits(2));
        expect((await chat()).status).toBe(200);
        const refused = await chat();
        expect([refused.status, codeOf(refused)]).toEqual([429, "RATE_LIMITED"]);
        expect(pickText(refused.body, "error.hint")).toContain(`limit of this ${level} is 2`);
        await platform("PATCH", `/v1/${level}s/${id}`, limits(0));
        expect((await chat()).status).toBe(200);
        const me = await who.call("GET", "/v1/me");
        expect(pick(me.body, `data.rate_limits.${level}`)).toBe(0);
      },
    );

    test("of a key tighten what holds above, and loosen nothing", async () => {
      const who = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId });
      const key = await addKey(api.gateway, who.userId, { rate_limits: { requests_per_minute: 1 } });
      const chat = () =>
        api.gateway.api("POST", "/v1/inference/chat", { key, body: { model: SANDBOX, messages: MESSAGES } });
      expect([(await chat()).status, (await chat()).status]).toEqual([200, 429]);
      const wide = await addKey(api.gateway, who.userId, { rate_limits: { requests_per_minute: 9_999 } });
      const me = await api.gateway.api("GET", "/v1/me", { key: wide });
      expect(pick(me.body, "data.rate_limits.key")).toBe(60);
    });

    describe("are refused by their field", () => {
      test.each([
        ["less than none", { requests_per_minute: -1 }, "rate_limits.requests_per_minute"],
        ["a name nobody knows", { requests_per_hour: 1 }, "rate_limits.requests_per_hour"],
      ])("%s", async (_name, rate_limits, field) => {
        const body = { slug: freshSlug("x"), display_name: "x", rate_limits };
        const reply = await platform("POST", "/v1/tenants", body);
        expect([reply.status, fieldsOf(reply)]).toEqual([422, [field]]);
      });
    });

    test("are given with what is made", async () => {
      const body = { slug: freshSlug("with"), display_name: "x", ...limits(5) };
      expect(told((await platform("POST", "/v1/tenants", body)).body)).toEqual({
        limit: 5,
        set_by: "platform",
      });
      const made = await admin.call("POST", "/v1/users", {
        display_name: "x",
        kind: "service",
        ...limits(5),
      });
      expect(told(made.body)).toEqual({ limit: 5, set_by: "tenant" });
    });
  },
  { SCAIGRID_RATE_LIMITS: "key:60,user:120,tenant:1000,partner:5000" },
);
