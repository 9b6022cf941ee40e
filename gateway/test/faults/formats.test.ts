import { afterAll, beforeAll, expect, test } from "bun:test";
import { anthropicError, anthropicStatus } from "../../src/dialects/anthropic-door/error.ts";
import { ERRORS } from "../../src/errors.ts";
import { describeApi, eventually, itemsOf, MESSAGES, type Started } from "../api/started.ts";
import { serveBackend } from "../backends/provider-server.ts";
import { anthropicFormat } from "../fakes/anthropic-format.ts";
import { NATIVE_FORMATS } from "../fakes/every-format.ts";
import { FORMAT_TEXT, formatServer } from "../fakes/format-server.ts";
import type { NativeFormat } from "../fakes/native-formats.ts";
import type { ApiReply } from "../harness/api.ts";
import { pick, pickText } from "../harness/json.ts";
import type { RawServer } from "../upstream/support.ts";
import { FORMAT_FAULTS, KEPT_FAULTS, type Outcome, outcomeOf } from "./catalogue/formats.ts";

const KEY = "native-format-key-0123456789";
/** Spec: within the deadline + 1 s; the longest here is a retry's pause, and the machine is busy. */
const WITHIN_MS = 25_000;
const KEPT_CALLS = 4;

/** Where answers are told anew, and where they are passed on as the format is the door's own. */
interface Door {
  readonly path: string;
  /** An outcome as the door tells it, its text aside. */
  told(outcome: Outcome): Told;
  readWhole(reply: Pick<ApiReply, "status" | "body">): Told & { readonly text: unknown };
  /** The content of one event. */
  readonly delta: string;
  readonly cut: string;
  /** How many `[DONE]` end a stream. */
  readonly doneCount: number;
}

interface Told {
  readonly status: number;
  /** Of an error before content, or of the event after it. */
  readonly code: unknown;
  /** Why an answer ended. */
  readonly finish: unknown;
}

const NATIVE: Door = {
  path: "/v1/inference/chat",
  told: (outcome) => ({
    status: outcome.kind === "error" ? ERRORS[outcome.code].status : 200,
    code: outcome.kind === "answer" ? undefined : outcome.code,
    finish: outcome.kind === "answer" ? outcome.finish : undefined,
  }),
  readWhole: ({ status, body }) => ({
    status,
    code: pick(body, "error.code"),
    finish: pick(body, "data.choices.0.finish_reason"),
    text: pick(body, "data.choices.0.message.content"),
  }),
  delta: "choices.0.delta.content",
  cut: "code",
  doneCount: 1,
};

/** What finish reasons are in Anthropic's words. */
const STOP_REASONS: Readonly<Record<string, string>> = { stop: "end_turn", error: "max_tokens" };

const ANTHROPIC: Door = {
  path: "/anthropic/v1/messages",
  told: (outcome) => ({
    status: outcome.kind === "error" ? anthropicStatus(outcome.code) : 200,
    code: outcome.kind === "answer" ? undefined : anthropicError(outcome.code, "").type,
    finish: outcome.kind === "answer" ? STOP_REASONS[outcome.finish] : undefined,
  }),
  readWhole: ({ status, body }) => ({
    status,
    code: pick(body, "error.type"),
    finish: pick(body, "stop_reason") ?? undefined,
    text: pick(body, "content.0.text"),
  }),
  delta: "delta.text",
  cut: "error.type",
  doneCount: 0,
};

function doorsOf(format: NativeFormat): readonly (readonly [string, Door])[] {
  const native = ["native", NATIVE] as const;
  return format === anthropicFormat ? [native, ["anthropic", ANTHROPIC]] : [native];
}

const WELL: Outcome = { kind: "answer", finish: "stop" };

for (const format of NATIVE_FORMATS) {
  // A gateway for each: management calls are limited by the minute.
  describeApi(`a provider that speaks ${format.name}, and fails`, (api) => {
    const ownDoors = doorsOf(format);
    let server: RawServer;
    let slugs: ReadonlyMap<string, string>;
    let calls = 0;
    beforeAll(async () => {
      server = formatServer(format);
      slugs = await served(api, format, server.url);
    });
    afterAll(() => server.stop());

    const faults = FORMAT_FAULTS.filter(({ name }) => format.unsaid?.includes(name) !== true);
    const cases = faults.flatMap((fault) => [1, 2].map((backends) => ({ ...fault, backends })));
    test.concurrent.each(cases.map((each) => [titleOf(each), each] as const))(
      "%s",
      async (_title, { backends, ...fault }) => {
        for (const [name, door] of ownDoors) {
          const model = slugs.get(`${fault.name} ${backends} ${name}`) ?? "";
          calls += 2;
          await expectWhole(api, door, model, outcomeOf(fault, "whole", backends));
          await expectStream(api, door, model, outcomeOf(fault, "stream", backends));
        }
      },
      4 * WITHIN_MS,
    );

    test.concurrent.each(KEPT_FAULTS.map((fault) => [`that ${fault.does}`, fault] as const))(
      "%s",
      async (_title, { keeping }) => {
        const own = formatServer(format, keeping);
        const account = accountOf(format, own.url);
        const slug = `kept/${crypto.randomUUID()}`;
        await serveBackend(api.gateway, account, "right", slug, format.backend);
        for (let i = 0; i < KEPT_CALLS; i++)
          await (i % 2 === 0 ? expectWhole : expectStream)(api, NATIVE, slug, WELL);
        // One for each call: none was answered over one that had been given up.
        expect(own.connections()).toBe(KEPT_CALLS);
        own.stop();
      },
      4 * WITHIN_MS,
    );

    test("each call has left one record of usage", async () => {
      const ours = (reply: ApiReply) =>
        itemsOf(reply).filter(({ model }) => String(model).startsWith(`${format.name}/`));
      const page = await eventually(
        "a record of each call",
        () => api.gateway.api("GET", "/v1/accounting/usage?limit=1000"),
        (reply) => ours(reply).length >= calls,
        15_000,
      );
      expect(ours(page)).toHaveLength(calls);
      expect(new Set(ours(page).map((item) => item["request_id"])).size).toBe(calls);
    });
  });
}

function titleOf({ number, does, backends }: { number: string; does: string; backends: number }): string {
  return `${number}: that ${does}, ${backends === 1 ? "alone" : "with another beside it"}`;
}

function accountOf(format: NativeFormat, url: string) {
  const type = String(format.provider["type"]);
  return { type, base_url: url, connection_config: { api_key: KEY } };
}

/** A model for each fault at each door, with one backend and with a right one behind it, by `name backends door`. */
async function served(
  { gateway }: Started,
  format: NativeFormat,
  url: string,
): Promise<ReadonlyMap<string, string>> {
  const account = accountOf(format, url);
  const spare = await serveBackend(gateway, account, "right", `${format.name}/spare`, format.backend);
  const make = async (path: string, body: object): Promise<string> => {
    const reply = await gateway.api("POST", path, { body });
    if (reply.status !== 201) throw new Error(`POST ${path}: ${reply.text}`);
    return pickText(reply.body, "data.id");
  };
  const slugs = new Map<string, string>();
  for (const { name, deadlines } of FORMAT_FAULTS) {
    const more = { free: true, ...format.backend, ...(deadlines && { timeouts: deadlines }) };
    // Of its own for each: a circuit that one has opened must not answer for the other.
    const each = [1, 2].flatMap((backends) => doorsOf(format).map(([door]) => [backends, door] as const));
    for (const [backends, door] of each) {
      const backend = { provider_id: spare.providerId, upstream_model: name, ...more };
      const first = await make("/v1/backends", backend);
      const slug = `${format.name}/${name}-${backends}-${door}`;
      const model_id = await make("/v1/models", { slug, context_window: 10_000, free: true });
      const targets = [first, spare.backendId].slice(0, backends);
      await make("/v1/routing-policies", {
        model_id,
        targets: targets.map((backend_id, i) => ({ backend_id, priority: i + 1 })),
      });
      slugs.set(`${name} ${backends} ${door}`, slug);
    }
  }
  return slugs;
}

async function expectWhole(
  { gateway }: Started,
  door: Door,
  model: string,
  expected: Outcome,
): Promise<void> {
  const startedMs = performance.now();
  const body = { model, messages: MESSAGES, max_tokens: 100 };
  const reply = await gateway.api("POST", door.path, { key: gateway.firstKey, body });
  expect(performance.now() - startedMs).toBeLessThan(WITHIN_MS);
  const text = expected.kind === "answer" ? FORMAT_TEXT : undefined;
  expect(door.readWhole(reply)).toEqual({ ...door.told(expected), text });
  expectWait(reply.headers, expected);
}

async function expectStream(
  { gateway }: Started,
  door: Door,
  model: string,
  expected: Outcome,
): Promise<void> {
  const startedMs = performance.now();
  const body = { model, messages: MESSAGES, max_tokens: 100 };
  const stream = await gateway.chatStream(body, { path: door.path });
  const told = door.told(expected);
  if (expected.kind === "error") {
    const { status, code } = door.readWhole({ status: stream.status, body: JSON.parse(stream.text) });
    expect<Told>({ status, code, finish: undefined }).toEqual(told);
    return expectWait(stream.headers, expected);
  }
  const { events, error, finishReason, doneCount, broken } = await stream.end();
  expect(performance.now() - startedMs).toBeLessThan(WITHIN_MS);
  const content = events.map(({ json }) => pick(json, door.delta)).filter((one) => typeof one === "string");
  const finish = finishReason ?? events.map(({ json }) => pick(json, "delta.stop_reason")).find(Boolean);
  expect([doneCount, broken]).toEqual([door.doneCount, false]);
  expect({ content: content.join(""), status: stream.status, code: pick(error, door.cut), finish }).toEqual({
    content: FORMAT_TEXT,
    ...told,
  });
}

function expectWait(headers: Headers, expected: Outcome): void {
  if (expected.kind !== "error" || expected.retryAfter === undefined) return;
  expect(headers.get("retry-after")).toBe(String(expected.retryAfter));
}
