import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../repository.ts";

const READY_MS_MAX = 30_000;
const READY_POLL_MS = 50;
const STOP_MS_MAX = 5_000;
const STEP_MS_MAX = 60_000;
const INSTALL_MS_MAX = 600_000;
const PORT_FIRST = 20_000;
const PORT_LAST = 32_000;
const PORT_TRIES_MAX = 20;
/** The server refuses to run as root. */
const SERVER_USER = "nobody";

/** A throw-away PostgreSQL server. */
export interface Postgres {
  readonly url: string;
  /** Ends the server and removes all of it. */
  stop(): Promise<void>;
  /** Stops the server as an administrator does for a restart: connections are cut, the data stays. */
  down(): Promise<void>;
  /** Starts it again, on the same port. */
  up(): Promise<void>;
  /** Keeps a copy of all it has, while it is down. */
  save(): Promise<void>;
  /** Puts that copy in its place, while it is down: what was committed since is lost. */
  setBack(): Promise<void>;
  /** Halts every process of the server in the middle of whatever it does, until it is thawed. */
  freeze(): void;
  thaw(): void;
}

/** Starts a server in a temporary folder. Throws with the reason where that is impossible. */
export async function startPostgres(): Promise<Postgres> {
  const bin = findBin() ?? (await installWithApt());
  const folder = mkdtempSync(join(tmpdir(), "scaigrid-postgres-"));
  const data = join(folder, "data");
  try {
    const user = await serverUser(folder);
    const init = await run(
      [...user, join(bin, "initdb"), "-A", "trust", "-U", "app", "-E", "UTF8", "--no-sync", "-D", data],
      {
        timeoutMs: STEP_MS_MAX,
        env: { LC_ALL: "C.UTF-8" },
      },
    );
    if (!init.ok) throw new Error(`initdb failed: ${init.output.trim()}`);
    return await serve(user, bin, folder, data);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function findBin(): string | undefined {
  const newestFirst = [...new Bun.Glob("/usr/lib/postgresql/*/bin/initdb").scanSync({ absolute: true })].sort(
    (a, b) => versionOf(b) - versionOf(a),
  );
  const found = newestFirst[0] ?? Bun.which("initdb");
  return found === null ? undefined : dirname(found);
}

function versionOf(path: string): number {
  return Number(/postgresql\/(\d+)/.exec(path)?.[1] ?? 0);
}

async function installWithApt(): Promise<string> {
  if (process.getuid?.() !== 0 || Bun.which("apt-get") === null)
    throw new Error("PostgreSQL is not installed");
  console.error("Installing PostgreSQL (once)…");
  await run(["apt-get", "update"], { timeoutMs: INSTALL_MS_MAX });
  const install = await run(["apt-get", "install", "-y", "--no-install-recommends", "postgresql"], {
    timeoutMs: INSTALL_MS_MAX,
    env: { DEBIAN_FRONTEND: "noninteractive" },
  });
  const bin = findBin();
  if (!install.ok || bin === undefined)
    throw new Error(`apt-get failed: ${install.output.trim().slice(-500)}`);
  return bin;
}

/** The words before a command that run it as the server's user, which also gets the folder. */
async function serverUser(folder: string): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return [];
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map(async (flag) =>
      Number((await run(["id", flag, SERVER_USER], { timeoutMs: STEP_MS_MAX })).output),
    ),
  );
  if (!uid || !gid) throw new Error(`there is no user ${SERVER_USER} to run the server`);
  chownSync(folder, uid, gid);
  // With setpriv the server also learns of our death by SIGKILL; runuser cannot pass that on.
  return Bun.which("setpriv") === null
    ? ["runuser", "-u", SERVER_USER, "--"]
    : ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--pdeathsig=INT", "--"];
}

async function serve(user: readonly string[], bin: string, folder: string, data: string): Promise<Postgres> {
  const port = await freePort();
  const start = (): Promise<Bun.Subprocess> => startServer(user, bin, folder, data, port);
  let server = await start();
  const down = async (): Promise<void> => {
    signalTree(server.pid, "SIGCONT");
    server.kill("SIGINT");
    await Promise.race([server.exited, Bun.sleep(STOP_MS_MAX)]);
    server.kill("SIGQUIT");
    await server.exited;
  };
  return {
    url: `postgres://app@127.0.0.1:${port}/postgres`,
    down,
    async up() {
      server = await start();
    },
    save: () => copy(data, `${data}-saved`),
    setBack: () => copy(`${data}-saved`, data),
    freeze: () => signalTree(server.pid, "SIGSTOP"),
    thaw: () => signalTree(server.pid, "SIGCONT"),
    async stop() {
      await down();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function copy(from: string, to: string): Promise<void> {
  rmSync(to, { recursive: true, force: true });
  // With owners and modes: the server refuses a folder that others may read.
  const done = await run(["cp", "-a", from, to], { timeoutMs: STEP_MS_MAX });
  if (!done.ok) throw new Error(`${from} could not be copied: ${done.output.trim()}`);
}

/** Starts the server process and waits until it takes connections. Throws with what it said when it does not. */
async function startServer(
  user: readonly string[],
  bin: string,
  folder: string,
  data: string,
  port: number,
): Promise<Bun.Subprocess> {
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    fsync: "off",
    full_page_writes: "off",
    max_connections: "200",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const log = Bun.file(join(folder, "log"));
  await log.write("");
  const server = Bun.spawn([...user, join(bin, "postgres"), "-D", data, ...flags], {
    cwd: folder,
    stdin: "ignore",
    stdout: log,
    stderr: log,
  });
  const ready = [join(bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", String(port)];
  const deadline = Date.now() + READY_MS_MAX;
  while (!(await run(ready, { timeoutMs: STEP_MS_MAX })).ok) {
    if (server.exitCode !== null || Date.now() > deadline) {
      server.kill("SIGQUIT");
      await server.exited;
      throw new Error(`the server did not start: ${(await log.text()).trim().slice(-500)}`);
    }
    await Bun.sleep(READY_POLL_MS);
  }
  return server;
}

/** Signals a process and everything it has started. */
function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const each of [pid, ...childrenOf(pid)]) {
    try {
      process.kill(each, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

function childrenOf(pid: number): number[] {
  const found: number[] = [];
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    let text: string;
    try {
      text = readFileSync(join("/proc", name, "stat"), "utf8");
    } catch {
      // It has ended meanwhile.
      continue;
    }
    // `pid (command) state parent …`: the command may hold blanks and brackets.
    const parent = Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
    const child = Number.parseInt(text, 10);
    if (parent === pid) found.push(child, ...childrenOf(child));
  }
  return found;
}

async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < PORT_TRIES_MAX; attempt++) {
    const port = PORT_FIRST + Math.floor(Math.random() * (PORT_LAST - PORT_FIRST));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${PORT_FIRST} and ${PORT_LAST} in ${PORT_TRIES_MAX} tries`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", () => done(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => done(true)));
  });
}
