import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { isObject, pick, pickText } from "../harness/json.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { describePart, describeWith } from "../parts.ts";
import { pointed, runProgram, runWith, SEEDS } from "./program.ts";
import type { Run } from "./program.ts";

const RETRYABLE = ["BACKEND_RATE_LIMITED", "BACKEND_TIMEOUT", "BACKEND_ERROR"] as const;
const TEST_MS_MAX = 60_000;
const TITLE_WORDS_MAX = 6;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ env: { SCAIGRID_SANDBOX_TOKEN_MS: "1" } });
});
afterAll(() => gateway.stop());

/** What a successful run has printed. */
function printed(run: Run): string {
  expect(run).toMatchObject({ code: 0, err: "" });
  return run.out.trim();
}

function expectTitle(line: string | undefined): void {
  const words = (line ?? "").split(" ");
  expect(words.length).toBeGreaterThan(1);
  expect(words.length).toBeLessThanOrEqual(TITLE_WORDS_MAX);
  expect(line).toMatch(/carbonara/i);
}

/** The answer to the story prompt, asked for in one piece. */
async function story(): Promise<string> {
  const messages = [{ role: "user", content: "Tell me a long story." }];
  const body = { model: "scailabs/poolnoodle-omni", messages };
  const reply = await gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body });
  return pickText(reply.body, "data.choices.0.message.content").trim();
}

/** How often the retry helper was refused with a code, and how its last call ended. */
async function refusals(code: string, since: number): Promise<{ refused: number; answered: number }> {
  const reply = await gateway.api("GET", "/v1/requests?limit=20", { key: gateway.firstKey });
  const items = pick(reply.body, "data.items");
  const requests = (Array.isArray(items) ? items.filter(isObject) : []).filter(
    (request) => Date.parse(String(request["started_at"])) >= since,
  );
  return {
    refused: requests.filter((request) => request["error_code"] === code).length,
    answered: requests.filter((request) => request["outcome"] === "completed").length,
  };
}

interface Language {
  readonly extension: string;
  readonly python?: string;
  /** A call of the program's own retry helper that meets an error in its first two attempts. */
  retry(simulate: string): string;
}

const MESSAGES = `[{ "role": "user", "content": "Hello there" }]`;
const TYPESCRIPT: Language = {
  extension: "ts",
  retry: (simulate) => `
const ridden = await chatWithRetry("scailabs/poolnoodle-omni", ${MESSAGES}, { metadata: { simulate: ${JSON.stringify(simulate)} } });
console.log("RIDDEN OUT:", ridden.choices[0].message.content.length > 0);`,
};
function python(path: string): Language {
  return {
    extension: "py",
    python: path,
    retry: (simulate) => `
ridden = chat_with_retry("scailabs/poolnoodle-omni", ${MESSAGES}, metadata={"simulate": ${JSON.stringify(simulate)}})
print("RIDDEN OUT:", str(len(ridden["choices"][0]["message"]["content"]) > 0).lower())`,
  };
}

function programs(seeds: string, language: Language): void {
  const { extension, python: interpreter } = language;
  const run = (name: string, append?: string): Promise<Run> =>
    runProgram(gateway, seeds, `${name}.${extension}`, {
      ...(append !== undefined && { append }),
      ...(interpreter !== undefined && { python: interpreter }),
    });

  test("the first chat completion prints a haiku", async () => {
    const haiku = printed(await run("quickstart_chat"));
    expect(haiku.split("\n")).toHaveLength(3);
  });

  test(
    "the stream prints the whole story, piece by piece",
    async () => {
      const told = printed(await run("quickstart_stream"));
      expect(told.length).toBeGreaterThan(1_000);
      expect(told).toBe(await story());
    },
    TEST_MS_MAX,
  );

  test("the title generator prints a title of at most six words", async () => {
    expectTitle(printed(await run("first_integration")));
  });

  test.each(RETRYABLE)(
    "its retry helper rides out %s",
    async (code) => {
      const since = Date.now();
      const simulate = JSON.stringify({
        error: code,
        times: 2,
        retry_after: 1,
        token_ms: extension === "ts" ? 1 : 2,
      });
      const lines = printed(await run("first_integration", language.retry(simulate))).split("\n");
      expectTitle(lines[0]);
      expect(lines[1]).toBe("RIDDEN OUT: true");
      const { refused, answered } = await refusals(code, since);
      expect([refused, answered]).toEqual([2, 2]);
    },
    TEST_MS_MAX,
  );
}

function describeSeeds(title: string, body: (seeds: string) => void): void {
  describeWith(SEEDS, "the getting-started programs, beside the repository in ../shared/seeds", title, body);
}

describeSeeds("the programs in TypeScript", (seeds) => programs(seeds, TYPESCRIPT));
describePart("python", "the programs in Python", (path) => {
  describeSeeds("as they stand", (seeds) => programs(seeds, python(path)));
});

/** The command that begins with these words in a document, up to the end of its last quoted or continued line. */
function snippet(text: string, start: string): string {
  const from = text.indexOf(start);
  if (from === -1) throw new Error(`no snippet "${start}"`);
  const lines = text.slice(from).split("\n");
  let quotes = 0;
  const end = lines.findIndex((line) => {
    quotes += line.split("'").length - 1;
    return quotes % 2 === 0 && !line.trimEnd().endsWith("\\");
  });
  return lines.slice(0, end + 1).join("\n");
}

describeWith(Bun.which("curl"), "curl", "in a shell", () => describeSeeds("the curl snippets", snippets));

function snippets(seeds: string): void {
  async function shell(document: string, start: string): Promise<unknown> {
    const text = await Bun.file(join(seeds, document)).text();
    const command = `set -e\n${pointed(snippet(text, start), gateway).replace(/^curl/, "curl --silent --show-error")}`;
    return JSON.parse(printed(await runWith(gateway, ["bash", "-c", command])));
  }

  test("the list of models has the model of the quickstart, as the document shows it", async () => {
    const body = await shell("quickstart.txt", "curl -H");
    const items = pick(body, "data.items");
    const found = Array.isArray(items)
      ? items.find((item) => pick(item, "slug") === "scailabs/poolnoodle-omni")
      : null;
    expect(found).toMatchObject({
      display_name: "Poolnoodle Omni",
      modality: "chat",
      context_window: 256_000,
      max_output_tokens: 32_768,
    });
  });

  test("the chat completion answers", async () => {
    const body = await shell("quickstart.txt", "curl -X POST");
    expect(pickText(body, "data.choices.0.message.content").split("\n")).toHaveLength(3);
    expect(pickText(body, "meta.request_id")).toMatch(/^req_/);
  });

  test("the usage summary of the day counts what was asked", async () => {
    const before = await shell("first-integration.txt", 'curl "$SCAIGRID_BASE_URL/v1/accounting');
    await shell("quickstart.txt", "curl -X POST");
    const after = await shell("first-integration.txt", 'curl "$SCAIGRID_BASE_URL/v1/accounting');
    const count = (body: unknown) => Number(pick(body, "data.0.request_count") ?? 0);
    expect(count(after)).toBe(count(before) + 1);
    expect(pick(after, "data.0.group_key")).toBe("scailabs/poolnoodle-omni");
  });
}

describe("what a first integration leans on later", () => {
  const messages = [{ role: "user", content: "Write a haiku about distributed systems." }];
  const model = "scailabs/poolnoodle-omni";

  test("the request id is in the header and in the body, and its trace can be read with it", async () => {
    const key = gateway.firstKey;
    const reply = await gateway.api("POST", "/v1/inference/chat", { key, body: { model, messages } });
    const id = pickText(reply.body, "meta.request_id");
    expect(reply.headers.get("x-scaigrid-request-id")).toBe(id);
    const trace = await gateway.api("GET", `/v1/requests/${id}`, { key });
    expect(trace.status).toBe(200);
    expect(pick(trace.body, "data.request_id")).toBe(id);
    const used = pick(reply.body, "data.usage.completion_tokens");
    expect(pick(trace.body, "data.usage.tokens_out")).toBe(used);
  });

  test("an error carries its request id as well", async () => {
    const reply = await gateway.api("POST", "/v1/inference/chat", {
      key: gateway.firstKey,
      body: { model: "scailabs/poolnoodle-omny", messages },
    });
    expect(pick(reply.body, "error.code")).toBe("MODEL_NOT_FOUND");
    expect(reply.headers.get("x-scaigrid-request-id")).toBe(pickText(reply.body, "meta.request_id"));
  });
});
