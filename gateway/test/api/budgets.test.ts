import { beforeAll, describe, expect, test } from "bun:test";
import type { ApiReply } from "../harness/api.ts";
import { pick, pickText } from "../harness/json.ts";
import { withShell } from "./store-shell.ts";
import { codeOf, describeApi, detailsOf, eventually, fieldsOf, itemsOf, MESSAGES } from "./started.ts";
import { addCaller, addKey, addPartner, addTenant, Caller, madeId } from "./tenancy.ts";

/** An answer of a hundred tokens costs a thousandth, its prompt nothing. */
const PRICES = { input_per_mtok: "0", output_per_mtok: "10" };
const PATH = "/v1/accounting/budgets";

/** The details of a refusal, by field. */
function told(reply: ApiReply): Readonly<Record<string, unknown>> {
  return Object.fromEntries(detailsOf(reply).map(({ field, message }) => [String(field), message]));
}

describeApi("budgets", (api) => {
  let slug: string;
  let slow: string;
  beforeAll(async () => {
    slug = (await api.model("fake-ok?tokens=100", { prices: PRICES })).slug;
    slow = (await api.model("fake-ok?tokens=100&gate=budgets", { prices: PRICES })).slug;
  });

  /** Somebody new, in a tenant of their own. */
  const somebody = async (): Promise<Caller & { readonly tenantId: string; readonly partnerId: string }> => {
    const partnerId = await addPartner(api.gateway);
    const tenantId = await addTenant(api.gateway, partnerId);
    const caller = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId });
    return Object.assign(caller, { tenantId, partnerId });
  };
  const make = async (scope: string, scope_id: string, terms: object): Promise<string> => {
    const body = { scope, scope_id, period: "monthly", ...terms };
    return madeId(await api.gateway.api("POST", PATH, { body }));
  };
  const ask = (who: Caller, more: object = {}) =>
    who.call("POST", "/v1/inference/chat", { model: slug, messages: MESSAGES, max_tokens: 100, ...more });
  const budget = async (id: string) => (await api.gateway.api("GET", `${PATH}/${id}`)).body;

  test("what cannot be paid for is refused before anybody is asked, and says what could be", async () => {
    const who = await somebody();
    const id = await make("user", who.userId, { cost_limit: "0.0025" });
    expect([(await ask(who)).status, (await ask(who)).status]).toEqual([200, 200]);
    const sent = api.fake.log.records.length;
    const refused = await ask(who);
    expect([refused.status, codeOf(refused)]).toEqual([429, "BUDGET_EXCEEDED"]);
    expect(refused.headers.get("x-should-retry")).toBe("false");
    expect(told(refused)).toMatchObject({
      budget_id: id,
      scope: "user",
      measure: "cost",
      limit: "0.0025",
      spent: "0.002",
      reserved: "0",
      required: "0.001",
      remaining: "0.0005",
      affordable_max_tokens: "50",
    });
    expect(Date.parse(String(told(refused)["resets_at"]))).toBeGreaterThan(Date.now());
    expect(api.fake.log.records.length).toBe(sent);
    // The trace keeps what the caller was told, for whoever asks later why.
    const trace = await api.gateway.api("GET", `/v1/requests/${pickText(refused.body, "meta.request_id")}`);
    expect(pick(trace.body, "data.refusal.details")).toEqual(detailsOf(refused));
    // To its last affordable request.
    expect((await ask(who, { max_tokens: 50 })).status).toBe(200);
    expect(pick(await budget(id), "data.spent.cost")).toBe("0.0025");
    expect(pick(await budget(id), "data.state")).toBe("hard_limit");
  });

  test("what is spent adds up beyond whole units", async () => {
    const dear = (await api.model("fake-ok?tokens=100", { prices: { ...PRICES, output_per_mtok: "7000" } }))
      .slug;
    const who = await somebody();
    const id = await make("user", who.userId, { cost_limit: "10" });
    for (let n = 0; n < 3; n++) expect((await ask(who, { model: dear })).status).toBe(200);
    expect(pick(await budget(id), "data.spent.cost")).toBe("2.1");
  });

  test("an answer nobody has put a length to is cut to what can be paid for, and says so", async () => {
    const who = await somebody();
    await make("tenant", who.tenantId, { cost_limit: "0.004" });
    const reply = await ask(who, { max_tokens: undefined });
    expect(reply.status).toBe(200);
    expect(pick(reply.body, "data._meta.max_tokens")).toBe(400);
    // A thousandth is spent: below 256 tokens nothing is cut, 400 were never promised.
    for (let n = 0; n < 2; n++) expect((await ask(who)).status).toBe(200);
    const refused = await ask(who, { max_tokens: undefined });
    expect([refused.status, codeOf(refused), told(refused)["affordable_max_tokens"]]).toEqual([
      429,
      "BUDGET_EXCEEDED",
      "100",
    ]);
  });

  test("what requests in flight hold is told apart from what is spent", async () => {
    const who = await somebody();
    const id = await make("user", who.userId, { cost_limit: "0.0015" });
    const first = ask(who, { model: slow });
    await eventually(
      "hold",
      () => api.gateway.api("GET", `${PATH}/${id}`),
      ({ body }) => pick(body, "data.reserved.cost") === "0.001",
    );
    const refused = await ask(who);
    expect([refused.status, codeOf(refused)]).toEqual([429, "BUDGET_RESERVED"]);
    expect(Number(refused.headers.get("retry-after"))).toBeWithin(1, 6);
    expect(told(refused)).toMatchObject({ spent: "0", reserved: "0.001", remaining: "0.0005" });
    api.fake.gates.open("budgets");
    expect((await first).status).toBe(200);
    const body = await budget(id);
    expect([pick(body, "data.spent"), pick(body, "data.reserved.cost")]).toMatchObject([
      { cost: "0.001", requests: 1 },
      "0",
    ]);
    expect(codeOf(await ask(who))).toBe("BUDGET_EXCEEDED");
  });

  test("a new budget counts what was used before it was made, and what is in flight", async () => {
    const who = await somebody();
    const gate = `late-${Bun.randomUUIDv7()}`;
    const late = (await api.model(`fake-ok?tokens=100&gate=${gate}`, { prices: PRICES })).slug;
    expect((await ask(who)).status).toBe(200);
    const running = ask(who, { model: late });
    await api.fake.log.waitFor("request upstream", ({ plan }) => plan.includes(gate));
    const id = await make("tenant", who.tenantId, { cost_limit: "0.002", hard_action: "block" });
    const made = await budget(id);
    expect([
      pick(made, "data.spent.cost"),
      pick(made, "data.reserved.cost"),
      pick(made, "data.state"),
    ]).toEqual(["0.001", "0.001", "ok"]);
    expect(codeOf(await ask(who))).toBe("BUDGET_RESERVED");
    api.fake.gates.open(gate);
    expect((await running).status).toBe(200);
    expect(pick(await budget(id), "data.spent.cost")).toBe("0.002");
  });

  test("every budget over a request counts it: group, user and key, tokens and requests", async () => {
    const who = await somebody();
    const group = madeId(
      await api.gateway.api("POST", "/v1/groups", { body: { name: "g", tenant_id: who.tenantId } }),
    );
    await api.gateway.api("PUT", `/v1/groups/${group}/members/${who.userId}`);
    const ids = [
      await make("group", group, { token_limit: 1_000_000 }),
      await make("tenant", who.tenantId, { request_limit: 1, hard_action: "notify" }),
      await make("partner", who.partnerId, { cost_limit: "0.0015" }),
    ];
    expect((await ask(who)).status).toBe(200);
    for (const id of ids) expect(pick(await budget(id), "data.spent.requests")).toBe(1);
    expect(pick(await budget(ids[0] ?? ""), "data.spent.tokens")).toBeGreaterThan(100);
    // The tenant's is used up, and nobody is refused for it; what the partner pays is nobody's business.
    const refused = await ask(who);
    expect([codeOf(refused), Object.keys(told(refused))]).toEqual([
      "BUDGET_EXCEEDED",
      ["budget_id", "scope", "measure", "affordable_max_tokens", "resets_at"],
    ]);
  });

  test("a throttle slows down and does not block", async () => {
    const who = await somebody();
    await make("user", who.userId, { cost_limit: "0.001", hard_action: "throttle" });
    expect([(await ask(who)).status, (await ask(who)).status]).toEqual([200, 200]);
    const third = await ask(who);
    expect([third.status, codeOf(third)]).toEqual([429, "RATE_LIMITED"]);
  });

  test("a key's budget is made with it, shared with its successor, and no way around it leads by the key", async () => {
    const who = await somebody();
    const terms = { period: "total", request_limit: 2 };
    const key = await addKey(api.gateway, who.userId, { budget: terms });
    const with_ = (each: string) => new Caller(api.gateway, who.userId, each);
    expect((await ask(with_(key))).status).toBe(200);
    const me = await with_(key).call("GET", "/v1/me");
    expect(pick(me.body, "data.budgets.0")).toMatchObject({
      scope: "api_key",
      state: "ok",
      spent: { cost: "0.001", requests: 1 },
      remaining: { requests: 1 },
    });
    const keyId = pickText(me.body, "data.api_key.id");
    const rotated = await with_(key).call("POST", `/v1/api-keys/${keyId}/rotate`, { overlap_hours: 1 });
    const successor = with_(pickText(rotated.body, "data.key"));
    expect([
      (await ask(successor)).status,
      codeOf(await ask(successor)),
      codeOf(await ask(with_(key))),
    ]).toEqual([200, "BUDGET_EXCEEDED", "BUDGET_EXCEEDED"]);
    const second = await successor.call("POST", "/v1/api-keys", { name: "second" });
    expect([second.status, codeOf(second)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
  });

  test("one that begins to block counts what was used, once, and blocks from then on", async () => {
    const who = await somebody();
    expect((await ask(who)).status).toBe(200);
    const id = await make("user", who.userId, { request_limit: 1, hard_action: "notify" });
    expect((await ask(who)).status).toBe(200);
    const change = (hard_action: string) =>
      api.gateway.api("PATCH", `${PATH}/${id}`, { body: { hard_action } });
    // Where nodes share a store, each of them says first that it knows.
    const armed = async () => {
      const read = () => api.gateway.api("GET", `${PATH}/${id}`);
      const reply = await eventually(
        "armed budget",
        read,
        (r) => pick(r.body, "data.state") !== "arming",
        20_000,
      );
      return pick(reply.body, "data");
    };
    expect((await change("block")).status).toBe(200);
    expect(codeOf(await ask(who))).toBe("BUDGET_EXCEEDED");
    expect(await armed()).toMatchObject({
      hard_action: "block",
      state: "hard_limit",
      spent: { requests: 2 },
    });
    expect(codeOf(await ask(who))).toBe("BUDGET_EXCEEDED");
    expect(pick((await change("notify")).body, "data.state")).toBe("hard_limit");
    expect((await ask(who)).status).toBe(200);
    expect((await change("block")).status).toBe(200);
    expect(await armed()).toMatchObject({ state: "hard_limit", spent: { requests: 3, cost: "0.003" } });
  });

  test("a changed limit is in force at once, a lowered one too", async () => {
    const who = await somebody();
    const id = await make("user", who.userId, { cost_limit: "1", request_limit: 1 });
    const change = (body: object) => api.gateway.api("PATCH", `${PATH}/${id}`, { body });
    expect((await ask(who)).status).toBe(200);
    expect(codeOf(await ask(who))).toBe("BUDGET_EXCEEDED");
    expect(pick((await change({ request_limit: null })).body, "data.request_limit")).toBeUndefined();
    expect((await ask(who)).status).toBe(200);
    await change({ cost_limit: "0.0001" });
    expect(codeOf(await ask(who))).toBe("BUDGET_EXCEEDED");
    const none = await change({ cost_limit: null });
    expect([none.status, fieldsOf(none)]).toEqual([422, ["cost_limit"]]);
    expect((await api.gateway.api("DELETE", `${PATH}/${id}`)).status).toBe(200);
    expect((await ask(who)).status).toBe(200);
  });

  test("what is no limit is refused by its field", async () => {
    const who = await somebody();
    const refusal = async (body: object) => {
      const whole = { scope: "user", scope_id: who.userId, period: "daily", ...body };
      const reply = await api.gateway.api("POST", PATH, { body: whole });
      return [reply.status, ...fieldsOf(reply)];
    };
    expect(await refusal({})).toEqual([422, "cost_limit"]);
    for (const cost_limit of ["-1", "1.0000000000001", "1000000000.1", "much"]) {
      expect(await refusal({ cost_limit })).toEqual([422, "cost_limit"]);
    }
    expect(await refusal({ token_limit: -1 })).toEqual([422, "token_limit"]);
    expect(await refusal({ request_limit: 0.5 })).toEqual([422, "request_limit"]);
    expect(await refusal({ request_limit: 1, soft_limit_pct: 1.5 })).toEqual([422, "soft_limit_pct"]);
    expect(await refusal({ request_limit: 1, scope_id: "user_0" })).toEqual([422, "scope_id"]);
    expect(await refusal({ cost_limit: "1000000000", period: "yearly" })).toEqual([422, "period"]);
  });

  test("a level changes what it has made, and reads what stands above it", async () => {
    const who = await somebody();
    const admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId: who.tenantId });
    const above = await make("tenant", who.tenantId, { cost_limit: "5" });
    const own = await admin.call("POST", PATH, {
      scope: "tenant",
      scope_id: who.tenantId,
      period: "weekly",
      token_limit: 5,
    });
    expect(pick(own.body, "data.set_by")).toBe("tenant");
    const denied = await admin.call("PATCH", `${PATH}/${above}`, { cost_limit: "6" });
    expect([denied.status, codeOf(denied)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    expect((await admin.call("DELETE", `${PATH}/${pickText(own.body, "data.id")}`)).status).toBe(200);
    expect(itemsOf(await admin.call("GET", PATH)).map(({ id }) => id)).toEqual([above]);
    expect(itemsOf(await who.call("GET", PATH))).toEqual([]);
  });

  describe("events", () => {
    test("tell once that a budget is nearly, and wholly, used up", async () => {
      const who = await somebody();
      const id = await make("user", who.userId, { request_limit: 4, soft_limit_pct: 0.5 });
      for (let n = 0; n < 4; n++) expect((await ask(who)).status).toBe(200);
      const told = () =>
        withShell(api.gateway, (store) =>
          store.all("select type, payload from events where type like 'budget.%' order by id"),
        );
      let types: readonly string[] = [];
      for (let tries = 0; tries < 200 && types.length < 2; tries++) {
        await Bun.sleep(50);
        const rows = (await told()).filter((row) => pickText(row, "payload").includes(id));
        types = rows.map((row) => pickText(row, "type"));
      }
      expect(types.toSorted()).toEqual(["budget.hard_limit_reached", "budget.soft_limit_reached"]);
    });
  });
});
