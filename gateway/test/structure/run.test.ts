import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { completedEnvironment, RUNTIME_ENVIRONMENT } from "../../src/main/runtime-environment.ts";

const REPOSITORY = resolve(import.meta.dir, "../../..");
const LOCKED = {
  packages: { "node_modules/a": { version: "1.0.0" }, "node_modules/b": { version: "2.0.0", dev: true } },
};
/** Stands in for the gateway: says how it was started, then does what its first argument says. */
const MAIN = `
const { NODE_ENV, ${Object.keys(RUNTIME_ENVIRONMENT).join(", ")} } = process.env;
for (const name of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(name, () => process.exit(40));
console.log(JSON.stringify({ pid: process.pid, args: process.argv.slice(2), cwd: process.cwd(), NODE_ENV, ${Object.keys(RUNTIME_ENVIRONMENT).join(", ")} }));
if (process.argv[2] === "exit") process.exit(Number(process.argv[3]));
if (process.argv[2] === "die") process.kill(process.pid, "SIGKILL");
if (process.argv[2] === "wait") setInterval(() => {}, 60_000);
`;
/** Stands in for what builds the program. */
const BUILD = `
import { cpSync, mkdirSync } from "node:fs";
const root = import.meta.dir + "/..";
mkdirSync(root + "/gateway/dist", { recursive: true });
cpSync(root + "/gateway/src/main.ts", root + "/gateway/dist/main.js", { preserveTimestamps: false });
`;
/** Stands in for npm: notes that it ran and writes what \`npm ci\` leaves behind. */
const NPM = `
const { appendFileSync, writeFileSync, mkdirSync } = require("node:fs");
appendFileSync("npm-runs", process.argv.slice(2).join(" ") + "\\n");
if (process.env.NPM_FAILS) process.exit(9);
const { packages } = JSON.parse(require("node:fs").readFileSync("package-lock.json", "utf8"));
const all = process.argv.includes("--include=dev");
const installed = Object.fromEntries(Object.entries(packages).filter(([, entry]) => all || !entry.dev));
setTimeout(() => writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages: installed })), 300);
`;

let home = "";
let elsewhere = "";
let count = 0;

/** A repository with nothing installed but Bun, in a folder with a blank in its name. */
function repository(installed: object | undefined): string {
  const root = join(home, `a repository ${count++}`);
  for (const folder of ["scripts", "gateway/src", "node_modules/bun/bin"])
    mkdirSync(join(root, folder), { recursive: true });
  cpSync(join(REPOSITORY, "scripts/run.mjs"), join(root, "scripts/run.mjs"));
  symlinkSync(process.execPath, join(root, "node_modules/bun/bin/bun.exe"));
  const files = {
    "bunfig.toml": "",
    "package.json": "{}",
    "package-lock.json": JSON.stringify(LOCKED),
    "scripts/build-program.ts": BUILD,
    "gateway/src/main.ts": MAIN,
    "scripts/tool.ts": MAIN,
    "npm-cli.cjs": NPM,
    ...(installed && { "node_modules/.package-lock.json": JSON.stringify(installed) }),
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  return root;
}

function start(root: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const { NODE_ENV: _mode, CI: _ci, ...env } = process.env;
  for (const name of Object.keys(RUNTIME_ENVIRONMENT)) delete env[name];
  return Bun.spawn(["node", join(root, "scripts/run.mjs"), ...args], {
    cwd: elsewhere,
    env: { ...env, npm_execpath: join(root, "npm-cli.cjs"), ...more },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function npmRuns(root: string): Promise<string[]> {
  const path = join(root, "npm-runs");
  return existsSync(path) ? (await Bun.file(path).text()).trim().split("\n") : [];
}

async function told(child: ReturnType<typeof start>): Promise<Record<string, unknown>> {
  const { value } = await child.stdout.getReader().read();
  return JSON.parse(new TextDecoder().decode(value));
}

/** Whether a process ends within the test's own time limit. */
async function ends(pid: number): Promise<boolean> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await Bun.sleep(10);
  }
}

beforeAll(() => {
  home = mkdtempSync(join(realpathSync(tmpdir()), "scaigrid-run-"));
  elsewhere = join(home, "elsewhere");
  mkdirSync(elsewhere);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test("what the runtime is to be told is completed, and nothing that is said already replaced", () => {
  expect(completedEnvironment(RUNTIME_ENVIRONMENT)).toBeUndefined();
  const given = { PATH: "/bin", BUN_CONFIG_MAX_HTTP_REQUESTS: "300" };
  expect(completedEnvironment(given)).toEqual({ ...RUNTIME_ENVIRONMENT, ...given });
});

describe("starting", () => {
  test("the gateway gets its arguments, the caller's folder and its environment", async () => {
    const child = start(repository(LOCKED), ["exit", "0", "a b", "--json"]);
    expect(await told(child)).toMatchObject({
      args: ["exit", "0", "a b", "--json"],
      cwd: elsewhere,
      NODE_ENV: "production",
      ...RUNTIME_ENVIRONMENT,
    });
    expect(await child.exited).toBe(0);
  });

  test("what the environment already says stays", async () => {
    const child = start(repository(LOCKED), ["exit", "0"], {
      NODE_ENV: "test",
      BUN_CONFIG_MAX_HTTP_REQUESTS: "300",
    });
    expect(await told(child)).toMatchObject({ NODE_ENV: "test", BUN_CONFIG_MAX_HTTP_REQUESTS: "300" });
  });

  test("a script is found from the repository, whatever the caller's folder", async () => {
    const child = start(repository(LOCKED), ["--script", "scripts/tool.ts", "exit", "0"]);
    expect(await told(child)).toMatchObject({ args: ["exit", "0"], cwd: elsewhere });
  });
});

describe("ending", () => {
  test("the exit code is passed on", async () => {
    expect(await start(repository(LOCKED), ["exit", "23"]).exited).toBe(23);
  });

  test("a death by signal is 128 + its number", async () => {
    const child = start(repository(LOCKED), ["die"]);
    const code = await child.exited;
    expect(child.signalCode === "SIGKILL" ? 137 : code).toBe(137);
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "%s reaches the gateway, and its answer comes back",
    async (signal) => {
      const child = start(repository(LOCKED), ["wait"]);
      const { pid } = await told(child);
      child.kill(signal);
      expect(await child.exited).toBe(40);
      expect(await ends(Number(pid))).toBe(true);
    },
  );

  test("no process is left behind when the wrapper is killed", async () => {
    const child = start(repository(LOCKED), ["wait"]);
    const { pid } = await told(child);
    child.kill("SIGKILL");
    await child.exited;
    expect(await ends(Number(pid))).toBe(true);
  });
});

describe("installing", () => {
  test("nothing is installed when everything is there", async () => {
    const root = repository(LOCKED);
    await start(root, ["--script", "scripts/tool.ts", "exit", "0"]).exited;
    expect(await npmRuns(root)).toEqual([]);
  });

  test("two first starts at once install once, for production only, and both run", async () => {
    const root = repository(undefined);
    const children = [start(root, ["exit", "0"]), start(root, ["exit", "0"])];
    expect(await Promise.all(children.map((child) => child.exited))).toEqual([0, 0]);
    expect(await npmRuns(root)).toEqual([expect.stringMatching(/^ci --omit=dev /)]);
    const notes = await Promise.all(children.map((child) => child.stderr.text()));
    expect(notes.join("")).toBe("Installing dependencies (once)…\n");
  });

  test("a script adds the development packages, after which the gateway needs nothing", async () => {
    const root = repository({ packages: { "node_modules/a": { version: "1.0.0" } } });
    await start(root, ["exit", "0"]).exited;
    expect(await npmRuns(root)).toEqual([]);
    await start(root, ["--script", "scripts/tool.ts", "exit", "0"]).exited;
    await start(root, ["exit", "0"]).exited;
    expect(await npmRuns(root)).toEqual([expect.stringMatching(/^ci --include=dev /)]);
  });

  test("another version in the lock file is installed", async () => {
    const root = repository({ packages: { "node_modules/a": { version: "0.9.0" } } });
    expect(await start(root, ["exit", "0"]).exited).toBe(0);
    expect(await npmRuns(root)).toHaveLength(1);
  });

  test("a lock whose owner is gone does not block", async () => {
    const root = repository(undefined);
    const gone = start(repository(LOCKED), ["exit", "0"]);
    await gone.exited;
    mkdirSync(join(root, ".cache"));
    writeFileSync(join(root, ".cache/install.lock"), String(gone.pid));
    expect(await start(root, ["exit", "0"]).exited).toBe(0);
  });

  test("a failed installation says what to do", async () => {
    const root = repository(undefined);
    const child = start(root, ["exit", "0"], { NPM_FAILS: "1" });
    expect(await child.exited).toBe(1);
    expect(await child.stderr.text()).toContain(`run "npm ci" in ${root}`);
    expect(existsSync(join(root, ".cache/install.lock"))).toBe(false);
  });
});
