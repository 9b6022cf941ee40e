import { expect, test } from "bun:test";
import type { ChatStream } from "../harness/chat-stream.ts";
import { pick, pickText } from "../harness/json.ts";
import { SANDBOX, describeApi, traceOf } from "./started.ts";

const RIGHT_END = { doneCount: 1, rest: "", broken: false };

describeApi("a streamed chat answer", (api) => {
  /** The code of a stream that failed before its first content: an HTTP error like any other. */
  async function refusalOf(stream: ChatStream): Promise<unknown> {
    const body = await new Response(stream.text).json();
    return pick(body, "error.code");
  }

  test("has the headers that keep proxies from holding it back, and its request id", async () => {
    const stream = await api.stream();
    expect(stream.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(stream.headers.get("cache-control")).toBe("no-cache, no-transform");
    expect(stream.headers.get("x-accel-buffering")).toBe("no");
    expect(stream.headers.get("content-encoding")).toBeNull();
    const { events } = await stream.end();
    expect(pick(events.at(-2)?.json, "_meta.request_id")).toBe(stream.requestId);
  });

  test("has choices[0].delta in each data event, and ends with usage, _meta and one [DONE]", async () => {
    const end = await (await api.stream()).end();
    expect(end).toMatchObject({ ...RIGHT_END, error: undefined, finishReason: "stop" });
    expect(end.events.at(-1)?.data).toBe("[DONE]");
    const chunks = end.events.slice(0, -1);
    for (const { json } of chunks) {
      expect(pick(json, "choices.0.delta")).toBeObject();
      expect(pick(json, "model")).toBe(SANDBOX);
      expect(pick(json, "id")).toBe(pick(chunks[0]?.json, "id"));
    }
    expect(pick(chunks[0]?.json, "choices.0.delta.role")).toBe("assistant");
    expect(pick(chunks.at(-1)?.json, "choices.0.delta")).toEqual({});
    expect(pick(chunks.at(-1)?.json, "usage.total_tokens")).toBeNumber();
    expect(chunks.filter(({ json }) => pick(json, "usage") !== undefined)).toHaveLength(1);
  });

  test("says the same as the whole answer", async () => {
    const [end, whole] = await Promise.all([(await api.stream()).end(), api.chat()]);
    expect(end.content).toBe(pickText(whole.body, "data.choices.0.message.content"));
    expect(end.usage).toEqual(pick(whole.body, "data.usage"));
  });

  test("tells of tool calls in pieces, the id only in the first", async () => {
    const { slug } = await api.model("fake-ok?tools=2&pieces=5");
    const { events, finishReason } = await (await api.stream({ model: slug })).end();
    expect(finishReason).toBe("tool_calls");
    for (const index of [0, 1]) {
      const pieces = events
        .map(({ json }) => pick(json, "choices.0.delta.tool_calls.0"))
        .filter((piece) => piece !== undefined && pick(piece, "index") === index);
      expect(pieces.length).toBeGreaterThan(2);
      expect(pieces.map((piece) => pick(piece, "id") !== undefined)).toEqual(pieces.map((_, i) => i === 0));
      const text = pieces.map((piece) => pickText(piece, "function.arguments")).join("");
      expect(pick(JSON.parse(text), "day")).toBe(index);
    }
  });

  test("hands reasoning through beside the content", async () => {
    const { slug } = await api.model("fake-ok?tokens=3&reasoning=2");
    const end = await (await api.stream({ model: slug })).end();
    const reasoning = end.events.map(({ json }) => pick(json, "choices.0.delta.reasoning") ?? "").join("");
    expect(reasoning).toHaveLength(8);
    expect(end.content).toHaveLength(12);
    expect(pick(end.usage, "completion_tokens_details.reasoning_tokens")).toBe(2);
  });

  const EARLY: readonly (readonly [string, string, number, string])[] = [
    ["an error status", "fake-status?code=500", 502, "BACKEND_ERROR"],
    ["a rate limit", "fake-status?code=429&retry_after=9", 429, "BACKEND_RATE_LIMITED"],
    ["a reset before the headers", "fake-reset-before-headers", 502, "BACKEND_ERROR"],
    ["an error as the first event", "fake-error-event?after=0", 502, "BACKEND_ERROR"],
    ["an end without content", "fake-empty-stream", 502, "BACKEND_ERROR"],
    ["a web page", "fake-html", 502, "UPSTREAM_SHAPE_MISMATCH"],
  ];
  test.each(EARLY)("that fails early by %s is a plain HTTP error", async (_name, plan, status, code) => {
    const { slug } = await api.model(plan);
    const stream = await api.stream({ model: slug });
    expect(stream.status).toBe(status);
    expect(stream.headers.get("content-type")).toStartWith("application/json");
    expect(await refusalOf(stream)).toBe(code);
  });

  const CUT: readonly (readonly [string, string])[] = [
    ["a reset", "fake-reset?after=3"],
    ["a closed connection", "fake-close?after=3"],
    ["an error event", "fake-error-event?after=3"],
    ["an end without a finish reason", "fake-no-finish?tokens=3"],
    ["a [DONE] without a finish reason", "fake-done-without-finish?tokens=3"],
    ["half an event", "fake-truncated-event?tokens=3"],
  ];
  test.each(CUT)("cut by %s ends with an error event and [DONE], never with a stop", async (_name, plan) => {
    // What is still in the socket when a reset comes is lost: the fault waits until the content is here.
    const { slug } = await api.model(`${plan}&gate=${encodeURIComponent(plan)}&gate_after=3`);
    const stream = await api.stream({ model: slug });
    for (const word of ["aqua", "bolt", "crag"]) expect(await stream.nextContent()).toBe(word);
    api.fake.gates.open(plan);
    const end = await stream.end();
    expect(end).toMatchObject({ ...RIGHT_END, content: "aquaboltcrag", finishReason: undefined });
    expect(pick(end.error, "code")).toBe("BACKEND_ERROR");
    expect(pick(end.error, "choices")).toBeUndefined();
    expect(end.events.map(({ name }) => name).slice(-2)).toEqual(["error", "message"]);
  });

  const HARMLESS: readonly (readonly [string, string])[] = [
    ["no [DONE]", "fake-no-done?tokens=3"],
    ["two [DONE]", "fake-double-done?tokens=3"],
    ["data after [DONE]", "fake-data-after-done?tokens=3"],
    ["a last event without its blank line", "fake-no-blank-line?tokens=3"],
    ["comments, CRLF and a byte order mark", "fake-ok?tokens=3&comments=1&eol=crlf&bom=1"],
    ["one byte per packet", "fake-ok?tokens=3&packet=1"],
    ["a whole answer instead of a stream", "fake-wrong-type?tokens=3"],
  ];
  test.each(HARMLESS)("from an upstream with %s is whole all the same", async (_name, plan) => {
    const { slug } = await api.model(plan);
    const end = await (await api.stream({ model: slug })).end();
    expect(end).toMatchObject({
      ...RIGHT_END,
      content: "aquaboltcrag",
      finishReason: "stop",
      error: undefined,
    });
  });

  test("skips a malformed event that an answer survives, and the trace tells of it", async () => {
    const { slug } = await api.model("fake-malformed-event?tokens=4&after=2");
    const stream = await api.stream({ model: slug });
    expect(await stream.end()).toMatchObject({ ...RIGHT_END, content: "aquaboltcragdune", error: undefined });
    const trace = await traceOf(api.gateway, stream.requestId);
    const steps = JSON.stringify(pick(trace.body, "data.timeline"));
    expect(steps).toContain("event_skipped");
  });

  test("whose first content does not come within the backend's deadline is a timeout", async () => {
    const timeouts = { first_byte: 200 };
    const { slug } = await api.model("fake-silent-before-first-token", { timeouts });
    const stream = await api.stream({ model: slug });
    expect(stream.status).toBe(504);
    expect(await refusalOf(stream)).toBe("BACKEND_TIMEOUT");
    // Another attempt on the same backend would only be as silent.
    expect(api.fake.log.records.filter(({ plan }) => plan.includes("first-token"))).toHaveLength(1);
  });

  test("that falls silent in its middle ends with a timeout event", async () => {
    const { slug } = await api.model("fake-silent-mid-stream?after=2", { timeouts: { idle: 200 } });
    const end = await (await api.stream({ model: slug })).end();
    expect(end).toMatchObject({ ...RIGHT_END, content: "aquabolt", finishReason: undefined });
    expect(pick(end.error, "code")).toBe("BACKEND_TIMEOUT");
  });
});
