import { expect, test } from "bun:test";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { startGateway } from "../harness/gateway.ts";
import { describeWith } from "../parts.ts";

const LIST = "/proc/self/task";

/** Field 19 of a `stat` file of proc(5). The name in field 2 may contain spaces. */
function niceOf(path: string): number {
  const text = readFileSync(path, "latin1");
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[16]);
}

describeWith(existsSync(LIST) || undefined, `no ${LIST}`, "the threads of a gateway", () => {
  test("its HTTP client runs behind its event loop", async () => {
    const gateway = await startGateway();
    try {
      const threads = `/proc/${gateway.pid}/task`;
      const found = readdirSync(threads).find(
        (id) => readFileSync(`${threads}/${id}/comm`, "utf8").trim() === "HTTP Client",
      );
      const own = niceOf(`${threads}/${gateway.pid}/stat`);
      expect(niceOf(`${threads}/${found}/stat`)).toBe(Math.min(19, own + 3));
    } finally {
      await gateway.dispose();
    }
  });
});
