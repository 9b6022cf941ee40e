import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, readdirSync } from "node:fs";
import { type Socket, connect } from "node:net";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { FakeProcess } from "./fake-process.ts";
import { readLedger } from "./records.ts";

const READERS = 200;
const WARM_UP = 5;
const ALL_MB_MAX = 450;
/** What each may hold. Of a single one the collector's leftovers (20 MB) say more than its buffers. */
const EACH_MB_MAX = 2;
/** Seconds after which one who reads nothing is cut, and the runtime's timers may take 4 more. */
const CUT_AFTER_SECONDS = 60;
const CUT_SECONDS_MAX = 75;
const TEST_MS_MAX = 180_000;
const LOOK_MS = 250;

/** Megabytes that a process holds. */
function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** Connections and files that a process has open. */
function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

describe("callers who ask for an endless stream and read nothing", () => {
  let fake: FakeProcess;
  let gateway: Gateway;
  let model = "";
  const sockets: Socket[] = [];
  beforeAll(async () => {
    fake = await FakeProcess.start();
    gateway = await startGateway({ env: { SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0" } });
    ({ slug: model } = await addFakeBackend(gateway, fake, { timeouts: { total: 3_600_000 } }));
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await fake.stop();
    await gateway.dispose();
  });

  /** Sends a call and never reads: the kernel's buffers fill, then ours, and then the upstream has to wait. */
  async function stall(label: string): Promise<void> {
    const body = JSON.stringify({
      model,
      stream: true,
      fake: "fake-ok?tokens=1000000000",
      messages: [{ role: "user", content: label }],
      metadata: { label },
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1", resolve).pause();
    socket.on("error", reject);
    sockets.push(socket);
    await promise;
    socket.write(
      `POST /v1/inference/chat HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${gateway.firstKey}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  async function metric(name: string): Promise<number> {
    const { text } = await gateway.api("GET", "/metrics");
    return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? Number.NaN);
  }

  /** Waits till the process grows no more; its size, in megabytes. */
  async function settledMb(streams: number): Promise<number> {
    let highest = 0;
    for (let quiet = 0; quiet < 8; quiet++) {
      await Bun.sleep(LOOK_MS);
      const now = residentMb(gateway.pid);
      if (now > highest + 1 || (await metric("scaigrid_streams_open")) < streams) quiet = 0;
      highest = Math.max(highest, now);
    }
    return highest;
  }

  test(
    `hold at most ${EACH_MB_MAX} MB each, ${READERS} stay under ${ALL_MB_MAX} MB, and all are cut after ${CUT_AFTER_SECONDS} s`,
    async () => {
      // What the first streams bring into memory stays there: code, pools, the runtime's own buffers.
      for (let n = 0; n < WARM_UP; n++) {
        const body = { model, fake: "fake-ok?tokens=20000", messages: [{ role: "user", content: "warm" }] };
        expect(
          (await (await gateway.chatStream({ ...body, metadata: { label: `warm-${n}` } })).end()).doneCount,
        ).toBe(1);
      }
      const base = await settledMb(0);
      const baseDescriptors = descriptors(gateway.pid);
      await stall("stalled-0");
      const one = (await settledMb(1)) - base;
      const startedMs = performance.now();
      await Promise.all(Array.from({ length: READERS - 1 }, (_, n) => stall(`stalled-${n + 1}`)));
      const all = await settledMb(READERS);
      console.log(
        `stalled readers: base ${base.toFixed(0)} MB, one +${one.toFixed(1)} MB, ${READERS}: ${all.toFixed(0)} MB, ` +
          `${((all - base) / READERS).toFixed(2)} MB each`,
      );
      expect(all).toBeLessThan(ALL_MB_MAX);
      expect((all - base) / READERS).toBeLessThan(EACH_MB_MAX);
      expect(await metric("scaigrid_streams_open")).toBe(READERS);

      while ((await metric("scaigrid_streams_open")) > 0) {
        const seconds = (performance.now() - startedMs) / 1000;
        if (seconds > CUT_SECONDS_MAX + 30) throw new Error("stalled readers are not cut");
        await Bun.sleep(LOOK_MS);
      }
      const cutSeconds = (performance.now() - startedMs) / 1000;
      console.log(`stalled readers: the last was cut ${cutSeconds.toFixed(0)} s after it began`);
      expect(cutSeconds).toBeGreaterThan(CUT_AFTER_SECONDS - 5);
      await fake.untilNoConnection();
      const ledger = readLedger(gateway.dataDir);
      expect(ledger.intents).toBe(0);
      expect(ledger.usage.size).toBe(READERS + WARM_UP);
      for (const [label, records] of ledger.usage) expect([label, records.length]).toEqual([label, 1]);
      expect(await metric("scaigrid_inference_in_flight")).toBe(0);
      expect(descriptors(gateway.pid)).toBeLessThanOrEqual(baseDescriptors + 10);
    },
    TEST_MS_MAX,
  );
});
