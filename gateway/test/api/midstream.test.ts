import { expect, test } from "bun:test";
import { formatAmount } from "../../src/base/money.ts";
import { textOf, tokensOf } from "../fakes/answers.ts";
import type { TruthRecord } from "../fakes/truth-log.ts";
import type { FakeBackend } from "../harness/fake-backend.ts";
import { isObject, pick, pickText } from "../harness/json.ts";
import { describeApi, traceOf } from "./started.ts";

const WHOLE = textOf(12, false);
/** Two thirds of it, then it ends. */
const CUT = "fake-close-framed-cut?tokens=12&after=8";
const GOES_ON = "fake-ok?tokens=12&prefill=continue";
const PREFILLS = { capabilities: ["chat", "prefill"] };
/** Pico per token: the harness's prices. */
const [IN, OUT] = [2_500_000n, 10_000_000n];

describeApi("a stream that breaks off after two thirds", (api) => {
  async function two(second: string, midstream: string, backend: object = PREFILLS): Promise<FakeBackend> {
    // Never the same backend again: what breaks here breaks each time.
    const retry = { attempts: 3, same_backend: 0 };
    return api.model("fake-ok", {
      plans: [CUT, second],
      policy: { midstream },
      backend: { ...backend },
      retry,
    });
  }
  async function settled(requestId: string): Promise<unknown> {
    const { body } = await traceOf(api.gateway, requestId, (trace) => isObject(pick(trace, "usage")));
    return pick(body, "data");
  }
  const outcomes = (trace: unknown): readonly unknown[] => {
    const attempts = pick(trace, "attempts");
    return Array.isArray(attempts) ? attempts.map((attempt) => pick(attempt, "outcome")) : [];
  };
  const lastOf = (plan: string): TruthRecord | undefined =>
    api.fake.log.records.findLast((record) => record.plan === plan);

  test("ends with the error event by default, however many backends there are", async () => {
    const { slug } = await two(GOES_ON, "error");
    const stream = await api.stream({ model: slug });
    const end = await stream.end();
    expect(end).toMatchObject({ content: textOf(8, false), finishReason: undefined, doneCount: 1 });
    expect(pick(end.error, "code")).toBe("BACKEND_ERROR");
    expect(outcomes(await settled(stream.requestId))).toEqual(["server_error"]);
  });

  const DOORS = ["/v1/inference/chat", "/oai/v1/chat/completions"] as const;
  test.each(DOORS)("goes on at a backend that can: the whole text exactly once, at %s", async (path) => {
    const { slug, backendIds } = await two(GOES_ON, "continue");
    const options = { stream_options: { include_usage: true }, max_tokens: 40 };
    const stream = await api.stream({ model: slug, ...options }, { path });
    const end = await stream.end();
    expect(end).toMatchObject({
      content: WHOLE,
      finishReason: "stop",
      doneCount: 1,
      rest: "",
      broken: false,
    });
    expect(end.error).toBeUndefined();
    const roles = end.events.filter(({ json }) => pick(json, "choices.0.delta.role") !== undefined);
    expect(roles).toHaveLength(1);
    expect(new Set(end.events.flatMap(({ json }) => pick(json, "id") ?? [])).size).toBe(1);
    const trace = await settled(stream.requestId);
    expect(outcomes(trace)).toEqual(["server_error", "ok"]);
    expect(pick(trace, "backend_id")).toBe(backendIds[1]);
    // The second is given what the caller has, and what is left of the limit.
    const asked = lastOf(GOES_ON)?.body;
    expect(pick(asked, "messages.1")).toEqual({ role: "assistant", content: textOf(8, false) });
    expect(pick(asked, "max_tokens")).toBe(32);
    // The input once, the output that was delivered, whichever backend gave it.
    const usage = pick(trace, "usage");
    const [tokensIn, tokensOut] = [Number(pick(usage, "tokens_in")), Number(pick(usage, "tokens_out"))];
    expect([tokensOut, pick(usage, "estimated"), pick(usage, "status")]).toEqual([12, true, "completed"]);
    expect(pick(usage, "cost")).toBe(formatAmount(BigInt(tokensIn) * IN + BigInt(tokensOut) * OUT));
    expect(pick(end.usage, "completion_tokens")).toBe(12);
  });

  test("goes on once more when the second breaks off as well", async () => {
    const plans = [CUT, "fake-close-framed-cut?tokens=12&after=2&prefill=continue", GOES_ON];
    const policy = { midstream: "continue" };
    const retry = { attempts: 3, same_backend: 0 };
    const { slug } = await api.model("fake-ok", { plans, policy, backend: PREFILLS, retry });
    const stream = await api.stream({ model: slug });
    expect(await stream.end()).toMatchObject({ content: WHOLE, finishReason: "stop", error: undefined });
    expect(outcomes(await settled(stream.requestId))).toEqual(["server_error", "server_error", "ok"]);
  });

  test("names the first failure where the second backend refuses to go on", async () => {
    const { slug } = await two("fake-ok?tokens=12&prefill=refuse", "continue");
    const stream = await api.stream({ model: slug });
    const end = await stream.end();
    expect(end).toMatchObject({ content: textOf(8, false), finishReason: undefined, doneCount: 1 });
    expect(pick(end.error, "code")).toBe("BACKEND_ERROR");
    const trace = await settled(stream.requestId);
    expect(outcomes(trace)).toEqual(["server_error", "bad_request"]);
    expect(pickText(trace, "error_reason")).toContain("without a finish reason");
    const usage = pick(trace, "usage");
    expect([pick(usage, "status"), pick(usage, "tokens_out")]).toEqual(["failed", 8]);
  });

  test("is paid at the price of what was said where a fallback refuses to go on", async () => {
    const dear = { input_per_mtok: "250", output_per_mtok: "1000" };
    const refusing = "fake-ok?tokens=12&prefill=refuse";
    const fallback = await api.model(refusing, { prices: dear, backend: PREFILLS });
    const policy = { midstream: "continue", fallback_models: [fallback.slug], fallback_price: "served" };
    const { slug, backendIds } = await api.model(CUT, { policy, backend: PREFILLS });
    const stream = await api.stream({ model: slug });
    await stream.end();
    const trace = await settled(stream.requestId);
    expect(outcomes(trace)).toEqual(["server_error", "bad_request"]);
    const usage = pick(trace, "usage");
    const tokensIn = BigInt(Number(pick(usage, "tokens_in")));
    expect(pick(usage, "cost")).toBe(formatAmount(tokensIn * IN + 8n * OUT));
    expect([pick(usage, "backend_id"), pick(trace, "backend_id")]).toEqual([backendIds[0], backendIds[0]]);
  });

  test("asks no backend to go on that has not said it can", async () => {
    const { slug } = await two(GOES_ON, "continue", { capabilities: ["chat"] });
    const before = api.fake.log.records.filter(({ plan }) => plan === GOES_ON).length;
    const end = await (await api.stream({ model: slug })).end();
    expect(pick(end.error, "code")).toBe("BACKEND_ERROR");
    expect(api.fake.log.records.filter(({ plan }) => plan === GOES_ON)).toHaveLength(before);
  });

  test("is not gone on with where several answers were asked for, or a tool was called", async () => {
    const { slug } = await two(GOES_ON, "continue");
    const several = await (await api.stream({ model: slug, n: 2 })).end();
    expect(pick(several.error, "code")).toBe("BACKEND_ERROR");
    const plans = ["fake-no-finish?tools=1", GOES_ON];
    const tools = await api.model("fake-ok", { plans, policy: { midstream: "continue" }, backend: PREFILLS });
    expect(pick((await (await api.stream({ model: tools.slug })).end()).error, "code")).toBe("BACKEND_ERROR");
  });

  test.each([GOES_ON, "fake-ok?tokens=12&prefill=refuse"])(
    "comes whole from the next backend where answers are buffered (%s)",
    async (second) => {
      const { slug } = await two(second, "buffer");
      const stream = await api.stream({ model: slug, stream_options: { include_usage: true } });
      const end = await stream.end();
      expect(end).toMatchObject({ content: WHOLE, finishReason: "stop", doneCount: 1, error: undefined });
      const trace = await settled(stream.requestId);
      expect(outcomes(trace)).toEqual(["server_error", "ok"]);
      const reported = lastOf(second)?.usageReported;
      expect(pick(trace, "usage.estimated")).toBe(false);
      expect(pick(trace, "usage.tokens_out")).toBe(Number(pick(reported, "completion_tokens")));
      expect(lastOf(second)?.body).not.toMatchObject({ messages: [{}, { role: "assistant" }] });
      // What the first was paid for eight tokens is ours.
      const usage = pick(trace, "usage");
      const [tokensIn, tokensOut] = [Number(pick(usage, "tokens_in")), Number(pick(usage, "tokens_out"))];
      expect(pick(usage, "cost")).toBe(formatAmount(BigInt(tokensIn) * IN + BigInt(tokensOut) * OUT));
      const upstream = Number(pick(usage, "backend_cost"));
      expect(upstream).toBeGreaterThan((tokensIn * 1.25 + tokensOut * 5 + 8 * 5) / 1e6);
    },
  );
});

describeApi(
  "a buffered stream",
  (api) => {
    test("sends nothing but keep-alives until the answer is whole", async () => {
      const plans = ["fake-ok?tokens=6&gate=rest&gate_after=4"];
      const { slug } = await api.model("fake-ok", { plans, policy: { midstream: "buffer" } });
      const stream = await api.stream({ model: slug });
      await api.fake.log.waitFor("four tokens", (record) => record.tokensSent === 4);
      for (let i = 0; i < 2; i++) expect(await stream.nextComment()).toBeString();
      expect(stream.eventsSeen).toBe(0);
      api.fake.gates.open("rest");
      const end = await stream.end();
      expect(end).toMatchObject({ content: textOf(6, false), finishReason: "stop", doneCount: 1 });
      expect(tokensOf(end.content)).toBe(6);
    });
  },
  { SCAIGRID_HOLD_HEADERS_SECONDS: "0", SCAIGRID_KEEP_ALIVE_SECONDS: "1" },
);
