import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { pick } from "../harness/json.ts";
import { serveControl } from "./control.ts";
import { FaultUpstream } from "./fault-upstream.ts";
import { BEHAVIOURS } from "./faults.ts";

let fake: FaultUpstream;
beforeEach(() => void (fake = new FaultUpstream()));
afterEach(() => fake.stop());

function chatBody(model: string, more: object = {}): string {
  return JSON.stringify({ model, messages: [{ role: "user", content: "twelve bytes" }], ...more });
}

function ask(model: string, more: object = {}, signal = AbortSignal.timeout(5000)): Promise<Response> {
  return fetch(`${fake.url}/chat/completions`, { method: "POST", body: chatBody(model, more), signal });
}

/** The data of each event, and every content delta joined. */
async function readStream(response: Response): Promise<{ data: string[]; content: string }> {
  const data = (await response.text()).split("\n\n").filter((event) => event.startsWith("data: "));
  const values = data.map((event) => event.slice("data: ".length));
  const pieces = values.filter((value) => value !== "[DONE]").map((value): unknown => JSON.parse(value));
  return {
    data: values,
    content: pieces.map((piece) => pick(piece, "choices.0.delta.content") ?? "").join(""),
  };
}

type End = "reset" | "closed" | "whole";

/** Sends one request by hand and reads until the connection ends or the marker of a whole answer is there. */
async function rawEnd(model: string, stream: boolean): Promise<{ end: End; text: string }> {
  const { promise, resolve } = Promise.withResolvers<End>();
  const body = chatBody(model, { stream });
  const socket = connect({ port: fake.port, host: "127.0.0.1" });
  let text = "";
  socket.on("data", (bytes) => {
    text += bytes.toString("latin1");
    const length = /content-length: (\d+)/.exec(text)?.[1];
    const bodyStart = text.indexOf("\r\n\r\n") + 4;
    if (text.startsWith("HTTP/1.1 204")) resolve("whole");
    const whole = length ? text.length - bodyStart >= Number(length) : text.endsWith("0\r\n\r\n");
    if (bodyStart > 3 && whole) resolve("whole");
  });
  socket.on("error", () => resolve("reset"));
  socket.on("end", () => resolve("closed"));
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  const end = await promise;
  socket.destroy();
  return { end, text };
}

describe("right answers", () => {
  test("a whole answer has the tokens asked for, four bytes each, and says so truthfully", async () => {
    const response = await ask("fake-ok?tokens=50");
    const answer = await response.json();
    expect(pick(answer, "choices.0.message.content")).toHaveLength(200);
    expect(pick(answer, "usage")).toEqual({ prompt_tokens: 3, completion_tokens: 50, total_tokens: 53 });
    const [record] = fake.log.records;
    expect(record).toMatchObject({ tokensSent: 50, finished: true, usageReported: pick(answer, "usage") });
    expect(pick(answer, "id")).toBe(record?.fakeId);
    expect(response.headers.get("x-request-id")).toBe(record?.fakeId ?? "");
  });

  test("a stream has the tokens asked for, a finish reason and one end mark, and usage only when asked", async () => {
    const plain = await readStream(await ask("fake-ok?tokens=20", { stream: true }));
    expect(plain.content).toHaveLength(80);
    expect(plain.data.at(-1)).toBe("[DONE]");
    expect(plain.data.filter((value) => value.includes('"finish_reason":"stop"'))).toHaveLength(1);
    expect(plain.data.some((value) => value.includes('"usage"'))).toBeFalse();
    const options = { stream: true, stream_options: { include_usage: true } };
    const asked = await readStream(await ask("fake-ok?tokens=20", options));
    expect(asked.data.at(-2)).toContain('"completion_tokens":20');
  });

  test("max_tokens cuts the answer and makes the finish reason `length`", async () => {
    const answer = await (await ask("fake-ok?tokens=50", { max_tokens: 7 })).json();
    expect(pick(answer, "usage.completion_tokens")).toBe(7);
    expect(pick(answer, "choices.0.finish_reason")).toBe("length");
  });

  test("tool calls, reasoning and cached tokens appear as the plan says", async () => {
    const answer = await (await ask("fake-ok?tools=2&reasoning=5&cached=2")).json();
    expect(pick(answer, "choices.0.message.tool_calls")).toHaveLength(2);
    expect(pick(answer, "choices.0.finish_reason")).toBe("tool_calls");
    expect(pick(answer, "choices.0.message.reasoning_content")).toHaveLength(20);
    expect(pick(answer, "usage.prompt_tokens_details.cached_tokens")).toBe(2);
    const pieces = await readStream(await ask("fake-ok?tools=1&pieces=10", { stream: true }));
    expect(pieces.data.filter((value) => value.includes('"arguments"')).length).toBeGreaterThan(9);
  });

  test("every spelling of the stream carries the same text", async () => {
    for (const spelling of ["eol=crlf", "packet=1", "bom=1&comments=1", "multiline=1", "utf8=1"]) {
      const text = await (await ask(`fake-ok?tokens=4&${spelling}`, { stream: true })).text();
      expect(text).toContain("[DONE]");
      expect(fake.log.records.at(-1)).toMatchObject({ tokensSent: 4, finished: true });
    }
  });

  test("the body field `fake` and the header decide over the model name", async () => {
    expect((await ask("some-model", { fake: "fake-status?code=503" })).status).toBe(503);
    expect((await ask("some-model")).status).toBe(200);
  });
});

describe("faults", () => {
  const CUTS: readonly (readonly [string, boolean, End])[] = [
    ["fake-reset-before-headers", false, "reset"],
    ["fake-close-before-headers", false, "closed"],
    ["fake-reset-mid-headers", true, "reset"],
    ["fake-reset", false, "reset"],
    ["fake-reset?after=2", true, "reset"],
    ["fake-close", false, "closed"],
    ["fake-close?after=0", true, "closed"],
    ["fake-close-framed-cut", true, "closed"],
    ["fake-no-done", true, "whole"],
  ];
  test.each(CUTS)("%s (stream: %p) ends the connection as %s", async (model, stream, end) => {
    expect((await rawEnd(model, stream)).end).toBe(end);
  });

  const ENDLESS = new Set([
    "silent-before-headers",
    "silent-before-first-token",
    "silent-mid-stream",
    "slow-stream",
    "silent-behind-finish",
    "comments-behind-finish",
    "junk-behind-finish",
  ]);
  const NAMES = [...BEHAVIOURS.keys()].filter((name) => !ENDLESS.has(name));
  test.each(NAMES)("after `%s`, stream or not, the fake still answers", async (name) => {
    for (const stream of [false, true]) {
      await rawEnd(`fake-${name}?slow_ms=0&mb=1`, stream);
      expect((await ask("fake-ok")).status).toBe(200);
    }
  });

  test.each([...ENDLESS])("`%s` does not end until the client leaves, and notes when", async (name) => {
    const leave = new AbortController();
    const response = ask(`fake-${name}`, { stream: true }, leave.signal);
    const text = response.then((r) => r.text());
    await fake.log.waitFor("request", () => true);
    leave.abort();
    await expect(text).rejects.toThrow();
    const record = await fake.log.waitFor("departure", (r) => r.closedByPeerAtMs !== undefined);
    expect(record.finished).toBeFalse();
  });

  test("`times` and `every` spare the other requests", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await ask("fake-status?code=500&times=2&every=3")).status);
    expect(statuses).toEqual([500, 500, 200, 500, 500, 200]);
  });

  test("the truth log counts what was sent before a client left in the middle", async () => {
    const leave = new AbortController();
    const text = ask("fake-ok?tokens=10&gate=middle&gate_after=4", { stream: true }, leave.signal).then((r) =>
      r.text(),
    );
    await fake.log.waitFor("four tokens", (r) => r.tokensSent === 4);
    leave.abort();
    await expect(text).rejects.toThrow();
    const record = await fake.log.waitFor("departure", (r) => r.closedByPeerAtMs !== undefined);
    expect(record).toMatchObject({ tokensSent: 4, finished: false });
  });

  test("usage lies are told in the answer and kept in the log", async () => {
    for (const mode of [
      "missing",
      "zero",
      "negative",
      "huge",
      "fractional",
      "string",
      "cached-over",
      "lying",
    ]) {
      const answer = await (await ask(`fake-ok?usage=${mode}`)).json();
      expect(fake.log.records.at(-1)?.usageReported).toEqual(pick(answer, "usage"));
    }
  });
});

describe("the fake itself", () => {
  test("a mistyped plan is a 400 and a failure at stop", async () => {
    const mistyped = new FaultUpstream();
    for (const model of ["fake-okk", "fake-ok?token=5", "fake-ok?tokens=many"]) {
      const body = chatBody(model);
      expect((await fetch(`${mistyped.url}/chat/completions`, { method: "POST", body })).status).toBe(400);
    }
    expect(() => mistyped.stop()).toThrow("failed by itself");
  });

  test("requests split at every byte, chunked or pipelined are read alike", async () => {
    const body = chatBody("fake-ok");
    const sized = `POST /v1/chat/completions HTTP/1.1\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const cut = body.length >> 1;
    const parts = [body.slice(0, cut), body.slice(cut), ""].map(
      (p) => `${p.length.toString(16)}\r\n${p}\r\n`,
    );
    const chunked = `POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n${parts.join("")}`;
    const socket = connect({ port: fake.port, host: "127.0.0.1" });
    socket.setNoDelay(true);
    for (const byte of Buffer.from(sized + chunked)) socket.write(Uint8Array.of(byte));
    await fake.log.waitFor("last of two", (r) => r.finished && fake.log.records.length === 2);
    expect(fake.log.records.map((r) => pick(r.body, "model"))).toEqual(["fake-ok", "fake-ok"]);
    socket.destroy();
  });

  test("the control port shows the log and opens gates", async () => {
    const control = serveControl(fake);
    const answer = ask("fake-ok?gate=go");
    await fake.log.waitFor("request", () => true);
    await fetch(new URL("/gates/go", control.url), { method: "POST" });
    expect((await answer).status).toBe(200);
    const log = await (await fetch(new URL("/log", control.url))).json();
    expect(log).toBeArrayOfSize(1);
    const totals = await (await fetch(new URL("/totals", control.url))).json();
    expect(totals).toMatchObject({ requests: 1, finished: 1, tokensSent: 8 });
    await control.stop(true);
  });
});
