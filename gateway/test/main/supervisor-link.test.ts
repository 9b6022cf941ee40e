import { expect, test } from "bun:test";
import { join } from "node:path";

const LATE_LISTENER = join(import.meta.dir, "late-listener.ts");
const ROLE = { type: "role", index: 1, processes: 2, isFirst: true, operatorKey: "key" };

test("a process whose supervisor ends while it starts ends as soon as it can", async () => {
  const child = Bun.spawn([process.execPath, LATE_LISTENER], {
    stdio: ["ignore", "pipe", "inherit"],
    ipc: () => undefined,
  });
  try {
    child.send(ROLE);
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe("opened\n");
    child.disconnect();
    expect((await reader.read()).value).toBe("SIGTERM\n");
    expect(await child.exited).toBe(0);
  } finally {
    child.kill("SIGKILL");
  }
}, 20_000);
