import { expect, test } from "bun:test";

async function run(
  scenario: string,
  env: Record<string, string>,
): Promise<{ output: unknown; code: number }> {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/child.ts`, scenario], {
    stdout: "pipe",
    stderr: "inherit",
    env: { ...process.env, ...env },
    timeout: 15_000,
  });
  const text = await new Response(child.stdout).text();
  return { code: await child.exited, output: JSON.parse(text) };
}

test("300 calls hanging at a silent host do not keep another host from being called", async () => {
  const { output } = await run("silent-host", { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535" });
  expect(output).toEqual({ hanging: 300, answered: 10, left: 0 });
}, 20_000);

test("closed calls leave nothing that keeps the process alive", async () => {
  const from = performance.now();
  const { output, code } = await run("timers", {});
  expect(output).toEqual({ pending: "ended" });
  expect(code).toBe(0);
  expect(performance.now() - from).toBeLessThan(5_000);
}, 20_000);
