import { expect, test } from "bun:test";
import type { Settlement } from "../../src/core/accounting.ts";
import { openaiChat } from "../../src/dialects/openai-chat/openai-chat.ts";
import { probeBackend } from "../../src/jobs/probe-backend.ts";
import { Unsettled } from "../../src/settlement/unsettled.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import { AT } from "../store/samples.ts";
import { callOf } from "../upstream/support.ts";

/** Like no key of a known provider. */
const KEY = "our own key of the cluster";

/** Probes a backend whose provider answers like this, and gives what was told of it. */
async function probed(status: number, body: object) {
  const { backend, provider } = callOf();
  const snapshot = new Snapshot();
  snapshot.apply({ kind: "provider", id: provider.id, value: { provider, credentials: { apiKey: KEY } } });
  snapshot.apply({ kind: "backend", id: backend.id, value: { backend, credentials: {} } });
  const settled: Settlement[] = [];
  const reply = {
    status,
    headers: {},
    read: () => Promise.resolve(undefined),
    readText: () => Promise.resolve(JSON.stringify(body)),
    contentSeen: () => undefined,
    close: () => undefined,
  };
  const told = await probeBackend(backend, provider, {
    clock: { now: () => AT, monotonic: () => 0 },
    snapshot,
    upstream: { send: () => Promise.resolve(reply) },
    dialects: new Map([[openaiChat.name, openaiChat]]),
    journal: {
      intend: () => Promise.resolve(),
      settle: (settlement) => Promise.resolve(void settled.push(settlement)),
    },
    unsettled: new Unsettled(),
  });
  return { told, settled };
}

test.each([
  ["with a status", 401],
  ["in an answer", 200],
])("a probe tells nobody of the key that its provider quotes: %s", async (_how, status) => {
  const { told, settled } = await probed(status, { error: { message: `wrong key: ${KEY}, they say` } });
  expect(told?.fault?.reason).toContain("wrong key: (redacted), they say");
  expect(settled.map((settlement) => settlement.status)).toEqual(["failed"]);
});
