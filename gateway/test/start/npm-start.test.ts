import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { callApi } from "../harness/api.ts";
import { openChatStream } from "../harness/chat-stream.ts";
import { pick, pickText } from "../harness/json.ts";
import { KEY_PATTERN } from "../harness/keys.ts";
import { describeWith } from "../parts.ts";
import { RepositoryCopy } from "./repository-copy.ts";
import type { NpmStart } from "./repository-copy.ts";

const START_MS_MAX = 15_000;
const INSTALL_MS_MAX = 180_000;
const TEST_MS_MAX = 60_000;
const MODEL = "scailabs/poolnoodle-omni";

const npm = Bun.which("npm") !== null && Bun.which("curl") !== null && existsSync("/proc/self/cmdline");

describeWith(npm || undefined, "npm, curl and a /proc to look into", "npm start", () => {
  let running: NpmStart | undefined;
  afterEach(async () => {
    await running?.kill();
    running = undefined;
  });

  async function start(copy: RepositoryCopy, env: Readonly<Record<string, string>> = {}) {
    running = copy.npmStart(env);
    const { url, pid } = await running.listening(INSTALL_MS_MAX);
    return { npm: running, url, pid };
  }

  async function stop(started: NpmStart): Promise<number> {
    started.signal("SIGTERM");
    const code = await started.ended();
    running = undefined;
    return code;
  }

  const pasted = async (line: string): Promise<unknown> => {
    const child = Bun.spawn(["bash", "-c", line], {
      stdout: "pipe",
      stderr: "ignore",
      timeout: START_MS_MAX,
    });
    return JSON.parse(await child.stdout.text());
  };

  describe("in a fresh clone", () => {
    let copy: RepositoryCopy;
    beforeAll(() => void (copy = new RepositoryCopy(false)));
    afterAll(() => copy.remove());

    test(
      "installs what is missing, answers the curl line it prints, and leaves nothing running",
      async () => {
        const { npm, pid } = await start(copy);
        expect(existsSync(join(copy.root, "node_modules"))).toBe(true);
        const line = npm.output.text.split("\n").find((text) => text.trim().startsWith("curl "));
        const answer = await pasted(line ?? "");
        expect(pickText(answer, "data.choices.0.message.content").split("\n")).toHaveLength(3);
        expect(await stop(npm)).toBe(0);
        expect(() => process.kill(pid, 0)).toThrow();
        expect(copy.processes()).toEqual([]);
      },
      INSTALL_MS_MAX + TEST_MS_MAX,
    );
  });

  describe("in a clone that is installed", () => {
    let copy: RepositoryCopy;
    beforeAll(() => void (copy = new RepositoryCopy(true)));
    afterAll(() => copy.remove());

    const slowStream = (url: string, key: string, tokenMs: number, more: object = {}) =>
      openChatStream(url, "/v1/inference/chat", {
        key,
        body: {
          stream: true,
          model: MODEL,
          messages: [{ role: "user", content: "Tell me a long story." }],
          metadata: { simulate: JSON.stringify({ token_ms: tokenMs }) },
          ...more,
        },
      });

    async function usage(url: string, key: string): Promise<readonly unknown[]> {
      const { body } = await callApi(url, "GET", "/v1/accounting/usage?limit=100", { key });
      const items = pick(body, "data.items");
      return Array.isArray(items) ? items : [];
    }

    let key = "";
    test(
      "a second start keeps keys and usage and prints no key",
      async () => {
        const first = await start(copy);
        key = first.npm.output.text.match(KEY_PATTERN)?.[0] ?? "";
        const body = { model: MODEL, messages: [{ role: "user", content: "Hello" }] };
        expect((await callApi(first.url, "POST", "/v1/inference/chat", { key, body })).status).toBe(200);
        const before = await usage(first.url, key);
        expect(before).toHaveLength(1);
        await stop(first.npm);
        const second = await start(copy);
        expect(second.npm.output.text).not.toMatch(KEY_PATTERN);
        expect(await usage(second.url, key)).toEqual(before);
        await stop(second.npm);
      },
      TEST_MS_MAX,
    );

    test(
      "SIGTERM to npm drains: a short stream is finished, a long one gets its error event, both are settled",
      async () => {
        const { npm, url, pid } = await start(copy, { SCAIGRID_DRAIN_SECONDS: "2" });
        const long = await slowStream(url, key, 300);
        const short = await slowStream(url, key, 100, { max_tokens: 10 });
        await Promise.all([long.nextContent(), short.nextContent()]);
        npm.signal("SIGTERM");
        const [cut, whole] = await Promise.all([long.end(), short.end()]);
        expect([cut.doneCount, pick(cut.error, "code"), cut.broken]).toEqual([1, "SHUTTING_DOWN", false]);
        expect([whole.doneCount, whole.error, whole.finishReason]).toEqual([1, undefined, "length"]);
        expect(await npm.ended()).toBe(0);
        expect(() => process.kill(pid, 0)).toThrow();
        expect(copy.processes()).toEqual([]);
        const again = await start(copy);
        const settled = (await usage(again.url, key)).map((item) => [
          pick(item, "request_id"),
          pick(item, "status"),
        ]);
        expect(settled).toContainEqual([long.requestId, "failed"]);
        expect(settled).toContainEqual([short.requestId, "completed"]);
        expect(settled).toHaveLength(3);
        await stop(again.npm);
      },
      TEST_MS_MAX,
    );

    test(
      "Ctrl+C, which reaches the gateway several times under npm, is one wish: open streams still end by themselves",
      async () => {
        const { npm, url, pid } = await start(copy, { SCAIGRID_DRAIN_SECONDS: "60" });
        const stream = await slowStream(url, key, 100, { max_tokens: 15 });
        await stream.nextContent();
        npm.signalGroup("SIGINT");
        const end = await stream.end();
        expect([end.doneCount, end.error, end.finishReason]).toEqual([1, undefined, "length"]);
        await npm.ended();
        const events = npm.output.logs.map((log) => log["event"]);
        expect(events).toContain("stopped");
        expect(events).not.toContain("drain_cut_short");
        expect(() => process.kill(pid, 0)).toThrow();
        expect(copy.processes()).toEqual([]);
      },
      TEST_MS_MAX,
    );

    test(
      "runs a program that is as new as its sources, and none where they are at fault",
      async () => {
        const program = join(copy.root, "gateway/dist/main.js");
        const version = join(copy.root, "gateway/src/base/version.ts");
        const builtAt = statSync(program).mtimeMs;
        const same = await start(copy);
        expect(copy.processes().some((line) => line.includes(program))).toBe(true);
        expect(statSync(program).mtimeMs).toBe(builtAt);
        await stop(same.npm);

        const source = readFileSync(version, "utf8");
        writeFileSync(version, `${source}\nconst open = {\n`);
        running = copy.npmStart();
        expect(await running.ended()).toBe(1);
        expect(running.output.text).toContain("Building the gateway failed");
        expect(running.output.text).toContain("version.ts");
        writeFileSync(version, source);
        await stop((await start(copy)).npm);
        expect(statSync(program).mtimeMs).toBeGreaterThan(builtAt);
      },
      TEST_MS_MAX,
    );
  });
});
