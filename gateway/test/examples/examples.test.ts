import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { isObject, pick, pickText } from "../harness/json.ts";
import { EventSplitter } from "../harness/chat-stream.ts";
import { describePart, describeWith } from "../parts.ts";

const EXAMPLES = resolve(import.meta.dir, "../../../examples");
const MODEL = "scailabs/poolnoodle-omni";
const RUN_MS_MAX = 60_000;
const REQUEST_ID = /req_[0-9A-HJKMNP-TV-Z]{26}/;
const CARBONARA = "Hey, what's a good recipe for carbonara?";

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly ms: number;
}

/** Runs one example in an empty folder; `args` are its own. */
type Runner = (args?: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Run>;

let gateway: Gateway;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "scaigrid-examples-"));
  gateway = await startGateway({ env: { SCAIGRID_SANDBOX_TOKEN_MS: "1" } });
});
afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true, force: true });
});

function runner(command: () => Promise<readonly string[]>): Runner {
  return async (args = [], env = {}) => {
    const startedMs = performance.now();
    const child = Bun.spawn([...(await command()), ...args], {
      cwd: folder,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: folder,
        SCAIGRID_BASE_URL: gateway.url,
        SCAIGRID_API_KEY: gateway.firstKey,
        ...env,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: RUN_MS_MAX,
      killSignal: "SIGKILL",
    });
    const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { code, out, err, ms: performance.now() - startedMs };
  };
}

/** What the model answers to the same words, asked for without any example. */
async function answerTo(prompt: string): Promise<string> {
  const body = { model: MODEL, messages: [{ role: "user", content: prompt }] };
  const reply = await gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body });
  return pickText(reply.body, "data.choices.0.message.content");
}

/** The outcome of the request whose id a program has printed. */
async function requestIn(text: string): Promise<unknown> {
  const id = REQUEST_ID.exec(text)?.[0];
  const reply = await gateway.api("GET", `/v1/requests/${id}`, { key: gateway.firstKey });
  expect(reply.status).toBe(200);
  return pick(reply.body, "data");
}

/** What every language does the same way. */
function talks(run: (name: string) => Runner): void {
  const [chat, stream] = [run("chat"), run("stream")];

  test("chat prints the answer, and its request id beside it", async () => {
    const prompt = 'Say "hello", twice.';
    const { code, out, err } = await chat([prompt]);
    expect([code, out.trim()]).toEqual([0, await answerTo(prompt)]);
    expect(err).toMatch(/^\d+ tokens, \d+ ms, req_\w{26}\n$/);
    expect(pick(await requestIn(err), "outcome")).toBe("completed");
  });

  test("stream prints the whole answer", async () => {
    const { code, out, err } = await stream();
    expect([code, out.trim()]).toEqual([0, (await answerTo("Tell me a long story.")).trim()]);
    expect(out.length).toBeGreaterThan(1_000);
    expect(Number(/^(\d+) tokens, req_\w{26}$/m.exec(err)?.[1])).toBeGreaterThan(250);
  });

  test.each(["chat", "stream", "title"])(
    "%s says what is wrong with its key or its gateway",
    async (name) => {
      const example = run(name);
      const withoutKey = await example([], { SCAIGRID_API_KEY: "" });
      expect([withoutKey.code, withoutKey.out]).toEqual([1, ""]);
      expect(withoutKey.err).toContain("SCAIGRID_API_KEY is not set");
      const wrongKey = await example([], { SCAIGRID_API_KEY: "sgk_wrong" });
      expect([wrongKey.code, wrongKey.out]).toEqual([1, ""]);
      expect(wrongKey.err).toContain("AUTH_TOKEN_INVALID");
      expect(wrongKey.err).toMatch(REQUEST_ID);
      const nobody = await example([], { SCAIGRID_BASE_URL: "http://127.0.0.1:1" });
      expect([nobody.code, nobody.out]).toEqual([1, ""]);
      expect(nobody.err).toContain("No answer from http://127.0.0.1:1");
      for (const { err } of [withoutKey, wrongKey, nobody]) expect(err).not.toMatch(/^\s+at |Traceback/m);
    },
  );
}

/** `tokenMs` tells the languages apart: the sandbox counts `times` for each instruction as it is written. */
function titles(title: Runner, tokenMs: number): void {
  test("the title generator prints a title for each message, and what they took", async () => {
    const { code, out, err } = await title([CARBONARA, "How do I repair a flat tyre?"]);
    const lines = out.trim().split("\n");
    expect([code, lines.length]).toEqual([0, 2]);
    expect(lines[0]).toMatch(/carbonara/i);
    expect(lines[1]).toMatch(/tyre/i);
    for (const line of lines) expect(line.split(" ").length).toBeLessThanOrEqual(6);
    const [first = 0, second = 0, total] = [...err.matchAll(/^(\d+) tokens/gm)].map(([, count]) =>
      Number(count),
    );
    expect(first).toBeGreaterThan(0);
    expect(total).toBe(first + second);
    expect(err).toMatch(/^today with scailabs\/poolnoodle-omni: \d+ requests, \d+ tokens, cost 0\.\d+$/m);
  });

  test("it rides out errors that pass, and waits as long as it is asked to", async () => {
    const simulate = { error: "BACKEND_RATE_LIMITED", retry_after: 1, times: 2, token_ms: tokenMs };
    const { code, out, err, ms } = await title([], { SIMULATE: JSON.stringify(simulate) });
    expect(code).toBe(0);
    expect(out).toMatch(/carbonara/i);
    expect(err.match(/^BACKEND_RATE_LIMITED: .* \(req_\w{26}\): again in 1\.0 s$/gm)).toHaveLength(2);
    expect(ms).toBeGreaterThan(2_000);
    expect(pick(await requestIn(err), "error_code")).toBe("BACKEND_RATE_LIMITED");
  });

  test("it gives up after three attempts, and at once where another would be in vain", async () => {
    const again = { error: "BACKEND_RATE_LIMITED", retry_after: 1 };
    const tired = await title([], { SIMULATE: JSON.stringify(again) });
    expect([tired.code, tired.out]).toEqual([1, ""]);
    expect(tired.err.match(/BACKEND_RATE_LIMITED/g)).toHaveLength(3);
    const vain = await title([], { SIMULATE: '{"error":"CONTENT_FILTERED"}' });
    expect([vain.code, vain.out]).toEqual([1, ""]);
    expect(vain.err.trim()).toMatch(/^CONTENT_FILTERED: .* \(req_\w{26}\)$/);
  });
}

const typescript = (name: string): string =>
  join(EXAMPLES, "typescript", name === "title" ? "title-generator.ts" : `${name}.ts`);

describe("the TypeScript examples on Bun", () => {
  const run = (name: string): Runner => runner(async () => [process.execPath, typescript(name)]);
  talks(run);
  titles(run("title"), 1);
});

describeWith(Bun.which("node"), "Node", "the TypeScript examples on Node, types apart", (node) => {
  // Older Nodes do not read TypeScript; what is left without the types must be theirs all the same.
  const run = (name: string): Runner =>
    runner(async () => {
      const source = await Bun.file(typescript(name)).text();
      const path = join(folder, `${basename(typescript(name), ".ts")}.mjs`);
      await Bun.write(path, new Bun.Transpiler({ loader: "ts" }).transformSync(source));
      return [node, path];
    });
  talks(run);
  titles(run("title"), 2);
});

describePart("python", "the Python examples", (python) => {
  const run = (name: string): Runner =>
    runner(async () => [
      python,
      join(EXAMPLES, "python", name === "title" ? "title_generator.py" : `${name}.py`),
    ]);
  talks(run);
  titles(run("title"), 3);
});

describeWith(Bun.which("curl"), "curl", "the curl examples", () => {
  const run = (name: string): Runner => runner(async () => ["sh", join(EXAMPLES, "curl", `${name}.sh`)]);
  const [chat, stream, usage] = [run("chat"), run("stream"), run("usage")];

  test("chat prints the reply, whatever stands in the question", async () => {
    const prompt = 'What is a "back\\slash"?';
    const { code, out, err } = await chat([prompt]);
    expect([code, err]).toEqual([0, ""]);
    expect(pick(JSON.parse(out), "data.choices.0.message.content")).toBe(await answerTo(prompt));
  });

  test("stream prints the events to their end", async () => {
    const { code, out, err } = await stream();
    expect([code, err]).toEqual([0, ""]);
    const events = new EventSplitter().push(out);
    const words = events.map(({ json }) => pick(json, "choices.0.delta.content") ?? "").join("");
    expect(words).toBe(await answerTo("Tell me a long story."));
    expect(events.at(-1)?.data).toBe("[DONE]");
  });

  test("usage counts what was asked", async () => {
    await answerTo("hello");
    const count = async (...args: string[]): Promise<number> => {
      const { code, out, err } = await usage(args);
      expect([code, err]).toEqual([0, ""]);
      const data = pick(JSON.parse(out), "data");
      const found = Array.isArray(data) ? data.find((sum) => isObject(sum)) : undefined;
      return Number(pick(found, "request_count"));
    };
    const before = await count();
    await answerTo("hello");
    expect(await count()).toBe(before + 1);
    expect(await count("month", "api_key")).toBe(before + 1);
  });

  test.each(["chat", "stream", "usage"])("%s ends with a failure where there is one", async (name) => {
    const wrongKey = await run(name)([], { SCAIGRID_API_KEY: "sgk_wrong" });
    expect(wrongKey.code).toBeGreaterThan(0);
    expect(pick(JSON.parse(wrongKey.out), "error.code")).toBe("AUTH_TOKEN_INVALID");
    const withoutKey = await run(name)([], { SCAIGRID_API_KEY: "" });
    expect(withoutKey.code).toBeGreaterThan(0);
    expect(withoutKey.err).toContain("SCAIGRID_API_KEY: is not set");
    const nobody = await run(name)([], { SCAIGRID_BASE_URL: "http://127.0.0.1:1" });
    expect(nobody.code).toBeGreaterThan(0);
    expect(nobody.err).toContain("127.0.0.1");
  });
});
