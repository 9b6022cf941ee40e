import { expect, test } from "bun:test";
import { FAILURES_IN_A_ROW } from "../../src/routing/circuit.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { isObject, pick } from "../harness/json.ts";
import { readMetrics } from "./exposition.ts";
import { codeOf, describeApi, eventually, requestIdOf, traceOf } from "./started.ts";

const DOWN = "fake-status?code=503";
const OK = "fake-ok?tokens=2";

describeApi("circuits", (api) => {
  async function metric(name: string, backendId: string | undefined): Promise<number | undefined> {
    const { samples } = readMetrics((await api.gateway.api("GET", "/metrics")).text);
    return samples.find((each) => each.name === name && each.labels["backend_id"] === backendId)?.value;
  }
  const asked = (plan: string): number =>
    api.fake.log.records.filter((record) => record.plan === plan).length;
  async function traced(reply: { readonly headers: Headers }): Promise<unknown> {
    return pick((await traceOf(api.gateway, requestIdOf(reply))).body, "data");
  }

  test("a backend that is down is asked five times, then only probed; everybody is served meanwhile", async () => {
    const { slug, backendIds, policyId, modelId } = await api.model("fake-ok", { plans: [DOWN, OK] });
    const [down, well] = backendIds;
    expect(await metric("scaigrid_circuit_breaker_state", down)).toBe(0);
    expect(await metric("scaigrid_backend_health", down)).toBe(1);
    for (let i = 0; i < 8; i++) expect((await api.chat({ model: slug })).status).toBe(200);
    expect(asked(DOWN)).toBe(FAILURES_IN_A_ROW);
    expect(await metric("scaigrid_circuit_breaker_state", down)).toBe(2);
    expect(await metric("scaigrid_backend_health", down)).toBe(0);
    expect(await metric("scaigrid_circuit_breaker_state", well)).toBe(0);
    const logged = api.gateway.output.logs.find((log) => log["event"] === "circuit_opened");
    expect(logged).toMatchObject({ backend_id: down, fault: "unavailable" });

    const trace = await traced(await api.chat({ model: slug }));
    expect(pick(trace, "candidates.0")).toMatchObject({ backend_id: down, taken: false });
    expect(pick(trace, "candidates.0.reason")).toMatch(
      /^its circuit is open after unavailable; next probe in \d+ s$/,
    );
    expect(pick(trace, "candidates.1")).toMatchObject({ backend_id: well, taken: true });
    const { body } = await api.gateway.api("GET", `/v1/backends/${down}`);
    expect(pick(body, "data.health")).toMatchObject({
      status: "unhealthy",
      circuit_state: "open",
      last_fault: { class: "unavailable" },
    });
    const model = await api.gateway.api("GET", `/v1/models/${modelId}`);
    expect(pick(model.body, "data")).toMatchObject({
      health_status: "degraded",
      active_backend_count: 1,
      total_backend_count: 2,
    });
    const preview = await api.gateway.api("POST", `/v1/routing-policies/${policyId}/preview`, { body: {} });
    expect(pick(preview.body, "data.backend_id")).toBe(well);
  });

  test("a model whose backends are all down lets one call a second through, and tells when to come again", async () => {
    const plans = ["fake-status?code=503&times=1000", "fake-status?code=502&times=1001"];
    const { slug, modelId } = await api.model("fake-ok", { plans });
    const attempts = (): number => plans.reduce((sum, plan) => sum + asked(plan), 0);
    const codes: unknown[] = [];
    const begun = performance.now();
    const requests = 60;
    for (let i = 0; i < requests; i++) codes.push(codeOf(await api.chat({ model: slug })));
    const seconds = Math.ceil((performance.now() - begun) / 1000);
    expect(attempts()).toBeLessThanOrEqual(requests * 1.2);
    const passed = codes.filter((code) => code === "BACKEND_ERROR").length;
    // Five failures open each circuit; what passes after that is the trickle, or a probe.
    expect(passed).toBeLessThanOrEqual(2 * FAILURES_IN_A_ROW + 2 * seconds);
    expect(new Set(codes)).toEqual(new Set(["BACKEND_ERROR", "MODEL_UNAVAILABLE"]));
    const refused = await eventually(
      "refusal",
      () => api.chat({ model: slug }),
      (reply) => codeOf(reply) === "MODEL_UNAVAILABLE",
    );
    const retryAfter = Number(refused.headers.get("retry-after"));
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(retryAfter).toBeLessThanOrEqual(22);
    const model = await api.gateway.api("GET", `/v1/models/${modelId}`);
    expect(pick(model.body, "data.health_status")).toBe("unhealthy");
  });

  test("a backend that is well again is found out by a call that passes, and serves on", async () => {
    const plan = "fake-status?code=503&times=6";
    const { slug, backendIds } = await api.model(plan);
    for (let i = 0; i < FAILURES_IN_A_ROW + 1; i++) await api.chat({ model: slug });
    await eventually(
      "answer",
      () => api.chat({ model: slug }),
      (reply) => reply.status === 200,
      15_000,
    );
    expect(await metric("scaigrid_circuit_breaker_state", backendIds[0])).toBe(0);
    expect((await api.chat({ model: slug })).status).toBe(200);
    expect(api.gateway.output.logs.some((log) => log["event"] === "circuit_closed")).toBe(true);
  });

  test("a health check that finds the provider and the model there closes the circuit", async () => {
    const listing = new FaultUpstream({ models: [DOWN] });
    try {
      const { slug, backendIds } = await addFakeBackend(api.gateway, listing, { plans: [DOWN] });
      for (let i = 0; i < FAILURES_IN_A_ROW; i++) await api.chat({ model: slug });
      expect(await metric("scaigrid_circuit_breaker_state", backendIds[0])).toBe(2);
      const path = `/v1/backends/${backendIds[0]}`;
      const checked = await api.gateway.api("GET", `${path}/health`);
      const closed = { status: "healthy", circuit_state: "closed", circuit_closed: true };
      expect(pick(checked.body, "data")).toMatchObject(closed);
      expect(pick((await api.gateway.api("GET", path)).body, "data.health")).toMatchObject({
        status: "healthy",
        last_check: { ok: true },
      });
      const again = await api.gateway.api("GET", `${path}/health`);
      expect(pick(again.body, "data.circuit_closed")).toBe(false);
    } finally {
      listing.stop();
    }
  });

  test("a backend that is changed begins with a closed circuit", async () => {
    const { slug, backendIds } = await api.model(DOWN);
    for (let i = 0; i < FAILURES_IN_A_ROW; i++) await api.chat({ model: slug });
    expect(await metric("scaigrid_circuit_breaker_state", backendIds[0])).toBe(2);
    await api.gateway.api("PATCH", `/v1/backends/${backendIds[0]}`, { body: { upstream_model: OK } });
    expect((await api.chat({ model: slug })).status).toBe(200);
    expect(await metric("scaigrid_circuit_breaker_state", backendIds[0])).toBe(0);
  });

  test("429, a refused request and a fault that was asked for open no circuit", async () => {
    for (const plan of ["fake-status?code=429", "fake-status?code=400"]) {
      const { slug, backendIds } = await api.model(plan);
      for (let i = 0; i < FAILURES_IN_A_ROW + 1; i++) await api.chat({ model: slug });
      expect([plan, await metric("scaigrid_circuit_breaker_state", backendIds[0])]).toEqual([plan, 0]);
    }
    const simulate = { headers: { "x-scaigrid-simulate": JSON.stringify({ error: "BACKEND_ERROR" }) } };
    for (let i = 0; i < FAILURES_IN_A_ROW + 1; i++) await api.chat({}, simulate);
    expect((await api.chat()).status).toBe(200);
  });

  test("the calls in flight at a backend are counted while they are", async () => {
    const { slug, backendIds } = await api.model("fake-ok?tokens=3&gate=held");
    const reply = api.chat({ model: slug });
    await api.fake.log.waitFor("the call", ({ plan }) => plan === "fake-ok?tokens=3&gate=held");
    expect(await metric("scaigrid_backend_inflight_requests", backendIds[0])).toBe(1);
    const seen = await api.gateway.api("GET", `/v1/backends/${backendIds[0]}`);
    expect(pick(seen.body, "data.health.in_flight")).toBe(1);
    api.fake.gates.open("held");
    await reply;
    expect((await metric("scaigrid_backend_inflight_requests", backendIds[0])) ?? 0).toBe(0);
    expect(isObject(pick(seen.body, "data.health"))).toBe(true);
  });
});

describeApi(
  "the background check of a provider",
  (api) => {
    test("tells in the backends' state whether it answers, moves no circuit, and costs no request", async () => {
      const { backendIds } = await api.model("fake-ok");
      const lost = await addFakeBackend(api.gateway, { url: "http://127.0.0.1:1/v1" });
      const stateOf = (id: string | undefined, ok: boolean) =>
        eventually(
          `check of ${id}`,
          () => api.gateway.api("GET", `/v1/backends/${id}`),
          ({ body }) => pick(body, "data.health.last_check.ok") === ok,
          15_000,
        );
      const well = await stateOf(backendIds[0], true);
      expect(pick(well.body, "data.health")).toMatchObject({ status: "healthy", circuit_state: "closed" });
      const silent = await stateOf(lost.backendIds[0], false);
      expect(pick(silent.body, "data.health")).toMatchObject({
        status: "degraded",
        circuit_state: "closed",
        last_check: { fault: "network" },
      });
      const model = await api.gateway.api("GET", `/v1/models/${lost.modelId}`);
      expect(pick(model.body, "data.health_status")).toBe("degraded");
      expect(api.fake.log.records).toHaveLength(0);
    });
  },
  { SCAIGRID_HEALTH_CHECK_SECONDS: "1" },
);
