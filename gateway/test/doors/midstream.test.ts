import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { describeApi } from "../api/started.ts";
import { ProviderServer, serveBackend } from "../backends/provider-server.ts";
import { anthropicFormat } from "../fakes/anthropic-format.ts";
import { textOf } from "../fakes/answers.ts";
import type { NativeFormat } from "../fakes/native-formats.ts";
import { responsesFormat } from "../fakes/openai-formats.ts";
import type { StreamEnd } from "../harness/chat-stream.ts";
import { pick, pickText } from "../harness/json.ts";

const WHOLE = textOf(12, false);
/** Two thirds of it. */
const BEGUN = textOf(8, false);
const CUT = "fake-close-framed-cut?tokens=12&after=8";
const CONTINUES = "fake-ok?tokens=12&prefill=continue";
const REFUSES = "fake-ok?tokens=12&prefill=refuse";

/** What a caller has of a stream in the end. */
interface Got {
  readonly text: string;
  /** How it ended, where it ended well. */
  readonly finish: unknown;
  /** What the error is called, where it did not. */
  readonly error: unknown;
}

/** A place to ask, and how its streams are read. */
interface Door {
  readonly path: string;
  readonly asked: object;
  /** Formats in which a backend's answers are passed on there; all others are told anew. */
  readonly passes?: NativeFormat;
  readonly text: string;
  readonly well: string;
  readonly error: unknown;
  read(end: StreamEnd): Pick<Got, "finish" | "error">;
}

const MESSAGES = { messages: [{ role: "user", content: "go on" }] };
const json = ({ events }: StreamEnd, path: string): unknown =>
  events.map((event) => pick(event.json, path)).findLast(Boolean);

const DOORS: readonly Door[] = [
  {
    path: "/v1/inference/chat",
    asked: MESSAGES,
    text: "choices.0.delta.content",
    well: "stop",
    error: "BACKEND_ERROR",
    read: (end) => ({ finish: json(end, "choices.0.finish_reason"), error: pick(end.error, "code") }),
  },
  {
    path: "/v1/inference/generate",
    asked: { prompt: "go on" },
    text: "choices.0.text",
    well: "stop",
    error: "BACKEND_ERROR",
    read: (end) => ({ finish: json(end, "choices.0.finish_reason"), error: pick(end.error, "code") }),
  },
  {
    path: "/oai/v1/chat/completions",
    asked: MESSAGES,
    text: "choices.0.delta.content",
    well: "stop",
    error: "backend_error",
    read: (end) => ({ finish: json(end, "choices.0.finish_reason"), error: json(end, "error.code") }),
  },
  {
    path: "/oai/v1/completions",
    asked: { prompt: "go on" },
    text: "choices.0.text",
    well: "stop",
    error: "backend_error",
    read: (end) => ({ finish: json(end, "choices.0.finish_reason"), error: json(end, "error.code") }),
  },
  {
    path: "/oai/v1/responses",
    asked: { input: "go on" },
    passes: responsesFormat,
    text: "delta",
    well: WHOLE,
    error: "backend_error",
    // The last event has the whole text once more.
    read(end) {
      const last = end.events.at(-1);
      const text = pick(last?.json, "response.output.0.content.0.text");
      return {
        finish: last?.name === "response.completed" ? text : undefined,
        error: json(end, "response.error.code"),
      };
    },
  },
  {
    path: "/anthropic/v1/messages",
    asked: { ...MESSAGES, max_tokens: 100 },
    passes: anthropicFormat,
    text: "delta.text",
    well: "end_turn",
    error: "api_error",
    read: (end) => ({ finish: json(end, "delta.stop_reason"), error: json(end, "error.type") }),
  },
];

/** A stream of this format that ends in good order after two thirds, and does not say why. */
function cutServer(format: NativeFormat): ProviderServer {
  const half = BEGUN.length / 2;
  const texts = [BEGUN.slice(0, half), BEGUN.slice(half)].map((words) => format.text(words));
  const bytes = format.frame([...(format.begin ?? []), ...texts]);
  return new ProviderServer(() => new Response(bytes, { headers: { "content-type": format.streamType } }));
}

describeApi("a stream that breaks off after two thirds", (api) => {
  const servers = new Map<NativeFormat, ProviderServer>();
  beforeAll(() => {
    for (const format of [anthropicFormat, responsesFormat]) servers.set(format, cutServer(format));
  });
  afterAll(async () => {
    for (const server of servers.values()) await server.stop();
  });

  /** A model whose first backend breaks off, and whose second does as the plan says. */
  async function model(first: NativeFormat | undefined, second: string, midstream: string): Promise<string> {
    const policy = { midstream };
    const retry = { attempts: 3, same_backend: 0 };
    const backend = { capabilities: ["chat", "prefill"] };
    const plans = first === undefined ? [CUT, second] : [second];
    const made = await api.model("fake-ok", { plans, policy, retry, backend });
    if (first === undefined) return made.slug;
    const account = {
      type: String(first.provider["type"]),
      base_url: servers.get(first)?.url,
      connection_config: { api_key: "fake-credential" },
    };
    const cut = await serveBackend(api.gateway, account, "cuts", undefined, first.backend);
    const targets = [cut.backendId, ...made.backendIds].map((backend_id, i) => ({
      backend_id,
      priority: i + 1,
    }));
    const path = `/v1/routing-policies/${made.policyId}`;
    const { body } = await api.gateway.api("PATCH", path, { body: { targets } });
    expect(pickText(body, "data.id")).toBe(made.policyId);
    return made.slug;
  }

  async function got(door: Door, slug: string): Promise<Got> {
    const stream = await api.gateway.chatStream({ ...door.asked, model: slug }, { path: door.path });
    expect(stream.status).toBe(200);
    const end = await stream.end();
    expect([end.rest, end.broken]).toEqual(["", false]);
    const pieces = end.events.map((event) => pick(event.json, door.text));
    const text = pieces.filter((piece) => typeof piece === "string").join("");
    return { text, ...door.read(end) };
  }

  for (const door of DOORS) {
    const firsts = [undefined, ...(door.passes ? [door.passes] : [])];
    describe.each(firsts.map((first) => [first?.name ?? "openai-chat", first] as const))(
      `at ${door.path}, from a backend that speaks %s,`,
      (_name, first) => {
        const whole: Got = { text: WHOLE, finish: door.well, error: undefined };
        const cut: Got = { text: BEGUN, finish: undefined, error: door.error };

        test("ends with the error of the first by default", async () => {
          expect(await got(door, await model(first, CONTINUES, "error"))).toEqual(cut);
        });

        test("goes on at a backend that can: the whole text exactly once", async () => {
          expect(await got(door, await model(first, CONTINUES, "continue"))).toEqual(whole);
        });

        test("ends with the error of the first where the second refuses to go on", async () => {
          expect(await got(door, await model(first, REFUSES, "continue"))).toEqual(cut);
        });

        test.each([CONTINUES, REFUSES])("comes whole where answers are buffered (%s)", async (second) => {
          expect(await got(door, await model(first, second, "buffer"))).toEqual(whole);
        });
      },
    );
  }
});
