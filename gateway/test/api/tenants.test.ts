import { beforeAll, describe, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, detailsOf, fieldsOf, itemsOf } from "./started.ts";
import { addCaller, addPartner, addTenant, freshSlug, madeId } from "./tenancy.ts";
import type { Caller } from "./tenancy.ts";

const UNKNOWN = "00000000000000000000000000";

describeApi("partners and tenants", (api) => {
  let partnerId: string;
  let tenantId: string;
  let siblingId: string;
  let foreignPartnerId: string;
  let foreignTenantId: string;
  let partnerAdmin: Caller;
  let admin: Caller;
  let viewer: Caller;
  beforeAll(async () => {
    partnerId = await addPartner(api.gateway);
    tenantId = await addTenant(api.gateway, partnerId);
    siblingId = await addTenant(api.gateway, partnerId);
    foreignPartnerId = await addPartner(api.gateway);
    foreignTenantId = await addTenant(api.gateway, foreignPartnerId);
    partnerAdmin = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId });
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    viewer = await addCaller(api.gateway, { roles: ["tenant_viewer", "partner_viewer"], tenantId });
  });
  const platform = (method: string, path: string, body?: object) => api.gateway.api(method, path, { body });
  const refusal = async (who: Caller, method: string, path: string, body?: object) => {
    const reply = await who.call(method, path, body);
    return [reply.status, codeOf(reply)];
  };

  test("a partner is made, read, changed and deleted by the platform", async () => {
    const slug = freshSlug("north");
    const body = { slug, display_name: "North", time_zone: "europe/amsterdam", settings: { seats: 3 } };
    const made = await platform("POST", "/v1/partners", body);
    expect(pick(made.body, "data")).toMatchObject({
      slug,
      display_name: "North",
      status: "active",
      time_zone: "Europe/Amsterdam",
      settings: { seats: 3 },
    });
    const path = `/v1/partners/${madeId(made)}`;
    expect(pick((await platform("GET", path)).body, "data")).toEqual(pick(made.body, "data"));
    const change = { display_name: "Norther", settings: { seats: null, tier: "gold" } };
    const changed = await platform("PATCH", path, change);
    expect(pick(changed.body, "data")).toMatchObject({ display_name: "Norther", settings: { tier: "gold" } });
    expect(itemsOf(await platform("GET", `/v1/partners?q=NORTHER`)).map((each) => each["slug"])).toEqual([
      slug,
    ]);
    expect((await platform("DELETE", path)).status).toBe(200);
    expect((await platform("GET", path)).status).toBe(404);
    expect((await platform("DELETE", path)).status).toBe(404);
  });

  test("a tenant is made by its partner, in its partner's time zone, and deleted", async () => {
    await platform("PATCH", `/v1/partners/${partnerId}`, { time_zone: "Asia/Tokyo" });
    const made = await partnerAdmin.call("POST", "/v1/tenants", {
      slug: freshSlug("made"),
      display_name: "M",
    });
    expect(pick(made.body, "data")).toMatchObject({ partner_id: partnerId, time_zone: "Asia/Tokyo" });
    const path = `/v1/tenants/${madeId(made)}`;
    const changed = await partnerAdmin.call("PATCH", path, { slug: freshSlug("other"), time_zone: "UTC" });
    expect(pick(changed.body, "data")).toMatchObject({ time_zone: "UTC" });
    expect((await partnerAdmin.call("DELETE", path)).status).toBe(200);
    expect((await partnerAdmin.call("GET", path)).status).toBe(404);
  });

  test("each sees its own: the platform all, a partner its tenants, a tenant itself", async () => {
    const ids = async (who: Caller, path: string) =>
      itemsOf(await who.call("GET", path)).map(({ id }) => String(id));
    expect(await ids(partnerAdmin, "/v1/partners")).toEqual([partnerId]);
    expect((await ids(partnerAdmin, "/v1/tenants")).toSorted()).toEqual([tenantId, siblingId].toSorted());
    expect(await ids(partnerAdmin, `/v1/tenants?partner_id=${foreignPartnerId}`)).toEqual([]);
    expect(await ids(admin, "/v1/tenants")).toEqual([tenantId]);
    const all = itemsOf(await platform("GET", "/v1/tenants?limit=1000")).map(({ id }) => id);
    expect(all).toEqual(expect.arrayContaining([tenantId, siblingId, foreignTenantId]));
    const first = await platform("GET", "/v1/tenants?limit=1");
    const next = String(pick(first.body, "pagination.next_cursor"));
    const second = await platform("GET", `/v1/tenants?limit=1&cursor=${next}`);
    expect(itemsOf(second).map(({ id }) => id)).toEqual(all.slice(1, 2));
  });

  test.each(["GET", "PATCH", "DELETE"])("%s of another's tenant or partner is as of none", async (method) => {
    const body = method === "PATCH" ? { display_name: "taken over" } : undefined;
    for (const foreign of [foreignTenantId, `tenant_${UNKNOWN}`]) {
      expect(await refusal(partnerAdmin, method, `/v1/tenants/${foreign}`, body)).toEqual([404, "NOT_FOUND"]);
    }
    if (method === "DELETE") return;
    for (const foreign of [foreignPartnerId, `partner_${UNKNOWN}`]) {
      expect(await refusal(partnerAdmin, method, `/v1/partners/${foreign}`, body)).toEqual([
        404,
        "NOT_FOUND",
      ]);
    }
    expect(await refusal(admin, method, `/v1/tenants/${siblingId}`, body)).toEqual([404, "NOT_FOUND"]);
  });

  test("a tenant cannot be put under another's partner; the answer is that for no partner", async () => {
    for (const partner of [foreignPartnerId, `partner_${UNKNOWN}`]) {
      const body = { slug: freshSlug("x"), display_name: "x", partner_id: partner };
      const reply = await partnerAdmin.call("POST", "/v1/tenants", body);
      expect([reply.status, codeOf(reply), fieldsOf(reply)]).toEqual([
        422,
        "VALIDATION_ERROR",
        ["partner_id"],
      ]);
    }
  });

  test("a tenant's administrator changes its name, never its slug or status", async () => {
    const path = `/v1/tenants/${tenantId}`;
    const renamed = await admin.call("PATCH", path, { display_name: "Ours", time_zone: "Europe/Paris" });
    expect(pick(renamed.body, "data")).toMatchObject({ display_name: "Ours", time_zone: "Europe/Paris" });
    for (const body of [{ slug: "ours" }, { status: "suspended" }]) {
      expect(await refusal(admin, "PATCH", path, body)).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    }
    expect(
      await refusal(partnerAdmin, "PATCH", `/v1/partners/${partnerId}`, { status: "suspended" }),
    ).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
  });

  test("who may not is told so", async () => {
    const forbidden = [403, "AUTHZ_PERMISSION_DENIED"];
    const body = { slug: "nope", display_name: "nope" };
    for (const [who, method, path, sent] of [
      [viewer, "GET", "/v1/tenants", undefined],
      [viewer, "GET", `/v1/tenants/${tenantId}`, undefined],
      [viewer, "PATCH", `/v1/tenants/${tenantId}`, { display_name: "x" }],
      [admin, "POST", "/v1/tenants", body],
      [admin, "DELETE", `/v1/tenants/${tenantId}`, undefined],
      [admin, "GET", "/v1/partners", undefined],
      [admin, "GET", `/v1/partners/${partnerId}`, undefined],
      [admin, "PATCH", `/v1/partners/${partnerId}`, { display_name: "x" }],
      [partnerAdmin, "POST", "/v1/partners", body],
      [partnerAdmin, "DELETE", `/v1/partners/${partnerId}`, undefined],
    ] as const) {
      expect(await refusal(who, method, path, sent)).toEqual(forbidden);
    }
  });

  test("a taken slug is refused", async () => {
    const slug = freshSlug("once");
    await addTenant(api.gateway, partnerId, slug);
    const again = await platform("POST", "/v1/tenants", { slug, display_name: "again" });
    expect([again.status, codeOf(again)]).toEqual([409, "SLUG_CONFLICT"]);
    const renamed = await platform("PATCH", `/v1/tenants/${siblingId}`, { slug });
    expect([renamed.status, codeOf(renamed)]).toEqual([409, "SLUG_CONFLICT"]);
  });

  test("what is in use is not deleted, and the answer says by what", async () => {
    const partner = await platform("DELETE", `/v1/partners/${foreignPartnerId}`);
    expect([partner.status, codeOf(partner), fieldsOf(partner)]).toEqual([409, "CONFLICT", ["tenants"]]);
    const tenant = await platform("DELETE", `/v1/tenants/${tenantId}`);
    expect([tenant.status, codeOf(tenant)]).toEqual([409, "CONFLICT"]);
    expect(detailsOf(tenant)).toEqual([{ field: "users", message: "3 still there" }]);
  });

  test("a tenant whose slug models bear keeps it, and is not deleted", async () => {
    const slug = freshSlug("named");
    const id = await addTenant(api.gateway, partnerId, slug);
    const model = { slug: `tenant/${slug}/bot`, context_window: 100, free: true };
    const made = madeId(await platform("POST", "/v1/models", model));
    for (const reply of [
      await platform("PATCH", `/v1/tenants/${id}`, { slug: freshSlug("renamed") }),
      await platform("DELETE", `/v1/tenants/${id}`),
    ]) {
      expect([reply.status, codeOf(reply), fieldsOf(reply)]).toEqual([409, "CONFLICT", ["models"]]);
    }
    await platform("DELETE", `/v1/models/${made}`);
    expect((await platform("DELETE", `/v1/tenants/${id}`)).status).toBe(200);
  });

  describe("are refused by their field", () => {
    test.each([
      ["a slug with capitals", { slug: "Acme" }, "slug"],
      ["a slug with a slash", { slug: "a/b" }, "slug"],
      ["a slug that ends with a hyphen", { slug: "acme-" }, "slug"],
      ["a zone that is an offset", { time_zone: "+01:00" }, "time_zone"],
      ["a zone nobody knows", { time_zone: "Mars/Olympus" }, "time_zone"],
      ["a setting that is a list", { settings: { a: [1] } }, "settings.a"],
      ["a field nobody knows", { id: "tenant_x" }, "id"],
    ])("%s", async (_name, wrong, field) => {
      for (const path of ["/v1/tenants", "/v1/partners"]) {
        const reply = await platform("POST", path, { slug: freshSlug("w"), display_name: "w", ...wrong });
        expect([reply.status, codeOf(reply), fieldsOf(reply)]).toEqual([422, "VALIDATION_ERROR", [field]]);
      }
    });

    test("more settings than fit", async () => {
      const settings = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`s${n}`, n]));
      const reply = await platform("POST", "/v1/tenants", {
        slug: freshSlug("w"),
        display_name: "w",
        settings,
      });
      expect([reply.status, fieldsOf(reply)]).toEqual([422, ["settings"]]);
    });
  });
});

describeApi("suspension", (api) => {
  const platform = (method: string, path: string, body?: object) => api.gateway.api(method, path, { body });

  test.each(["tenant", "partner"])(
    "of a %s cuts its streams within 5 s, refuses its keys, and ends",
    async (level) => {
      const partnerId = await addPartner(api.gateway);
      const tenantId = await addTenant(api.gateway, partnerId);
      const user = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId });
      const other = await addCaller(api.gateway, { roles: ["tenant_user"] });
      const { slug } = await api.model(`fake-ok?tokens=50&gate=${level}&gate_after=2`);
      const open = { model: slug, messages: [{ role: "user", content: "x" }] };
      const stream = await api.gateway.chatStream(open, { key: user.key });
      const untouched = await api.gateway.chatStream(open, { key: other.key });
      const path = level === "tenant" ? `/v1/tenants/${tenantId}` : `/v1/partners/${partnerId}`;
      for (const each of [stream, untouched]) await each.nextContent();
      const startedMs = performance.now();
      expect((await platform("PATCH", path, { status: "suspended" })).status).toBe(200);
      const end = await stream.end();
      expect(performance.now() - startedMs).toBeLessThan(5_000);
      expect(pick(end.error, "code")).toBe("TENANT_SUSPENDED");
      expect(end).toMatchObject({ doneCount: 1, broken: false });
      const refused = await user.call("GET", "/v1/me");
      expect([refused.status, codeOf(refused)]).toEqual([403, "TENANT_SUSPENDED"]);
      expect((await other.call("GET", "/v1/me")).status).toBe(200);
      untouched.leave();
      await platform("PATCH", path, { status: "active" });
      expect((await user.call("GET", "/v1/me")).status).toBe(200);
    },
  );

  test("of one's own partner or tenant is refused", async () => {
    const me = await platform("GET", "/v1/me");
    for (const level of ["partner", "tenant"]) {
      const path = `/v1/${level}s/${String(pick(me.body, `data.${level}.id`))}`;
      const reply = await platform("PATCH", path, { status: "suspended" });
      expect([reply.status, codeOf(reply)]).toEqual([409, "CONFLICT"]);
    }
  });

  test("of the first tenant or partner would shut out the installation's administrators", async () => {
    const { body } = await platform("GET", "/v1/me");
    const path = (level: string) => `/v1/${level}s/${pickText(body, `data.${level}.id`)}`;
    const neighbour = await addCaller(api.gateway, {
      roles: ["partner_admin"],
      tenantId: await addTenant(api.gateway),
    });
    const outsider = await addCaller(api.gateway, {
      roles: ["super_admin"],
      tenantId: await addTenant(api.gateway, await addPartner(api.gateway)),
    });
    const suspend = async (who: Caller, level: string) =>
      codeOf(await who.call("PATCH", path(level), { status: "suspended" }));
    expect(await suspend(neighbour, "tenant")).toBe("CONFLICT");
    expect(await suspend(outsider, "tenant")).toBe("CONFLICT");
    expect(await suspend(outsider, "partner")).toBe("CONFLICT");
  });

  test("of the first tenant would leave nobody: it is not deleted either", async () => {
    const me = await platform("GET", "/v1/me");
    const reply = await platform("DELETE", `/v1/tenants/${String(pick(me.body, "data.tenant.id"))}`);
    expect([reply.status, codeOf(reply)]).toEqual([409, "CONFLICT"]);
  });
});
