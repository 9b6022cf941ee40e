import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { codeOf, describeApi, eventually, itemsOf, type Started } from "../api/started.ts";
import { serveBackend } from "../backends/provider-server.ts";
import { bedrockFormat, type ErrorKind, geminiFormat, type NativeFormat } from "../fakes/native-formats.ts";
import { cohereFormat, responsesFormat } from "../fakes/openai-formats.ts";
import type { ApiReply } from "../harness/api.ts";
import { pick, pickText } from "../harness/json.ts";
import { type Peer, type RawServer, rawServer } from "../upstream/support.ts";
import { FORMAT_FAULTS, type Outcome } from "./catalogue/formats.ts";

const FORMATS: readonly NativeFormat[] = [geminiFormat, bedrockFormat, cohereFormat, responsesFormat];
const WORDS = ["aqua ", "bolt"] as const;
const ALL = WORDS.join("");
const KEY = "native-format-key-0123456789";
/** Spec: within the deadline + 1 s; the longest here is a retry's pause, and the machine is busy. */
const WITHIN_MS = 25_000;

const ERROR_KINDS: Readonly<Record<string, ErrorKind>> = {
  refused: "refused",
  "too-long": "too-long",
  filtered: "filtered",
  stranger: "stranger",
  limited: "limited",
  failing: "failing",
  away: "away",
};

function head(status: number, type: string, more: string): string {
  return `HTTP/1.1 ${status} X\r\ncontent-type: ${type}\r\n${more}connection: close\r\n\r\n`;
}

function respond(peer: Peer, status: number, type: string, body: Uint8Array | string, more = ""): void {
  peer.write(head(status, type, `${more}content-length: ${Buffer.byteLength(body)}\r\n`));
  peer.write(body);
  peer.end();
}

/** What has come of requests that are not whole yet. */
const begun = new WeakMap<Peer, string>();

/** The request once all of it is there; some formats name their model in the body. */
function wholeRequest(peer: Peer, piece: string): string | undefined {
  const request = (begun.get(peer) ?? "") + piece;
  const bodyAt = request.indexOf("\r\n\r\n") + 4;
  const length = Number(/content-length: (\d+)/i.exec(request)?.[1] ?? 0);
  const isWhole = bodyAt > 3 && request.length - bodyAt >= length;
  begun.set(peer, isWhole ? "" : request);
  return isWhole ? request : undefined;
}

/** Does as the model's name says. */
function answer(format: NativeFormat, peer: Peer, piece: string): void {
  const request = wholeRequest(peer, piece);
  if (request === undefined) return;
  const named = /\/models?\/([a-z0-9-]+)[:/]|"model":"([a-z0-9-]+)"/.exec(request);
  const fault = named?.[1] ?? named?.[2] ?? "right";
  const isStream = /:streamGenerateContent|\/converse-stream |"stream":true/.test(request);
  const kind = ERROR_KINDS[fault];
  if (kind !== undefined) {
    const { status, headers, body } = format.error(kind);
    return respond(peer, status, "application/json", JSON.stringify(body), headers);
  }
  if (fault === "redirects")
    return respond(peer, 302, "text/plain", "", "location: http://169.254.169.254/\r\n");
  if (fault === "web-page") return respond(peer, 200, "text/html", "<html><body>bad gateway</body></html>");
  if (fault === "empty") return respond(peer, 200, isStream ? format.streamType : "application/json", "");
  if (fault === "resets") return peer.terminate();
  if (isStream) stream(format, peer, fault);
  else whole(format, peer, fault);
}

function whole(format: NativeFormat, peer: Peer, fault: string): void {
  const { stop, odd } = format.reasons;
  const usage = fault === "no-usage" ? "none" : fault === "odd-usage" ? "odd" : "right";
  const reason = fault === "odd-reason" ? odd : fault === "no-end" ? undefined : stop;
  const text = JSON.stringify(
    fault === "limited-200" ? format.errorInstead("limited") : format.whole(ALL, reason, usage),
  );
  if (fault === "half-event") return respond(peer, 200, "application/json", text.slice(0, -9));
  if (fault !== "breaks") return respond(peer, 200, "application/json", text);
  peer.write(head(200, "application/json", `content-length: ${text.length}\r\n`) + text.slice(0, 20));
  peer.terminate();
}

function stream(format: NativeFormat, peer: Peer, fault: string): void {
  const { stop, odd } = format.reasons;
  const usage = fault === "no-usage" ? "none" : fault === "odd-usage" ? "odd" : "right";
  const texts = WORDS.map((words) => format.text(words));
  const end = format.end(fault === "odd-reason" ? odd : fault === "no-end" ? undefined : stop, usage);
  const bytes = format.frame([...texts, ...end]);
  const type = format.streamType;
  if (fault === "limited-200") return respond(peer, 200, type, format.frame([format.errorEvent("limited")]));
  if (fault === "odd-event")
    return respond(peer, 200, type, format.frame([texts[0], "{oops", texts[1], ...end]));
  if (fault === "error-late")
    return respond(peer, 200, type, format.frame([...texts, format.errorEvent("failing")]));
  if (fault === "half-event") {
    const last = format.frame(end.slice(0, 1));
    const cut = Buffer.concat([format.frame(texts), last.subarray(0, Math.floor(last.length / 2))]);
    return respond(peer, 200, type, cut);
  }
  if (fault !== "breaks") return respond(peer, 200, type, bytes);
  peer.write(head(200, type, "transfer-encoding: chunked\r\n"));
  const first = format.frame(texts);
  peer.write(`${first.length.toString(16)}\r\n`);
  peer.write(first);
  peer.write("\r\n");
  // The reader must have had it before the end: a reset takes back what is on the way.
  setTimeout(() => peer.end(), 100);
}

describeApi("providers that fail in a format of their own", (api) => {
  for (const format of FORMATS) {
    describe(format.name, () => {
      let server: RawServer;
      let slugs: ReadonlyMap<string, string>;
      let calls = 0;
      beforeAll(async () => {
        server = rawServer((peer, request) => answer(format, peer, request));
        slugs = await served(api, format, server.url);
      });
      afterAll(() => server.stop());

      const faults = FORMAT_FAULTS.filter(({ name }) => format.unsaid?.includes(name) !== true);
      for (const fault of faults) {
        for (const backends of [1, 2]) {
          test.concurrent(
            `that ${fault.does}, ${backends === 1 ? "alone" : "with another beside it"}`,
            async () => {
              const model = slugs.get(`${fault.name} ${backends}`) ?? "";
              calls += 2;
              const expected = (form: "whole" | "stream"): Outcome =>
                backends === 2 && fault.rescued[form] ? { kind: "answer", finish: "stop" } : fault[form];
              await expectWhole(api, model, expected("whole"));
              await expectStream(api, model, expected("stream"));
            },
            2 * WITHIN_MS,
          );
        }
      }

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
});

/** A model for each fault, with one backend and with a right one behind it, by `name backends`. */
async function served(
  { gateway }: Started,
  format: NativeFormat,
  url: string,
): Promise<ReadonlyMap<string, string>> {
  const type = String(format.provider["type"]);
  const account = { type, base_url: url, connection_config: { api_key: KEY } };
  const spare = await serveBackend(gateway, account, "right", `${format.name}/spare`, format.backend);
  const make = async (path: string, body: object): Promise<string> => {
    const reply = await gateway.api("POST", path, { body });
    if (reply.status !== 201) throw new Error(`POST ${path}: ${reply.text}`);
    return pickText(reply.body, "data.id");
  };
  const slugs = new Map<string, string>();
  for (const { name } of FORMAT_FAULTS) {
    // Of its own for each: a circuit that one has opened must not answer for the other.
    for (const backends of [1, 2]) {
      const backend = { provider_id: spare.providerId, upstream_model: name, free: true, ...format.backend };
      const first = await make("/v1/backends", backend);
      const slug = `${format.name}/${name}-${backends}`;
      const model_id = await make("/v1/models", { slug, context_window: 10_000, free: true });
      const targets = [first, spare.backendId].slice(0, backends);
      await make("/v1/routing-policies", {
        model_id,
        targets: targets.map((backend_id, i) => ({ backend_id, priority: i + 1 })),
      });
      slugs.set(`${name} ${backends}`, slug);
    }
  }
  return slugs;
}

async function expectWhole(api: Started, model: string, expected: Outcome): Promise<void> {
  const startedMs = performance.now();
  const reply = await api.chat({ model });
  expect(performance.now() - startedMs).toBeLessThan(WITHIN_MS);
  if (expected.kind !== "answer") return expect(codeOf(reply)).toBe(expected.code);
  const choice = pick(reply.body, "data.choices.0");
  expect([pick(choice, "message.content"), pick(choice, "finish_reason")]).toEqual([ALL, expected.finish]);
}

async function expectStream(api: Started, model: string, expected: Outcome): Promise<void> {
  const startedMs = performance.now();
  const stream = await api.stream({ model });
  if (expected.kind === "error") {
    expect(pick(JSON.parse(stream.text), "error.code")).toBe(expected.code);
    return;
  }
  const { content, finishReason, doneCount, error } = await stream.end();
  expect(performance.now() - startedMs).toBeLessThan(WITHIN_MS);
  expect([content, doneCount]).toEqual([ALL, 1]);
  const code = pick(error, "code");
  expect([finishReason, code]).toEqual(
    expected.kind === "answer" ? [expected.finish, undefined] : [undefined, expected.code],
  );
}
