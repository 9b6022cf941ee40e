import { expect, test } from "bun:test";
import { textOf } from "../fakes/answers.ts";
import type { ApiReply } from "../harness/api.ts";
import type { FakeBackend, FakeBackendOptions } from "../harness/fake-backend.ts";
import { isObject, pick, pickText } from "../harness/json.ts";
import { readMetrics } from "./exposition.ts";
import { codeOf, describeApi, requestIdOf, traceOf } from "./started.ts";
import { addCaller, addTenant } from "./tenancy.ts";

const OK = "fake-ok?tokens=5";

describeApi("failover", (api) => {
  const two = (plan: string, options: FakeBackendOptions = {}): Promise<FakeBackend> =>
    api.model("fake-ok", { plans: [plan, OK], ...options });
  const contentOf = (reply: ApiReply): unknown => pick(reply.body, "data.choices.0.message.content");

  async function traced(reply: { readonly headers: Headers }): Promise<unknown> {
    const { body } = await traceOf(api.gateway, requestIdOf(reply), (trace) =>
      isObject(pick(trace, "usage")),
    );
    return pick(body, "data");
  }
  function outcomesOf(trace: unknown): readonly unknown[] {
    const attempts = pick(trace, "attempts");
    return Array.isArray(attempts) ? attempts.map((attempt) => pick(attempt, "outcome")) : [];
  }
  /** Fields of a backend, changed. */
  const patch = (id: string | undefined, body: object) =>
    api.gateway.api("PATCH", `/v1/backends/${id}`, { body });

  const FAULTS: readonly (readonly [string, string, readonly string[]])[] = [
    ["an error of its own, twice", "fake-status?code=500", ["server_error", "server_error", "ok"]],
    ["a reset, twice", "fake-reset-before-headers", ["network", "network", "ok"]],
    ["that it is overloaded", "fake-status?code=503", ["unavailable", "ok"]],
    ["that there were too many calls", "fake-status?code=429&retry_after=1", ["rate_limited", "ok"]],
    ["a web page", "fake-html", ["shape", "ok"]],
    [
      "that it does not know the model",
      "fake-status?code=400&error_code=model_not_found",
      ["bad_request", "ok"],
    ],
    ["that it does not know our key", "fake-status?code=401", ["auth", "ok"]],
  ];
  test.each(FAULTS)(
    "after %s the next backend answers, whole and streamed",
    async (_name, plan, outcomes) => {
      const { slug, backendIds } = await two(plan);
      const reply = await api.chat({ model: slug });
      expect([reply.status, contentOf(reply)]).toEqual([200, textOf(5, false)]);
      const trace = await traced(reply);
      expect(outcomesOf(trace)).toEqual([...outcomes]);
      expect([pick(trace, "backend_id"), pick(trace, "usage.tokens_out")]).toEqual([backendIds[1], 5]);
      const stream = await api.stream({ model: slug });
      expect(await stream.end()).toMatchObject({ content: textOf(5, false), error: undefined });
      expect(outcomesOf(await traced(stream))).toEqual([...outcomes]);
    },
  );

  test.each(["fake-silent-before-headers", "fake-silent-before-first-token"])(
    "a provider that says nothing is given up in time, whole and streamed (%s)",
    async (plan) => {
      const { slug, backendIds } = await two(plan);
      await patch(backendIds[0], { timeouts: { first_byte: 200, idle: 200 } });
      const [reply, stream] = await Promise.all([api.chat({ model: slug }), api.stream({ model: slug })]);
      expect([reply.status, contentOf(reply)]).toEqual([200, textOf(5, false)]);
      expect(outcomesOf(await traced(reply))).toEqual(["timeout", "ok"]);
      expect(await stream.end()).toMatchObject({ content: textOf(5, false), error: undefined });
      expect(outcomesOf(await traced(stream))).toEqual(["timeout", "ok"]);
    },
  );

  test.each([
    ["fake-status?code=400", "VALIDATION_ERROR"],
    ["fake-status?code=400&error_code=content_filter", "CONTENT_FILTERED"],
    ["fake-status?code=400&error_code=context_length_exceeded", "CONTEXT_LENGTH_EXCEEDED"],
  ])("what is the request's own fault stays with it (%s)", async (plan, code) => {
    const { slug } = await two(plan);
    const reply = await api.chat({ model: slug });
    expect(codeOf(reply)).toBe(code);
    expect(outcomesOf(await traced(reply))).toHaveLength(1);
  });

  test("goes no further than the policy says", async () => {
    const kept = await two("fake-status?code=503", { policy: { failover_on: ["network"] } });
    expect(codeOf(await api.chat({ model: kept.slug }))).toBe("BACKEND_ERROR");
    const once = await two("fake-status?code=503", { retry: { attempts: 1, same_backend: 0 } });
    expect(codeOf(await api.chat({ model: once.slug }))).toBe("BACKEND_ERROR");
  });

  test("a provider that refuses the gateway's key alarms the operator, once a minute", async () => {
    const { slug, backendIds } = await two("fake-status?code=403");
    for (let i = 0; i < 3; i++) expect((await api.chat({ model: slug })).status).toBe(200);
    const alarms = api.gateway.output.logs.filter(
      (log) => log["event"] === "credentials_refused" && log["backend_id"] === backendIds[0],
    );
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toMatchObject({ level: "error", upstream_status: 403 });
    const { samples } = readMetrics((await api.gateway.api("GET", "/metrics")).text);
    const counted = samples.find(
      ({ name, labels }) =>
        name === "scaigrid_backend_credentials_refused_total" && labels["backend_id"] === backendIds[0],
    );
    expect(counted?.value).toBe(3);
  });

  test("a backend whose calls are all in flight is passed by, and the trace says so", async () => {
    const { slug, backendIds } = await api.model("fake-ok", { plans: ["fake-ok?tokens=5&gate=busy", OK] });
    await patch(backendIds[0], { max_concurrency: 1 });
    const first = api.chat({ model: slug });
    await api.fake.log.waitFor("the first call", ({ plan }) => plan === "fake-ok?tokens=5&gate=busy");
    const second = await api.chat({ model: slug });
    expect(second.status).toBe(200);
    const trace = await traced(second);
    expect(pick(trace, "backend_id")).toBe(backendIds[1]);
    expect(JSON.stringify(pick(trace, "candidates"))).toContain("its 1 calls are in flight");
    api.fake.gates.open("busy");
    expect((await first).status).toBe(200);
  });

  test("an account that takes no more is passed by; with no other there is BACKEND_RATE_LIMITED", async () => {
    const { slug, backendIds } = await two(OK);
    await patch(backendIds[0], { rpm: 2 });
    const served: unknown[] = [];
    for (let i = 0; i < 4; i++)
      served.push(pick(await traced(await api.chat({ model: slug })), "backend_id"));
    expect(served).toEqual([backendIds[0], backendIds[0], backendIds[1], backendIds[1]]);
    await patch(backendIds[1], { tpm: 1 });
    const tokens = await api.chat({ model: slug });
    expect(tokens.status).toBe(200);
    const refused = await api.chat({ model: slug });
    expect([refused.status, codeOf(refused)]).toEqual([429, "BACKEND_RATE_LIMITED"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(30);
  });

  test("a model that its provider has retired is served elsewhere, and the operator hears of it", async () => {
    const { slug, backendIds } = await two("fake-status?code=404");
    for (let i = 0; i < 3; i++) expect((await api.chat({ model: slug })).status).toBe(200);
    const heard = api.gateway.output.logs.filter(
      (log) => log["event"] === "upstream_model_unknown" && log["backend_id"] === backendIds[0],
    );
    expect(heard).toMatchObject([{ backend_id: backendIds[0], upstream_status: 404 }]);
    const { body } = await api.gateway.api("GET", `/v1/backends/${backendIds[0]}`);
    expect(pick(body, "data.health")).toMatchObject({
      circuit_state: "closed",
      last_fault: { class: "bad_request" },
    });
  });

  test("one tenant's burst leaves a part of the account to the others", async () => {
    const { slug, backendIds } = await api.model(OK);
    await patch(backendIds[0], { rpm: 10 });
    const tenantId = await addTenant(api.gateway);
    const { key } = await addCaller(api.gateway, { roles: ["tenant_user"], tenantId });
    const statuses = async (call: object): Promise<readonly number[]> => {
      const seen: number[] = [];
      for (let i = 0; i < 10; i++) seen.push((await api.chat({ model: slug }, call)).status);
      return seen;
    };
    const count = (seen: readonly number[]): number => seen.filter((status) => status === 200).length;
    const burst = await statuses({});
    expect([count(burst), burst.at(-1)]).toEqual([8, 429]);
    const refused = await api.chat({ model: slug });
    const { body } = await traceOf(api.gateway, requestIdOf(refused));
    expect(JSON.stringify(pick(body, "data.candidates"))).toContain(
      "the rest of its account is for other tenants",
    );
    expect(count(await statuses({ key }))).toBe(2);
  });

  test("a prompt that is too long goes to a fallback with a larger window, at the price that was asked for", async () => {
    const large = await api.model(OK, {
      model: { context_window: 1_000_000 },
      prices: { input_per_mtok: "100", output_per_mtok: "100" },
    });
    const small = await api.model(OK);
    const plan = "fake-status?code=400&error_code=context_length_exceeded";
    for (const [fallback_price, cost] of [
      ["asked", 2.5 * 3 + 10 * 5],
      ["served", 100 * 8],
    ] as const) {
      const policy = { fallback_models: [small.slug, large.slug], fallback_price };
      const { slug } = await api.model(plan, { policy });
      const reply = await api.chat({ model: slug });
      expect([reply.status, pick(reply.body, "data.model")]).toEqual([200, slug]);
      const trace = await traced(reply);
      expect(outcomesOf(trace)).toEqual(["context_length", "ok"]);
      expect(pick(trace, "backend_id")).toBe(large.backendIds[0]);
      expect(Number(pick(trace, "usage.cost")) * 1e6).toBeCloseTo(cost, 6);
      expect(JSON.stringify(pick(trace, "candidates"))).toContain(`fallback ${large.slug}`);
    }
  });

  test("a fallback serves when no backend of the model can, and only callers who may use it", async () => {
    const fallback = await api.model(OK);
    const { slug, backendIds } = await api.model(OK, { policy: { fallback_models: [fallback.slug] } });
    await patch(backendIds[0], { status: "disabled" });
    expect(pick(await traced(await api.chat({ model: slug })), "backend_id")).toBe(fallback.backendIds[0]);
    const { body } = await api.gateway.api("GET", "/v1/me", { key: api.gateway.firstKey });
    const key = await api.gateway.api("POST", "/v1/api-keys", {
      body: { name: "narrow", assigned_user_id: pickText(body, "data.user.id"), models: [slug] },
    });
    const narrow = await api.chat({ model: slug }, { key: pickText(key.body, "data.key") });
    expect(codeOf(narrow)).toBe("MODEL_UNAVAILABLE");
  });

  test.each([
    ["has no more calls left", "fake-status?code=429&times=1&tokens=5"],
    ["is refused", "fake-status?code=401&times=1&tokens=5"],
  ])("a key that %s gives way to the next one, for this request and those after it", async (_name, plan) => {
    const { slug, providerId, backendIds } = await api.model(plan);
    const keys = { api_key: "first-key", more_api_keys: ["second-key", "third-key"] };
    const changed = await api.gateway.api("PATCH", `/v1/providers/${providerId}`, {
      body: { connection_config: keys },
    });
    expect(pick(changed.body, "data.connection.more_api_keys")).toBe(2);
    expect(changed.text).not.toContain("second-key");
    const reply = await api.chat({ model: slug });
    expect([reply.status, (await api.chat({ model: slug })).status]).toEqual([200, 200]);
    expect(outcomesOf(await traced(reply))).toEqual([plan.includes("429") ? "rate_limited" : "auth", "ok"]);
    const shown = api.fake.log.records
      .filter((record) => record.plan === plan)
      .map((record) => record.headers["authorization"]);
    expect(shown).toEqual(["Bearer first-key", "Bearer second-key", "Bearer second-key"]);
    expect((await api.gateway.api("GET", `/v1/backends/${backendIds[0]}`)).text).not.toContain("second-key");
  });
});
