import { beforeAll, describe, expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf, SANDBOX } from "./started.ts";
import { addCaller, addTenant, Caller, freshSlug, madeId } from "./tenancy.ts";

const UNKNOWN = "00000000000000000000000000";

describeApi("model access", (api) => {
  let other: string;
  beforeAll(async () => {
    ({ slug: other } = await api.model("fake-ok", { slug: `other/${freshSlug("model")}` }));
  });
  /** A tenant with its administrator and a user. */
  const company = async () => {
    const tenantId = await addTenant(api.gateway);
    const admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    const user = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId });
    const rule = (body: object) => admin.call("POST", "/v1/model-access", body);
    return { tenantId, admin, user, rule };
  };
  const statuses = async (who: Caller) => [
    (await api.chat({ model: SANDBOX }, { key: who.key })).status,
    (await api.chat({ model: other }, { key: who.key })).status,
  ];
  const listed = async (who: Caller) =>
    new Set(itemsOf(await who.call("GET", "/v1/models?limit=1000")).map((model) => model["slug"]));

  test("a tenant blocks a model for all of its users, and for nobody else's", async () => {
    const { user, rule } = await company();
    const stranger = await company();
    const made = await rule({ subject_type: "tenant", effect: "block", model: other });
    const denied = await api.chat({ model: other }, { key: user.key });
    expect([denied.status, codeOf(denied)]).toEqual([403, "MODEL_ACCESS_DENIED"]);
    expect(await statuses(user)).toEqual([200, 403]);
    expect(await statuses(stranger.user)).toEqual([200, 200]);
    const slugs = await listed(user);
    expect([slugs.has(other), slugs.has(SANDBOX)]).toEqual([false, true]);
    const door = await api.gateway.api("GET", "/oai/v1/models", { key: user.key });
    expect(door.text).not.toContain(other);
    expect(pick(made.body, "data")).toMatchObject({ subject_type: "tenant", effect: "block", model: other });
  });

  test("where something is allowed, everything else is not; a rule taken away is gone at once", async () => {
    const { admin, user, rule } = await company();
    const id = madeId(
      await rule({ subject_type: "user", subject_id: user.userId, effect: "allow", model: "other/*" }),
    );
    expect(await statuses(user)).toEqual([403, 200]);
    expect(await statuses(admin)).toEqual([200, 200]);
    expect((await admin.call("DELETE", `/v1/model-access/${id}`)).status).toBe(200);
    expect(await statuses(user)).toEqual([200, 200]);
    expect((await admin.call("DELETE", `/v1/model-access/${id}`)).status).toBe(404);
  });

  test("a tenant has room for so many model groups, and another tenant for as many", async () => {
    const { admin } = await company();
    const stranger = await company();
    const make = (who: Caller, number: number) =>
      who.call("POST", "/v1/model-groups", { name: `Group ${number}`, models: ["other/*"] });
    for (let number = 0; number < 200; number++) expect((await make(admin, number)).status).toBe(201);
    const refused = await make(admin, 200);
    expect([refused.status, codeOf(refused)]).toEqual([429, "QUOTA_EXCEEDED"]);
    expect((await make(stranger.admin, 0)).status).toBe(201);
  });

  test("every level must let it through: what a tenant blocks no user's allowance opens", async () => {
    const { user, rule } = await company();
    await rule({ subject_type: "tenant", effect: "block", model: other });
    await rule({ subject_type: "user", subject_id: user.userId, effect: "allow", model: other });
    expect(await statuses(user)).toEqual([403, 403]);
  });

  test("a key has a list of its own, kept by whoever administers the tenant", async () => {
    const { admin, user, rule } = await company();
    const [key] = itemsOf(await admin.call("GET", `/v1/api-keys?scope=tenant&user_id=${user.userId}`));
    await rule({ subject_type: "api_key", subject_id: key?.["id"], effect: "block", model: "other/*" });
    expect(await statuses(user)).toEqual([200, 403]);
    const second = await user.call("POST", "/v1/api-keys", { name: "second" });
    expect(
      await statuses(new Caller(api.gateway, user.userId, String(pick(second.body, "data.key")))),
    ).toEqual([200, 200]);
  });

  test("one of somebody's groups may allow; another may block", async () => {
    const { admin, user, rule } = await company();
    const addGroup = async () => {
      const id = madeId(await admin.call("POST", "/v1/groups", { name: freshSlug("g") }));
      await admin.call("PUT", `/v1/groups/${id}/members/${user.userId}`);
      return id;
    };
    const [first, second] = [await addGroup(), await addGroup()];
    await rule({ subject_type: "group", subject_id: first, effect: "allow", model: SANDBOX });
    expect(await statuses(user)).toEqual([200, 403]);
    await rule({ subject_type: "group", subject_id: second, effect: "allow", model: other });
    expect(await statuses(user)).toEqual([200, 200]);
    await rule({ subject_type: "group", subject_id: second, effect: "block", model: SANDBOX });
    expect(await statuses(user)).toEqual([403, 200]);
    await admin.call("DELETE", `/v1/groups/${second}/members/${user.userId}`);
    expect(await statuses(user)).toEqual([200, 403]);
  });

  test("a model group stands for its models, and changes for all rules that name it", async () => {
    const { admin, user, rule } = await company();
    const body = { name: "Some", models: [other] };
    const id = madeId(await admin.call("POST", "/v1/model-groups", body));
    await rule({ subject_type: "tenant", effect: "block", model_group_id: id });
    expect(await statuses(user)).toEqual([200, 403]);
    const path = `/v1/model-groups/${id}`;
    const changed = await admin.call("PATCH", path, { models: ["scailabs/*"], name: "Others" });
    expect(pick(changed.body, "data")).toMatchObject({ name: "Others", models: ["scailabs/*"] });
    expect(await statuses(user)).toEqual([403, 200]);
    const used = await admin.call("DELETE", path);
    expect([used.status, fieldsOf(used)]).toEqual([409, ["model_access"]]);
    const [line] = itemsOf(await admin.call("GET", "/v1/model-access?subject_type=tenant"));
    await admin.call("DELETE", `/v1/model-access/${String(line?.["id"])}`);
    expect((await admin.call("DELETE", path)).status).toBe(200);
    expect(codeOf(await admin.call("GET", path))).toBe("NOT_FOUND");
  });

  test("outlives a start", async () => {
    const { user, rule } = await company();
    await rule({ subject_type: "tenant", effect: "block", model: other });
    await api.gateway.restart();
    expect(await statuses(user)).toEqual([200, 403]);
  });

  describe("is the tenant administrator's", () => {
    test("of their own tenant: others' subjects, groups and lines are as none", async () => {
      const [here, there] = [await company(), await company()];
      const group = madeId(
        await there.admin.call("POST", "/v1/model-groups", { name: "x", models: ["a/b"] }),
      );
      const line = madeId(await there.rule({ subject_type: "tenant", effect: "block", model: "a/b" }));
      for (const [body, field] of [
        [{ subject_type: "user", subject_id: there.user.userId, model: "a/b" }, "subject_id"],
        [{ subject_type: "user", subject_id: `user_${UNKNOWN}`, model: "a/b" }, "subject_id"],
        [{ subject_type: "tenant", subject_id: there.tenantId, model: "a/b" }, "subject_id"],
        [{ subject_type: "tenant", tenant_id: there.tenantId, model: "a/b" }, "tenant_id"],
        [{ subject_type: "tenant", model_group_id: group }, "model_group_id"],
        [{ subject_type: "tenant" }, "model"],
        [{ subject_type: "tenant", model: "*" }, "model"],
      ] as const) {
        const reply = await here.rule({ effect: "block", ...body });
        expect([reply.status, fieldsOf(reply)]).toEqual([422, [field]]);
      }
      for (const [method, path, body] of [
        ["DELETE", `/v1/model-access/${line}`, undefined],
        ["GET", `/v1/model-groups/${group}`, undefined],
        ["PATCH", `/v1/model-groups/${group}`, { name: "y" }],
        ["DELETE", `/v1/model-groups/${group}`, undefined],
      ] as const) {
        const theirs = await here.admin.call(method, path, body);
        expect([theirs.status, codeOf(theirs)]).toEqual([404, "NOT_FOUND"]);
        expect((await here.user.call(method, path, body)).status).toBe(403);
      }
      for (const path of ["/v1/model-access", "/v1/model-groups"]) {
        expect(itemsOf(await here.admin.call("GET", path))).toEqual([]);
        expect((await here.user.call("GET", path)).status).toBe(403);
      }
      expect(
        (
          await here.user.call("POST", "/v1/model-access", {
            subject_type: "tenant",
            effect: "block",
            model: "a/b",
          })
        ).status,
      ).toBe(403);
      expect((await here.user.call("POST", "/v1/model-groups", { name: "x", models: ["a/b"] })).status).toBe(
        403,
      );
    });
  });
});
