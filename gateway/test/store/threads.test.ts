import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { poll } from "../durability/poll.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { describeWith } from "../parts.ts";

/** The 17th field after the name, as of proc(5). */
const NICE = 16;

/** By thread. The first is the one that the event loop runs on. */
function nicenessOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[NICE]);
  });
}

describeWith(existsSync("/proc/self/task") || undefined, "a /proc with threads", "threads", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.dispose());

  test("those that read and move the log run behind the one that serves", async () => {
    // A report: its thread is started by the first one.
    expect((await gateway.api("GET", "/v1/accounting/usage")).status).toBe(200);
    const wanted = gateway.databaseUrl === undefined ? [5, 10] : [5];
    await poll("no thread runs behind the others", () => {
      const niceness = nicenessOf(gateway.pid);
      return wanted.every((nice) => niceness.includes(nice));
    });
    expect(nicenessOf(gateway.pid)[0]).toBe(0);
  });
});
