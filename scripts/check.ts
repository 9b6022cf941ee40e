/** The static checks: `npm run check`. Each prints its name, time and result; one failure fails all. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { formatCommand } from "./formatting.ts";
import { madeOnce, ROOT, run } from "./repository.ts";
import type { Outcome } from "./repository.ts";

const CHECK_MS_MAX = 300_000;
const INSTALL_MS_MAX = 300_000;
/** Not among the development dependencies: their lock entries lack the binaries of other platforms. */
const LINTER = { oxlint: "1.92.0", "oxlint-tsgolint": "7.0.2006" } as const;
const LINTED = ["gateway", "scripts", "bench", "examples", "ui"];

const bun = process.execPath;
const limit = { timeoutMs: CHECK_MS_MAX };

async function lint(): Promise<Outcome> {
  const versions = Object.entries(LINTER).map(([name, version]) => `${name}@${version}`);
  const folder = await madeOnce(`lint-${LINTER.oxlint}-${LINTER["oxlint-tsgolint"]}`, async (draft) => {
    console.log(`Installing ${versions.join(" and ")} (once)…`);
    const flags = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    const install = await run(["npm", "install", ...flags, "--prefix", draft, ...versions], {
      timeoutMs: INSTALL_MS_MAX,
    });
    if (!install.ok) throw new Error(`npm could not install the linter: ${install.output.trim()}`);
  });
  const bin = join(folder, "node_modules", ".bin");
  const folders = LINTED.filter((name) => existsSync(join(ROOT, name)));
  return run([join(bin, "oxlint"), "--type-aware", "--deny-warnings", "--format=unix", ...folders], {
    ...limit,
    env: { OXLINT_TSGOLINT_PATH: join(bin, "tsgolint") },
  });
}

const CHECKS: Readonly<Record<string, () => Promise<Outcome>>> = {
  types: () => run([bun, "check", "--no-script"], limit),
  "ui types": () => run([bun, "check", "--no-script", "--project", "ui"], limit),
  format: () => run(formatCommand(["--check"]), limit),
  lint,
  structure: () => run([bun, join("scripts", "structure.ts")], limit),
  ...(existsSync(join(ROOT, "scripts", "docs.ts")) && {
    docs: () => run([bun, join("scripts", "docs.ts"), "--check"], limit),
  }),
};

async function check(name: string, start: () => Promise<Outcome>): Promise<boolean> {
  const startedMs = performance.now();
  const { ok, output } = await start().catch((error: unknown) => ({ ok: false, output: String(error) }));
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${ok ? "pass" : "FAIL"}  ${name.padEnd(10)} ${seconds} s`);
  if (!ok) console.log(output.trim().replace(/^/gm, "      "));
  return ok;
}

const results = await Promise.all(Object.entries(CHECKS).map(([name, start]) => check(name, start)));
const failed = results.filter((ok) => !ok).length;
if (failed > 0) console.log(`${failed} of ${results.length} checks failed`);
process.exitCode = failed > 0 ? 1 : 0;
