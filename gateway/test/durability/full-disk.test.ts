import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { mintTestKey } from "../harness/keys.ts";
import { pick } from "../harness/json.ts";

const MESSAGES = [{ role: "user", content: "x".repeat(4_000) }];
const ENV = {
  SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0",
  SCAIGRID_SANDBOX_TOKEN_MS: "0",
};
/** 1 kB blocks that no file may outgrow: a little more than a fresh store has. */
const FILE_BLOCKS = 2_500;
const CALLS_AT_ONCE = 25;
const CALLS_MAX = 20_000;
const STREAMS = 5;

/**
 * The files of the first process cannot grow beyond a limit, as on a full disk; those of the second can. The signal
 * that the system sends for it is ignored, so that writes fail as they do on a full disk.
 */
const LIMITED = ["bash", "-c", `trap '' XFSZ; ulimit -f ${FILE_BLOCKS}; exec "$@"`, "limited"];

describe("a journal whose disk is full", () => {
  let fake: FaultUpstream;
  let folder = "";
  let limited: Gateway;
  let free: Gateway | undefined;
  const node = { adminKey: mintTestKey() };
  beforeAll(async () => {
    fake = new FaultUpstream();
    folder = await mkdtemp(join(tmpdir(), "scaigrid-full-"));
    limited = await startGateway({ dataDir: folder, env: ENV, prefix: LIMITED, node });
  });
  afterAll(async () => {
    await limited.dispose().catch(() => undefined);
    await free?.dispose();
    fake.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("takes no new work, ends what is under way honestly, and has everything once there is room", async () => {
    const { slug } = await addFakeBackend(limited, fake, {
      plans: ["fake-ok?tokens=8&gate=room&gate_after=2"],
    });
    const streams = await Promise.all(
      Array.from({ length: STREAMS }, () => limited.chatStream({ model: slug, messages: MESSAGES })),
    );
    for (const stream of streams) await stream.nextContent();

    const answered: string[] = [];
    let refused = 0;
    while (refused === 0 && answered.length < CALLS_MAX) {
      const replies = await Promise.all(
        Array.from({ length: CALLS_AT_ONCE }, () =>
          limited.api("POST", "/v1/inference/chat", {
            key: limited.firstKey,
            body: {
              model: "scailabs/poolnoodle-omni",
              messages: MESSAGES,
              metadata: { note: "n".repeat(500) },
            },
          }),
        ),
      );
      for (const reply of replies) {
        const id = reply.headers.get("x-scaigrid-request-id") ?? "";
        if (reply.status === 200) answered.push(id);
        else {
          refused++;
          expect([reply.status, pick(reply.body, "error.code")]).toEqual([503, "DEPENDENCY_UNAVAILABLE"]);
        }
      }
    }
    expect(refused).toBeGreaterThan(0);
    expect(answered.length).toBeGreaterThan(0);

    fake.gates.open("room");
    const ends = await Promise.all(streams.map((stream) => stream.end()));
    // An answer that could not be recorded is no whole one.
    for (const { doneCount, broken } of ends) expect([doneCount, broken]).toEqual([1, false]);
    await limited.kill();

    free = await startGateway({ dataDir: folder, env: { ...ENV, ...storeOf(limited) }, node });
    const records = new Map<string, string[]>();
    let cursor = "";
    do {
      const page = await free.api("GET", `/v1/accounting/usage?limit=1000${cursor}`);
      const items = pick(page.body, "data.items");
      for (const item of Array.isArray(items) ? items : []) {
        const id = String(pick(item, "request_id"));
        records.set(id, [...(records.get(id) ?? []), String(pick(item, "status"))]);
      }
      const next = pick(page.body, "pagination.next_cursor");
      cursor = typeof next === "string" ? `&cursor=${encodeURIComponent(next)}` : "";
    } while (cursor !== "");
    expect(answered.filter((id) => records.get(id)?.join() !== "completed")).toEqual([]);
    for (const [n, { requestId }] of streams.entries()) {
      const isWhole = ends[n]?.error === undefined;
      const [status, ...more] = records.get(requestId) ?? [];
      expect(more).toEqual([]);
      expect(isWhole ? ["completed"] : ["failed", "interrupted"]).toContain(String(status));
    }
  }, 60_000);
});

function storeOf({ databaseUrl }: Gateway): Record<string, string> {
  return databaseUrl === undefined ? {} : { SCAIGRID_DATABASE_URL: databaseUrl };
}
