import { afterAll, beforeAll, expect, test } from "bun:test";
import { describeApi, MESSAGES } from "../api/started.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { isObject, pick } from "../harness/json.ts";
import { CHUNKED_HEAD, chunk, type RawServer, rawServer, respond } from "../upstream/support.ts";

/** What comes of an odd answer: its whole text, an error in its place, or one behind what came of it. */
type Gets = { readonly text: string } | { readonly error: string } | { readonly cut: string };

interface Oddity {
  /** To complete "a provider that …". */
  readonly does: string;
  readonly sends: readonly (string | Uint8Array)[];
  readonly gets: Gets;
}

const TEXT = "aqua bolt";
const ANSWER: Gets = { text: TEXT };
const SHAPE: Gets = { error: "UPSTREAM_SHAPE_MISMATCH" };
const BROKEN: Gets = { error: "BACKEND_ERROR" };
const LAST_CHUNK = "0\r\n\r\n";
const CHUNKED = "transfer-encoding: chunked\r\n";

function delta(content: string | undefined, finish: unknown = null, more: object = {}): string {
  const said = content === undefined ? {} : { content };
  return event({ choices: [{ index: 0, delta: said, finish_reason: finish, ...more }] });
}

function event(body: object): string {
  return `data: ${JSON.stringify(body)}\n\n`;
}

const SAID = delta("aqua ") + delta("bolt");
const FINISH = delta(undefined, "stop");
const DONE = "data: [DONE]\n\n";
const END = FINISH + DONE;

function head(type: string, more = CHUNKED): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n${more}\r\n`;
}

function bytesChunk(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

/** A stream of these events, which goes down in good order. */
function events(does: string, text: string, gets: Gets = ANSWER): Oddity {
  return { does, sends: [CHUNKED_HEAD, chunk(text), LAST_CHUNK], gets };
}

function answer(content: string, more: object = {}): string {
  const message = { role: "assistant", content };
  return JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop", ...more }] });
}

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

const EMOJI = Buffer.from(delta("aqua 😀") + delta("bolt"));
const IN_EMOJI = EMOJI.indexOf(0xf0) + 2;
const LARGE = "€".repeat(400_000);
const ODD_TEXT = "a\u2028b\u2029c\u0085d\re\nf\r\ng\uFEFFh\0i";
const WHOLE = answer(TEXT);

const STREAMS: readonly Oddity[] = [
  {
    does: "sends early hints first",
    sends: ["HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", CHUNKED_HEAD, chunk(SAID + END), LAST_CHUNK],
    gets: ANSWER,
  },
  {
    does: "cuts two events in the middle of a character",
    sends: [
      CHUNKED_HEAD,
      bytesChunk(EMOJI.subarray(0, IN_EMOJI)),
      bytesChunk(EMOJI.subarray(IN_EMOJI)),
      chunk(END),
      LAST_CHUNK,
    ],
    gets: { text: "aqua 😀bolt" },
  },
  {
    does: "gives its chunks extensions",
    sends: [CHUNKED_HEAD, `${SAID.length.toString(16)};a=b;c="d"\r\n${SAID}\r\n`, chunk(END), LAST_CHUNK],
    gets: ANSWER,
  },
  {
    does: "sends trailers",
    sends: [CHUNKED_HEAD, chunk(SAID + END), "0\r\nx-one: 1\r\nx-two: 2\r\n\r\n"],
    gets: ANSWER,
  },
  {
    does: "compresses a stream although it was asked not to",
    sends: [
      head("text/event-stream", `content-encoding: gzip\r\n${CHUNKED}`),
      bytesChunk(Bun.gzipSync(SAID + END)),
      LAST_CHUNK,
    ],
    gets: ANSWER,
  },
  {
    does: "calls its stream a web page",
    sends: [head("text/html"), chunk(SAID + END), LAST_CHUNK],
    gets: SHAPE,
  },
  {
    does: "calls its stream JSON",
    sends: [head("application/json"), chunk(SAID + END), LAST_CHUNK],
    gets: SHAPE,
  },
  {
    does: "calls its stream plain text",
    sends: [head("text/plain"), chunk(SAID + END), LAST_CHUNK],
    gets: ANSWER,
  },
  { does: "answers in HTTP/1.0", sends: ["HTTP/1.0 200 OK\r\n\r\n", SAID + END], gets: ANSWER },
  {
    does: "announces a shorter stream than it sends",
    sends: [head("text/event-stream", `content-length: ${SAID.length + 5}\r\n`), SAID + END],
    gets: { cut: TEXT },
  },
  {
    does: "announces a longer error than it sends",
    sends: [head("application/json", "content-length: 5000\r\n"), `{"error":{"message":"no"}}`],
    gets: BROKEN,
  },
  {
    does: "switches to another protocol",
    sends: ["HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n", SAID],
    gets: SHAPE,
  },
  { does: "answers 600", sends: [respond(`{"error":{"message":"odd"}}`, "", "600 Odd")], gets: BROKEN },
  events("tells of an error in plain words first", "event: error\ndata: it broke\n\n", BROKEN),
  events("tells of an error in plain words later", `${SAID}event: error\ndata: it broke\n\n`, { cut: TEXT }),
  events("tells of an error without a word", `${SAID}event: error\ndata:\n\n`, { cut: TEXT }),
  events(
    "sends lines of JSON and no events",
    (SAID + END).replaceAll("data: ", "").replaceAll("\n\n", "\n"),
    BROKEN,
  ),
  events("begins every event with a byte order mark", SAID.replaceAll("data:", "\uFEFFdata:") + END),
  events("names its events", SAID.replaceAll("data:", "event: chunk\ndata:") + END),
  events("sends fields nobody knows", `id: 7\nretry: 10\nfoo: bar\n${SAID}event: message\n${END}`),
  events("quotes its terminal mark", `${SAID}${FINISH}data: "[DONE]"\n\n`),
  events("sends a megabyte in one piece", delta(LARGE) + END, { text: LARGE }),
  events("sends line ends, marks and zeros in its text", delta(ODD_TEXT) + END, { text: ODD_TEXT }),
  events("cuts a character in two escapes", delta("aqua \ud83d") + delta("\ude00bolt") + END, {
    text: "aqua 😀bolt",
  }),
  events("sends half a character alone", delta("aqua \ud83d") + delta("bolt") + END, {
    text: "aqua \ud83dbolt",
  }),
  events(`says "null" for no finish reason`, delta("aqua ", "null") + delta("bolt", "null") + END),
  events("says false for no finish reason", delta("aqua ", false) + delta("bolt", false) + END),
  events(
    "numbers its choices at random",
    delta("aqua ", null, { index: 1e9 }) + delta("bolt", null, { index: -1 }) + END,
  ),
  events(
    "sends no delta now and then",
    delta("aqua ") + delta("", null, { delta: null }) + delta("bolt") + END,
  ),
  events("sends the whole answer as one event", `data: ${WHOLE}\n\n${DONE}`),
  events(
    "sends all it has said so far with every event",
    event({ choices: [{ index: 0, message: { content: "aqua " }, finish_reason: null }] }) +
      `data: ${WHOLE}\n\n${DONE}`,
  ),
  events(
    "sends messages for deltas and never the whole",
    event({ choices: [{ index: 0, message: { content: "aqua " }, finish_reason: null }] }) + END,
    SHAPE,
  ),
  events(
    "sends an object for the list of choices",
    event({ choices: { 0: { index: 0, delta: { content: TEXT }, finish_reason: null } } }) + END,
    SHAPE,
  ),
  events(
    "nests what stands beside the text 20 000 deep",
    SAID + `data: {"choices":[],"citations":[${nested(20_000)}]}\n\n${END}`,
  ),
  events(
    "has members called __proto__ and constructor",
    `data: {"__proto__":{"choices":[]},"choices":[{"index":0,"delta":{"content":"${TEXT}","__proto__":{"x":1},"constructor":7},"finish_reason":null}]}\n\n${END}`,
  ),
];

const WHOLES: readonly Oddity[] = [
  { does: "sends 100 first", sends: ["HTTP/1.1 100 Continue\r\n\r\n", respond(WHOLE)], gets: ANSWER },
  { does: "answers 201", sends: [respond(WHOLE, "", "201 Created")], gets: ANSWER },
  { does: "answers 999", sends: [respond(`{"error":{"message":"odd"}}`, "", "999 Odd")], gets: BROKEN },
  {
    does: "announces a longer error than it sends",
    sends: [head("application/json", "content-length: 5000\r\n"), `{"error":{"message":"no"}}`],
    gets: BROKEN,
  },
  {
    does: "announces a shorter answer than it sends",
    sends: [head("application/json", "content-length: 20\r\n"), WHOLE],
    gets: SHAPE,
  },
  { does: "begins with a byte order mark", sends: [respond(`\uFEFF${WHOLE}`)], gets: ANSWER },
  { does: "has words behind its answer", sends: [respond(`${WHOLE}\nOK`)], gets: SHAPE },
  {
    does: "answers in UTF-16",
    sends: [head("application/json; charset=utf-16", ""), Buffer.from(WHOLE, "utf16le")],
    gets: SHAPE,
  },
  {
    does: "compresses twice",
    sends: [head("application/json", "content-encoding: gzip, gzip\r\n"), Bun.gzipSync(Bun.gzipSync(WHOLE))],
    gets: SHAPE,
  },
  { does: "sends half a character alone", sends: [respond(answer("a\ud83db"))], gets: { text: "a\ud83db" } },
  { does: "sends zeros in its text", sends: [respond(answer("a\0b"))], gets: { text: "a\0b" } },
];

const DOORS = { native: "/v1/inference/chat", openai: "/oai/v1/chat/completions" } as const;
type Door = keyof typeof DOORS;

/** A door's own words for an error. */
function wordsFor(code: string, door: Door): string {
  return door === "native" ? code : code.toLowerCase();
}

describeApi("a provider that", (api) => {
  const all = [...STREAMS, ...WHOLES];
  let server: RawServer;
  beforeAll(() => {
    server = rawServer((peer, request) => {
      const [, number] = /"model":"odd-(\d+)"/.exec(request) ?? [];
      for (const piece of all[Number(number)]?.sends ?? []) peer.write(piece);
      peer.end();
    });
  });
  afterAll(() => server.stop());

  async function modelFor(oddity: Oddity): Promise<string> {
    const plans = [`odd-${all.indexOf(oddity)}`];
    const retry = { attempts: 1, same_backend: 0 };
    return (await addFakeBackend(api.gateway, server, { plans, retry })).slug;
  }

  async function expectStream(door: Door, model: string, gets: Gets): Promise<void> {
    // The harness refuses what is no UTF-8, no JSON or not what the contract says.
    const stream = await api.gateway.chatStream({ model, messages: MESSAGES }, { path: DOORS[door] });
    if ("error" in gets) {
      expect(pick(JSON.parse(stream.text), "error.code")).toBe(wordsFor(gets.error, door));
      return;
    }
    const { content, finishReason, doneCount, broken, events: told } = await stream.end();
    const isCut = "cut" in gets;
    expect({ content, finishReason, doneCount, broken }).toEqual({
      content: isCut ? gets.cut : gets.text,
      finishReason: isCut ? undefined : "stop",
      doneCount: 1,
      broken: false,
    });
    const failed = told.some(({ json }) => isObject(json) && json["choices"] === undefined);
    expect(failed).toBe(isCut);
  }

  test.concurrent.each(STREAMS.map((odd) => [odd.does, odd] as const))(
    "%s, in a stream",
    async (_does, odd) => {
      const model = await modelFor(odd);
      await expectStream("native", model, odd.gets);
      await expectStream("openai", model, odd.gets);
    },
  );

  test.concurrent.each(WHOLES.map((odd) => [odd.does, odd] as const))("%s", async (_does, odd) => {
    const reply = await api.chat({ model: await modelFor(odd) });
    const told = pick(reply.body, "data.choices.0.message.content");
    expect({ text: told, error: pick(reply.body, "error.code") }).toEqual({
      text: undefined,
      error: undefined,
      ...odd.gets,
    });
  });

  test("does so, has met no failure of the gateway's own", () => {
    expect(api.gateway.output.text).not.toContain("INTERNAL_ERROR");
  });
});
