import { expect, test } from "bun:test";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { startGateway } from "../harness/gateway.ts";
import { describeWith } from "../parts.ts";

const LIST = "/proc/self/task";
/** A gateway looks twice a second, first when it has told that it runs. */
const WAIT_MS = 5_000;

/** Field 19 of a `stat` file of proc(5). The name in field 2 may contain spaces. */
function niceOf(path: string): number {
  const text = readFileSync(path, "latin1");
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[16]);
}

/** How far the threads of a name are behind the event loop, each distance once. */
function behind(pid: number, name: string): number[] {
  const threads = `/proc/${pid}/task`;
  const own = niceOf(`${threads}/${pid}/stat`);
  const named = readdirSync(threads).filter(
    (id) => readFileSync(`${threads}/${id}/comm`, "utf8").trim() === name,
  );
  return [...new Set(named.map((id) => niceOf(`${threads}/${id}/stat`) - own))];
}

describeWith(existsSync(LIST) || undefined, `no ${LIST}`, "the threads of a gateway", () => {
  test("run behind its event loop: closely the HTTP client, further what no call waits for", async () => {
    const gateway = await startGateway();
    try {
      const most = 19 - niceOf(`/proc/${gateway.pid}/stat`);
      const found = () => ({
        client: behind(gateway.pid, "HTTP Client"),
        workers: behind(gateway.pid, "Worker"),
      });
      const wanted = { client: [Math.min(most, 3)], workers: [Math.min(most, 5)] };
      const deadline = performance.now() + WAIT_MS;
      while (!Bun.deepEquals(found(), wanted) && performance.now() < deadline) await Bun.sleep(50);
      expect(found()).toEqual(wanted);
    } finally {
      await gateway.dispose();
    }
  });
});
