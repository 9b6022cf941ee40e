import { expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { MESSAGES, describeApi, eventually, itemsOf, traceOf } from "./started.ts";

/** Milliseconds within which the upstream must have been closed (spec: 200). */
const ABORT_WITHIN_MS = 200;

describeApi("a caller who leaves", (api) => {
  function usageOf(slug: string) {
    return eventually(
      "usage record",
      () => api.gateway.api("GET", `/v1/accounting/usage?model=${encodeURIComponent(slug)}`),
      (reply) => itemsOf(reply).length > 0,
    );
  }

  test("in mid-stream has the upstream closed within 200 ms, and pays for what went down", async () => {
    const { slug } = await api.model("fake-ok?tokens=50&gate=mid&gate_after=6");
    const stream = await api.stream({ model: slug });
    let content = "";
    while (content.length < 24) content += await stream.nextContent();
    const leftAtMs = Date.now();
    stream.leave();
    const record = await api.fake.log.waitFor(
      "departure",
      (r) => r.plan.includes("gate=mid") && r.closedByPeerAtMs !== undefined,
    );
    expect((record.closedByPeerAtMs ?? Infinity) - leftAtMs).toBeLessThanOrEqual(ABORT_WITHIN_MS);
    expect(record.tokensSent).toBe(6);
    const [item] = itemsOf(await usageOf(slug));
    expect(item).toMatchObject({
      status: "client_gone",
      request_id: stream.requestId,
      tokens_out: 6,
      estimated: true,
    });
    const trace = await traceOf(api.gateway, stream.requestId);
    expect(pick(trace.body, "data.outcome")).toBe("client_gone");
    expect(pick(trace.body, "data.usage.status")).toBe("client_gone");
  });

  const EARLY: readonly (readonly [string, string, boolean])[] = [
    ["before the first token of a stream", "fake-ok?gate=early-stream", true],
    ["before a whole answer", "fake-ok?gate=early-whole", false],
  ];
  test.each(EARLY)("%s has the upstream closed within 200 ms", async (_name, plan, stream) => {
    const { slug } = await api.model(plan);
    const leaving = new AbortController();
    const call = fetch(`${api.gateway.url}/v1/inference/chat`, {
      method: "POST",
      headers: { authorization: `Bearer ${api.gateway.firstKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model: slug, messages: MESSAGES, stream }),
      signal: leaving.signal,
    });
    await api.fake.log.waitFor("request", (r) => r.plan === plan);
    const leftAtMs = Date.now();
    leaving.abort();
    await expect(call).rejects.toThrow();
    const record = await api.fake.log.waitFor(
      "departure",
      (r) => r.plan === plan && r.closedByPeerAtMs !== undefined,
    );
    expect((record.closedByPeerAtMs ?? Infinity) - leftAtMs).toBeLessThanOrEqual(ABORT_WITHIN_MS);
    const [item] = itemsOf(await usageOf(slug));
    expect(item).toMatchObject({ status: "client_gone", tokens_out: 0 });
  });

  test("while a backend that has refused is given time owes nothing: nobody works on an answer", async () => {
    const plan = "fake-status?code=429&retry_after=2";
    const { slug, backendIds } = await api.model(plan, { retry: { attempts: 2, same_backend: 1 } });
    const leaving = new AbortController();
    const call = fetch(`${api.gateway.url}/v1/inference/chat`, {
      method: "POST",
      headers: { authorization: `Bearer ${api.gateway.firstKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model: slug, messages: MESSAGES }),
      signal: leaving.signal,
    });
    await api.fake.log.waitFor("request", (r) => r.plan === plan);
    await eventually(
      "end of the attempt",
      () => api.gateway.api("GET", "/metrics"),
      ({ text }) => !text.includes(`scaigrid_backend_inflight_requests{backend_id="${backendIds[0]}"}`),
    );
    leaving.abort();
    await expect(call).rejects.toThrow();
    const [item] = itemsOf(await usageOf(slug));
    expect(item).toMatchObject({ status: "client_gone", tokens_in: 0, tokens_out: 0, cost: "0" });
  });

  test("leaves the gateway with nothing in flight", async () => {
    const idle = await eventually(
      "idle backend",
      () => api.gateway.api("GET", "/metrics"),
      ({ text }) => !/^scaigrid_backend_inflight_requests\{[^}]*\} [1-9]/m.test(text),
    );
    expect(idle.text).toContain("scaigrid_streams_open 0");
  });
});
