import { expect, test } from "bun:test";
import type { Settlement } from "../../src/core/accounting.ts";
import { openaiChat } from "../../src/dialects/openai-chat/openai-chat.ts";
import { probeBackend } from "../../src/jobs/probe-backend.ts";
import { Unsettled } from "../../src/settlement/unsettled.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import { rejection } from "../store/engines.ts";
import { AT } from "../store/samples.ts";
import { callOf } from "../upstream/support.ts";

/** Like no key of a known provider. */
const KEY = "our own key of the cluster";

/** Probes a backend behind this upstream; what was promised and settled is told. */
function probe(upstream: Upstream, stopping = new AbortController().signal) {
  const { backend, provider } = callOf();
  const snapshot = new Snapshot();
  snapshot.apply({ kind: "provider", id: provider.id, value: { provider, credentials: { apiKey: KEY } } });
  snapshot.apply({ kind: "backend", id: backend.id, value: { backend, credentials: {} } });
  const promised: string[] = [];
  const settled: Settlement[] = [];
  const probing = probeBackend(backend, provider, {
    clock: { now: () => AT, monotonic: () => 0 },
    snapshot,
    upstream,
    dialects: new Map([[openaiChat.name, openaiChat]]),
    journal: {
      intend: ({ requestId }) => Promise.resolve(void promised.push(requestId)),
      settle: (settlement) => Promise.resolve(void settled.push(settlement)),
    },
    unsettled: new Unsettled(() => undefined),
    stopping,
  });
  return { probing, promised, settled };
}

/** An upstream that answers like this. */
function answering(status: number, body: object): Upstream {
  const reply = {
    status,
    headers: {},
    read: () => Promise.resolve(undefined),
    readText: () => Promise.resolve(JSON.stringify(body)),
    contentSeen: () => undefined,
    close: () => undefined,
  };
  return { send: () => Promise.resolve(reply) };
}

test.each([
  ["with a status", 401],
  ["in an answer", 200],
])("a probe tells nobody of the key that its provider quotes: %s", async (_how, status) => {
  const body = { error: { message: `wrong key: ${KEY}, they say` } };
  const { probing, settled } = probe(answering(status, body));
  const told = await probing;
  expect(told?.fault?.reason).toContain("wrong key: (redacted), they say");
  expect(settled.map((settlement) => settlement.status)).toEqual(["failed"]);
});

test("a probe that a bug ends is settled as failed all the same, and the bug is told", async () => {
  const bug = new TypeError("undefined is not a function");
  const { probing, promised, settled } = probe({ send: () => Promise.reject(bug) });
  expect(await rejection(probing)).toBe(bug);
  expect(settled.map(({ intent }) => intent.requestId)).toEqual(promised);
  expect(settled).toMatchObject([{ status: "failed", errorCode: "INTERNAL_ERROR", delivered: false }]);
});

test("a probe is cut off by a stop, before it begins and while it waits, and settled", async () => {
  const silent: Upstream = {
    send: ({ controller: { signal } }) =>
      new Promise((_, reject) => {
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  };
  const stop = new AbortController();
  const waiting = probe(silent, stop.signal);
  stop.abort(new Error("stops"));
  const late = probe(silent, stop.signal);
  for (const { probing, promised, settled } of [waiting, late]) {
    expect(String(await rejection(probing))).toContain("stops");
    expect(settled.map(({ intent }) => intent.requestId)).toEqual(promised);
    expect(settled).toMatchObject([{ status: "failed", errorCode: "INTERNAL_ERROR" }]);
  }
});
