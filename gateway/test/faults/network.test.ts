import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NETWORK } from "./catalogue/connections.ts";
import { describeWith } from "../parts.ts";

const SCRIPT = join(import.meta.dir, "network/namespace.sh");
const INSIDE = join(import.meta.dir, "network/inside.ts");
const RESOLV_CONF = "nameserver 127.0.0.53\noptions timeout:1 attempts:1\n";
const RUN_MS_MAX = 120_000;

const folder = mkdtempSync(join(tmpdir(), "scaigrid-network-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const resolvConf = join(folder, "resolv.conf");
writeFileSync(resolvConf, RESOLV_CONF);

/** A command in namespaces of its own: no right of root is needed where the system lets users have them. */
function inNamespaces(command: readonly string[]): string[] {
  return ["unshare", "--map-root-user", "--mount", "--net", "sh", SCRIPT, resolvConf, ...command];
}

function canHaveNamespaces(): true | undefined {
  if (Bun.which("unshare") === null || Bun.which("ip") === null) return undefined;
  return Bun.spawnSync(inNamespaces(["true"])).success ? true : undefined;
}

describeWith(
  canHaveNamespaces(),
  "unshare and ip, and a system that lets users have namespaces",
  NETWORK.title,
  () => {
    test(
      "every case, in a network where they can happen",
      async () => {
        const command = [process.execPath, "test", "--no-orphans", "--timeout=30000", INSIDE];
        const child = Bun.spawn(inNamespaces(command), { stderr: "pipe", timeout: RUN_MS_MAX });
        const output = await new Response(child.stderr).text();
        const cases = NETWORK.faults.reduce((sum, fault) => sum + fault.cases.length, 0);
        const passed = Number(/^ *(\d+) pass$/m.exec(output)?.[1] ?? 0);
        if (child.exitCode !== 0 || passed < cases) console.error(output);
        expect(await child.exited).toBe(0);
        expect(passed).toBeGreaterThanOrEqual(cases);
      },
      RUN_MS_MAX,
    );
  },
);
