import { expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, requestIdOf, traceOf } from "./started.ts";
import { withShell } from "./store-shell.ts";

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

describeApi("the trace of a request", (api) => {
  test("tells its stages, its candidates, its attempts and its price", async () => {
    const { slug, backendIds } = await api.model("fake-ok?tokens=4");
    const reply = await api.chat({ model: slug }, { headers: { "user-agent": "test-client/1" } });
    const trace = pick((await traceOf(api.gateway, requestIdOf(reply))).body, "data");
    expect(trace).toMatchObject({
      request_id: requestIdOf(reply),
      path: "/v1/inference/chat",
      model: slug,
      backend_id: backendIds[0],
      stream: false,
      http_status: 200,
      outcome: "completed",
      user_agent: "test-client/1",
      candidates: [{ backend_id: backendIds[0], taken: true }],
      attempts: [{ backend_id: backendIds[0], outcome: "ok", status: 200 }],
      usage: { tokens_out: 4, status: "completed" },
      price: { prices: { input_per_mtok: "2.5", output_per_mtok: "10" } },
    });
    const timeline = pick(trace, "timeline");
    const steps = Array.isArray(timeline) ? timeline.map((step) => pickText(step, "step")) : [];
    const stages = [
      "admitted",
      "authenticated",
      "limited",
      "parsed",
      "authorised",
      "planned",
      "prepared",
      "held",
    ];
    expect(steps.filter((step) => stages.includes(step))).toEqual(stages);
    expect(steps.at(-1)).toBe("settled");
  });

  test("is found by the caller's X-Request-Id, which never takes the place of ours", async () => {
    const headers = { "x-request-id": "caller-42" };
    const first = requestIdOf(await api.chat({}, { headers }));
    const second = requestIdOf(await api.chat({}, { headers }));
    const trace = await traceOf(api.gateway, "caller-42", (found) => pick(found, "request_id") === second);
    expect(pick(trace.body, "data.client_request_id")).toBe("caller-42");
    expect(pick(trace.body, "data.also")).toEqual([first]);
  });

  test("is found by the trace id of traceparent, which is passed on with a span of our own", async () => {
    const { slug } = await api.model("fake-ok?tokens=1");
    const reply = await api.chat({ model: slug }, { headers: { traceparent: TRACEPARENT } });
    const sent = api.fake.log.records.at(-1)?.headers["traceparent"];
    expect(sent).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-01$`));
    expect(sent).not.toBe(TRACEPARENT);
    const trace = await traceOf(api.gateway, TRACE_ID);
    expect(pick(trace.body, "data.request_id")).toBe(requestIdOf(reply));
  });

  test("is found by the upstream's id", async () => {
    const { slug } = await api.model("fake-ok?tokens=1");
    const reply = await api.chat({ model: slug });
    const upstreamId = api.fake.log.records.at(-1)?.fakeId ?? "";
    const trace = await traceOf(api.gateway, upstreamId);
    expect(pick(trace.body, "data.request_id")).toBe(requestIdOf(reply));
    expect(pick(trace.body, "data.upstream_id")).toBe(upstreamId);
  });

  test("ignores a traceparent that is none", async () => {
    for (const traceparent of ["00-0-0-01", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`, "nonsense"]) {
      const reply = await api.chat({}, { headers: { traceparent } });
      const trace = await traceOf(api.gateway, requestIdOf(reply));
      expect(pick(trace.body, "data.trace_id")).toBeUndefined();
    }
  });

  test("of a refusal is there, with its code and without a usage record", async () => {
    const reply = await api.chat({ model: "no/such" });
    const trace = await traceOf(api.gateway, requestIdOf(reply));
    expect(pick(trace.body, "data")).toMatchObject({
      outcome: "refused",
      http_status: 404,
      error_code: "MODEL_NOT_FOUND",
      attempts: [],
    });
    expect(pick(trace.body, "data.usage")).toBeUndefined();
  });

  test("of a stream that breaks off under way has the status it was sent with, and how it ended", async () => {
    // What is still in the socket when the connection breaks may be lost: it waits until the content is here.
    const { slug } = await api.model("fake-close?tokens=40&after=2&strike_gate=broken-off");
    const stream = await api.stream({ model: slug });
    expect(stream.status).toBe(200);
    await stream.nextContent();
    api.fake.gates.open("broken-off");
    const trace = await traceOf(api.gateway, stream.requestId);
    expect(pick(trace.body, "data")).toMatchObject({
      outcome: "failed",
      http_status: 200,
      error_code: "BACKEND_ERROR",
    });
  });

  test("tells operators what the upstream said, and callers not", async () => {
    const { slug } = await api.model("fake-status?code=401");
    const reply = await api.chat({ model: slug });
    const id = requestIdOf(reply);
    const operator = await traceOf(api.gateway, id);
    expect(pickText(operator.body, "data.attempts.0.reason")).toContain("401");
    expect(pick(operator.body, "data.error_reason")).toBeString();
    const caller = await api.gateway.api("GET", `/v1/requests/${id}`, { key: api.gateway.firstKey });
    expect(caller.status).toBe(200);
    expect(pick(caller.body, "data.attempts.0.outcome")).toBe("auth");
    expect(pick(caller.body, "data.attempts.0.reason")).toBeUndefined();
    expect(pick(caller.body, "data.error_reason")).toBeUndefined();
  });

  test("of a stream tells when the first content came", async () => {
    const stream = await api.stream();
    await stream.end();
    const trace = await traceOf(api.gateway, stream.requestId);
    expect(pick(trace.body, "data.stream")).toBe(true);
    expect(JSON.stringify(pick(trace.body, "data.timeline"))).toContain("first_content");
    expect(pick(trace.body, "data.usage.ttft_ms")).toBeNumber();
  });

  test("that does not exist is not found", async () => {
    for (const id of ["req_00000000000000000000000000", "no-such-id", "%27%20or%201%3D1--"]) {
      expect(codeOf(await api.gateway.api("GET", `/v1/requests/${id}`))).toBe("NOT_FOUND");
    }
  });

  test("that went down with its process leaves what the request was charged", async () => {
    const { slug, backendIds } = await api.model("fake-ok?tokens=4");
    const id = requestIdOf(await api.chat({ model: slug }));
    await traceOf(api.gateway, id, (trace) => pick(trace, "usage.status") === "completed");
    await withShell(api.gateway, async (store) => {
      expect(await store.run("delete from requests where request_id = ?", [id])).toBe(1);
    });
    const told = () => api.gateway.api("GET", `/v1/requests/${id}`);
    // Another node may still be about to write it.
    expect(codeOf(await told())).toBe("NOT_FOUND");
    await withShell(api.gateway, (store) =>
      store.run("update usage set settled_at = settled_at - 60000 where request_id = ?", [id]),
    );
    const { body } = await told();
    expect(pick(body, "data")).toMatchObject({
      request_id: id,
      trace_lost: true,
      model: slug,
      backend_id: backendIds[0],
      outcome: "completed",
      timeline: [],
      usage: { tokens_out: 4, status: "completed" },
    });
    expect(pick(body, "data.http_status")).toBeUndefined();
  });

  test("tells nobody what the levels above them pay, in whatever field", async () => {
    // Figures that no other amount is like: 100 input tokens at most cost the platform 777 billionths each.
    const costs = { input_per_mtok: "777.777777", output_per_mtok: "777.777777" };
    const { slug } = await api.model("fake-ok?tokens=4", { costs });
    const reply = await api.chat({ model: slug });
    const id = requestIdOf(reply);
    const settled = (trace: unknown) => pick(trace, "usage.status") === "completed";
    const platform = await traceOf(api.gateway, id, settled);
    const cost = pickText(platform.body, "data.usage.backend_cost");
    expect(cost).not.toBe(pickText(platform.body, "data.usage.cost"));
    const told = await api.gateway.api("GET", `/v1/requests/${id}`, { key: api.gateway.firstKey });
    expect(pick(told.body, "data.usage.cost")).toBe(pick(platform.body, "data.usage.cost"));
    expect(told.text).not.toContain(cost);
    expect(told.text).not.toContain("777.777");
    const usage = await api.gateway.api("GET", "/v1/accounting/usage", { key: api.gateway.firstKey });
    expect(usage.text).toContain(id);
    expect(usage.text).not.toContain(cost);
  });
});
