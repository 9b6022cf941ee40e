import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { callApi } from "../harness/api.ts";
import type { ApiReply } from "../harness/api.ts";
import { openChatStream } from "../harness/chat-stream.ts";
import { pick, pickText } from "../harness/json.ts";
import { KEY_PATTERN } from "../harness/keys.ts";
import { Program, buildExecutable } from "./program.ts";
import type { Up } from "./program.ts";

const MODEL = "scailabs/poolnoodle-omni";
const MESSAGES = [{ role: "user", content: "Write a haiku about distributed systems." }];
const BUILD_MS_MAX = 150_000;
const FIRST_ANSWER_MS_MAX = 5_000;

let shop: string;
let folder: string;
let program: Program;
let gateway: Up;
let key: string;
let firstAnswerMs: number;
let firstAnswer: ApiReply;

function chat(): Promise<ApiReply> {
  return callApi(gateway.url, "POST", "/v1/inference/chat", {
    key,
    body: { model: MODEL, messages: MESSAGES },
  });
}

/** How these tests call the executable. */
function typed(): string {
  return join(shop, "scaigrid");
}

/** The folders from this one up to the root. */
function* upwards(from: string): Generator<string> {
  for (let at = from; ; at = dirname(at)) {
    yield at;
    if (at === dirname(at)) return;
  }
}

beforeAll(async () => {
  shop = await mkdtemp(join(tmpdir(), "scaigrid-build-"));
  folder = await mkdtemp(join(tmpdir(), "scaigrid-alone-"));
  for (const at of upwards(folder)) expect(existsSync(join(at, "node_modules"))).toBe(false);
  await buildExecutable(typed());
  program = new Program(typed(), folder);
  // What may lie about in a folder by chance, and must not take part.
  await Bun.write(join(folder, ".env"), "SCAIGRID_CURRENCY=EUR\nSCAIGRID_NO_SUCH_SETTING=1\n");
  await Bun.write(
    join(folder, "bunfig.toml"),
    'preload = ["./preload.ts"]\n[test]\npreload = ["./preload.ts"]\n',
  );
  await Bun.write(join(folder, "preload.ts"), 'await Bun.write(import.meta.dir + "/preloaded", "yes");\n');
  await Bun.write(join(folder, "package.json"), '{"name":"stray","type":"commonjs"}');
  await Bun.write(join(folder, "tsconfig.json"), '{"compilerOptions":{"paths":{"*":["./nowhere/*"]}}}');
  const spawnedMs = performance.now();
  gateway = await program.up();
  key = await gateway.firstKey();
  firstAnswer = await chat();
  firstAnswerMs = performance.now() - spawnedMs;
}, BUILD_MS_MAX);

afterAll(async () => {
  await gateway.stop();
  await Promise.all([shop, folder].map((each) => rm(each, { recursive: true, force: true })));
});

describe("the executable alone in an empty folder", () => {
  test("answers its first chat call within seconds of its start", () => {
    expect(firstAnswer.status).toBe(200);
    expect(pickText(firstAnswer.body, "data.choices.0.message.content").split("\n")).toHaveLength(3);
    console.log(`from the start of the executable to its first chat answer: ${firstAnswerMs.toFixed(0)} ms`);
    expect(firstAnswerMs).toBeLessThan(FIRST_ANSWER_MS_MAX);
  });

  test("streams", async () => {
    const body = { model: MODEL, messages: MESSAGES, stream: true };
    const stream = await openChatStream(gateway.url, "/v1/inference/chat", { key, body });
    expect(await stream.end()).toMatchObject({ doneCount: 1, broken: false, finishReason: "stop" });
  });

  test("reports usage, which a thread of its own reads", async () => {
    const usage = await callApi(
      gateway.url,
      "GET",
      "/v1/accounting/usage/summary?start=2000-01-01T00:00:00Z",
      { key },
    );
    expect(pick(usage.body, "data.0.group_key")).toBe(MODEL);
    const before = Number(pick(usage.body, "data.0.request_count"));
    expect(before).toBeGreaterThan(0);
    await chat();
    const after = await callApi(
      gateway.url,
      "GET",
      "/v1/accounting/usage/summary?start=2000-01-01T00:00:00Z",
      { key },
    );
    expect(pick(after.body, "data.0.request_count")).toBe(before + 1);
  });

  test("has the threads that keep its records on the disk", () => {
    expect(gateway.output.logs.filter(({ event }) => event === "store_failed")).toEqual([]);
  });

  test("serves the console with all that its page asks for", async () => {
    const page = await callApi(gateway.url, "GET", "/admin", {});
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html;charset=utf-8"]);
    const assets = [...page.text.matchAll(/(?:src|href)="(\/admin\/assets\/[^"]+)"/g)].map(
      ([, path]) => path ?? "",
    );
    expect(assets.some((path) => path.endsWith(".js"))).toBe(true);
    expect(assets.some((path) => path.endsWith(".css"))).toBe(true);
    for (const path of assets) {
      const asset = await callApi(gateway.url, "GET", path, {});
      expect([path, asset.status]).toEqual([path, 200]);
      expect(asset.text.length).toBeGreaterThan(100);
    }
  });

  test.each(["/docs", "/docs/errors", "/docs/errors/RATE_LIMITED", "/health", "/health/ready"])(
    "serves %s",
    async (path) => {
      const reply = await callApi(gateway.url, "GET", path, {});
      expect(reply.status).toBe(200);
      expect(reply.text.length).toBeGreaterThan(10);
    },
  );

  test("describes its API", async () => {
    const reply = await callApi(gateway.url, "GET", "/openapi.json", {});
    expect(pick(reply.body, "openapi")).toStartWith("3.1");
    expect(pick(reply.body, "paths")).toHaveProperty(["/v1/inference/chat"]);
  });

  test("mints keys and tells its version and its commands", async () => {
    const minted = await program.run(["keys", "mint"]);
    expect(minted.code).toBe(0);
    expect(minted.out.trim().match(KEY_PATTERN)).toEqual([minted.out.trim()]);
    expect(await program.run(["--version"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    expect((await program.run(["--help"])).out).toContain("providers");
  });

  test("adds a provider, or says in words why not", async () => {
    const custom = ["providers", "add", "custom", "--model", "m", "--free"];
    const added = await program.run([...custom, "--url", "http://127.0.0.1:9/v1", "--slug", "house/m"]);
    expect(added).toMatchObject({ code: 0, out: expect.stringContaining("house/m") });
    const noAddress = await program.run(custom);
    expect([noAddress.code, noAddress.out]).toEqual([1, ""]);
    expect(noAddress.err).toContain("--url");
    const noGateway = await program.run(custom, { SCAIGRID_DATA_DIR: shop });
    expect([noGateway.code, noGateway.out]).toEqual([1, ""]);
    expect(noGateway.err).toContain(`\`${typed()} up\``);
    for (const { err } of [noAddress, noGateway]) expect(err).not.toMatch(/^\s+at |\$bunfs/m);
  });

  test("names itself as it was typed, not npm, to the person who has started it", () => {
    expect(gateway.output.text).toContain(`  ${typed()} providers add openai`);
    expect(gateway.output.text).not.toMatch(/\bnp[mx]\b/);
  });

  test("leaves alone what else lies in the folder, and adds its data and nothing more", async () => {
    const usage = await callApi(gateway.url, "GET", "/v1/accounting/usage/summary", { key });
    expect(pick(usage.body, "meta.currency")).toBe("USD");
    const stray = [".env", "bunfig.toml", "package.json", "preload.ts", "tsconfig.json"];
    expect((await readdir(folder)).sort()).toEqual([...stray, "data"].sort());
  });

  test("ends with 0 at SIGTERM, and the next start keeps keys and usage", async () => {
    const count = async () =>
      pick(
        (await callApi(gateway.url, "GET", "/v1/accounting/usage/summary", { key })).body,
        "data.0.request_count",
      );
    const before = await count();
    expect(await gateway.stop()).toBe(0);
    gateway = await program.up();
    expect(await count()).toBe(before);
    expect((await chat()).status).toBe(200);
    await gateway.output.until("welcome", () => /is ready at/.exec(gateway.output.text)?.[0], 5_000);
    expect(gateway.output.text).not.toMatch(KEY_PATTERN);
  });
});
