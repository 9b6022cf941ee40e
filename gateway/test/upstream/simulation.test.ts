import { describe, expect, test } from "bun:test";
import { parseSimulation, SIMULATED_ERRORS } from "../../src/upstream/sandbox/simulation.ts";
import { contentOf, eventsOf, sandboxOf, simulated, streamedText, textOf } from "./sandbox-support.ts";
import { faultOf, TestClock } from "./support.ts";

describe("errors on request", () => {
  test("a rate limit is a 429 with the Retry-After that was asked for", async () => {
    const { sandbox } = sandboxOf();
    const reply = await sandbox.send(simulated({ error: "BACKEND_RATE_LIMITED", retry_after: 2 }));
    expect([reply.status, reply.headers["retry-after"], reply.simulated]).toEqual([429, "2", true]);
    expect(JSON.parse(await textOf(reply))).toHaveProperty("error.message");
  });

  test.each([
    ["BACKEND_ERROR", 500, null],
    ["CONTENT_FILTERED", 400, "content_filter"],
    ["CONTEXT_LENGTH_EXCEEDED", 400, "context_length_exceeded"],
  ])("%s is the answer a provider gives", async (error, status, code) => {
    for (const stream of [false, true]) {
      const reply = await sandboxOf().sandbox.send(simulated({ error }, { stream }));
      expect([reply.status, reply.simulated]).toEqual([status, true]);
      expect(JSON.parse(await textOf(reply))).toMatchObject({ error: { code } });
    }
  });

  test("a shape mismatch is a 200 that no one can read", async () => {
    const reply = await sandboxOf().sandbox.send(simulated({ error: "UPSTREAM_SHAPE_MISMATCH" }));
    expect([reply.status, reply.simulated]).toEqual([200, true]);
    const body = await textOf(reply);
    expect(() => JSON.parse(body)).toThrow();
  });

  test.each([
    ["BACKEND_TIMEOUT", "timeout"],
    ["MODEL_UNAVAILABLE", "unavailable"],
  ])("%s is a fault at once, marked as simulated", async (error, expected) => {
    const { sandbox, gate } = sandboxOf();
    expect(await faultOf(sandbox.send(simulated({ error, retry_after: 4 })))).toMatchObject({
      class: expected,
      simulated: true,
    });
    expect(gate.all().size).toBe(0);
  });

  test("every error can be asked for", () => {
    for (const error of SIMULATED_ERRORS)
      expect(parseSimulation(JSON.stringify({ error })).problem).toBeUndefined();
  });

  test("an error can take its time", async () => {
    const from = performance.now();
    const reply = await sandboxOf().sandbox.send(simulated({ error: "BACKEND_ERROR", first_token_ms: 40 }));
    reply.close();
    expect(reply.status).toBe(500);
    expect(performance.now() - from).toBeGreaterThanOrEqual(38);
  });
});

describe("cut answers", () => {
  test("a cut stream ends after its tokens, without finish reason and without [DONE]", async () => {
    const reply = await sandboxOf().sandbox.send(simulated({ cut_after_tokens: 5 }, { stream: true }));
    const { chunks, done } = await eventsOf(reply);
    const story = await contentOf("Tell me a long story.");
    expect(streamedText(chunks)).toBe(story.slice(0, 20));
    expect(chunks.every(({ choices }) => choices[0]?.finish_reason === null)).toBe(true);
    expect(done).toBe(false);
    expect(reply.simulated).toBe(true);
  });

  test("a cut whole answer breaks in the middle of its body", async () => {
    const reply = await sandboxOf().sandbox.send(simulated({ cut_after_tokens: 5 }));
    const fault = await faultOf(textOf(reply));
    expect(fault).toMatchObject({ class: "network", simulated: true });
  });

  test("a cut with an error is that error in the middle of the stream", async () => {
    const { sandbox } = sandboxOf();
    const instruction = { error: "BACKEND_ERROR", cut_after_tokens: 5 };
    const { chunks, done } = await eventsOf(await sandbox.send(simulated(instruction, { stream: true })));
    expect(chunks.at(-1)?.error?.message).toBeString();
    expect(chunks.length).toBeGreaterThan(2);
    expect(done).toBe(false);
    const late = await sandbox.send(
      simulated({ error: "BACKEND_TIMEOUT", cut_after_tokens: 5 }, { stream: true }),
    );
    expect(await faultOf(textOf(late))).toMatchObject({ class: "timeout", simulated: true });
  });
});

describe("delays", () => {
  test("a first token slower than the deadline is a simulated timeout", async () => {
    for (const stream of [true, false]) {
      const { sandbox, gate } = sandboxOf();
      const reply = await sandbox.send(simulated({ first_token_ms: 60_000 }, { stream, firstContentMs: 30 }));
      const fault = await faultOf(textOf(reply));
      expect(fault).toMatchObject({ class: "timeout", reason: "no content within 30 ms", simulated: true });
      expect(gate.all().size).toBe(0);
    }
  });

  test("words slower than the idle deadline are a simulated timeout", async () => {
    const { sandbox } = sandboxOf();
    const call = simulated({ first_token_ms: 0, token_ms: 60_000 }, { stream: true, timeouts: { idle: 30 } });
    const reply = await sandbox.send(call);
    await reply.read();
    await reply.read();
    reply.contentSeen();
    expect(await faultOf(reply.read())).toMatchObject({ class: "timeout", simulated: true });
  });

  test("a caller who leaves ends the wait", async () => {
    const controller = new AbortController();
    const { sandbox, gate } = sandboxOf();
    const call = simulated({ error: "BACKEND_ERROR", first_token_ms: 60_000 }, { controller });
    const pending = sandbox.send(call).catch((error: unknown) => error);
    const left = new Error("left");
    controller.abort(left);
    expect(await pending).toBe(left);
    expect(gate.all().size).toBe(0);
  });
});

describe("times", () => {
  const failing = { error: "BACKEND_RATE_LIMITED", times: 2 };

  async function statuses(
    count: number,
    send: () => Promise<{ status: number; close(): void }>,
  ): Promise<number[]> {
    const seen: number[] = [];
    for (let i = 0; i < count; i++) {
      const reply = await send();
      reply.close();
      seen.push(reply.status);
    }
    return seen;
  }

  test("only the first calls of one user with one instruction fail", async () => {
    const { sandbox } = sandboxOf();
    expect(await statuses(4, () => sandbox.send(simulated(failing)))).toEqual([429, 429, 200, 200]);
    const other = { simulate: { instruction: JSON.stringify(failing), userId: "user_2" } };
    expect(await statuses(3, () => sandbox.send(simulated(failing, other)))).toEqual([429, 429, 200]);
    const another = { ...failing, retry_after: 3 };
    expect(await statuses(3, () => sandbox.send(simulated(another)))).toEqual([429, 429, 200]);
  });

  test("the count is forgotten 60 s after the first call", async () => {
    const clock = new TestClock();
    const { sandbox } = sandboxOf({ clock });
    expect(await statuses(3, () => sandbox.send(simulated(failing)))).toEqual([429, 429, 200]);
    clock.advance(59_000);
    expect(await statuses(1, () => sandbox.send(simulated(failing)))).toEqual([200]);
    clock.advance(2_000);
    expect(await statuses(1, () => sandbox.send(simulated(failing)))).toEqual([429]);
  });

  test("an answer that is no longer faked is not marked as such", async () => {
    const { sandbox } = sandboxOf();
    const once = { error: "BACKEND_ERROR", times: 1 };
    (await sandbox.send(simulated(once))).close();
    const reply = await sandbox.send(simulated(once));
    reply.close();
    expect(reply.simulated).toBe(false);
  });
});

describe("instructions that cannot be understood", () => {
  test.each([
    ["BACKEND_TIMEOUT", "JSON"],
    ["[]", "JSON object"],
    ["null", "JSON object"],
    ['{"eror":"BACKEND_TIMEOUT"}', '"eror"'],
    ['{"error":"BUDGET_EXCEEDED"}', "error must be one of"],
    ['{"retry_after":0}', "retry_after"],
    ['{"times":1.5}', "times"],
    ['{"cut_after_tokens":"5"}', "cut_after_tokens"],
    ['{"first_token_ms":600001}', "first_token_ms"],
    [`{"error":"${"x".repeat(1_000)}"}`, "characters"],
  ])("%s is the caller's mistake, and the field is named", async (instruction, words) => {
    const { sandbox, gate } = sandboxOf();
    const fault = await faultOf(sandbox.send(simulated(instruction)));
    expect(fault).toMatchObject({ class: "bad_request", field: "metadata.simulate" });
    expect(fault.publicReason).toContain(words);
    expect(gate.all().size).toBe(0);
  });
});
