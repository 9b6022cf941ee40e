import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Output } from "../harness/output.ts";

const REPOSITORY = resolve(import.meta.dir, "../../..");
const STOP_MS_MAX = 20_000;
/** What npm and the tests' own start leave in the environment, and a newcomer's shell does not have. */
const NOT_INHERITED = /^(?:npm_|SCAIGRID_|NODE_ENV$|BUN_|INIT_CWD$|CI$)/;
/** Where packages come from on this machine. */
const OF_THE_MACHINE = /^npm_config_(?:registry|cache|userconfig)$/i;

/** The environment of a newcomer's shell on this machine. */
function shellEnvironment(more: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => OF_THE_MACHINE.test(name) || !NOT_INHERITED.test(name),
  );
  const env: Record<string, string> = {
    npm_config_update_notifier: "false",
    npm_config_prefer_offline: "true",
  };
  for (const [name, value] of kept) if (value !== undefined) env[name] = value;
  return { ...env, ...more };
}

/** A clone of the repository as it stands, uncommitted files included, in a folder of its own. */
export class RepositoryCopy {
  readonly root: string;

  /** `installed`: with the packages of this checkout; otherwise as fresh as a clone. */
  constructor(installed: boolean) {
    this.root = mkdtempSync(join(realpathSync(tmpdir()), "scaigrid-clone-"));
    const list = ["git", "-C", REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const files = Bun.spawnSync(list).stdout.toString().split("\0");
    for (const file of files) {
      const from = join(REPOSITORY, file);
      // A link to the packages is no folder, and so not ignored.
      if (file === "" || file === "node_modules" || !existsSync(from)) continue;
      mkdirSync(dirname(join(this.root, file)), { recursive: true });
      cpSync(from, join(this.root, file));
    }
    if (installed) symlinkSync(join(REPOSITORY, "node_modules"), join(this.root, "node_modules"));
  }

  get dataDir(): string {
    return join(this.root, "data");
  }

  /** `npm start`, in a process group of its own as a terminal would give it. */
  npmStart(env: Readonly<Record<string, string>> = {}): NpmStart {
    return new NpmStart(this.root, shellEnvironment({ SCAIGRID_PORT: "0", ...env }));
  }

  /** Command lines of processes that run anything of this folder. */
  processes(): string[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => commandLine(pid))
      .filter((line) => line.includes(this.root));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    // It has ended meanwhile.
    return "";
  }
}

/** A running `npm start`. */
export class NpmStart {
  readonly output = new Output();
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #drained: Promise<void>;

  constructor(root: string, env: Record<string, string>) {
    this.#child = Bun.spawn(["npm", "start"], {
      cwd: root,
      env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      detached: true,
    });
    this.#drained = this.output.drain([this.#child.stdout, this.#child.stderr]);
  }

  /** The gateway's address, once it listens and has said all it says at a start. */
  async listening(timeoutMs: number): Promise<{ url: string; pid: number }> {
    const line = await this.output.until(
      "`listening` line",
      () => this.output.logs.find((log) => log["event"] === "listening"),
      timeoutMs,
    );
    const said = () => (this.output.text.includes("ScaiGrid is ready at") ? true : undefined);
    await this.output.until("welcome", said, timeoutMs);
    return { url: String(line["url"]), pid: Number(line["pid"]) };
  }

  /** A signal to npm alone, as a supervisor sends it. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** A signal to every process of the terminal's foreground, as Ctrl+C sends it. */
  signalGroup(name: NodeJS.Signals): void {
    process.kill(-this.#child.pid, name);
  }

  /** Ends it all at once, if it still runs. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.signalGroup("SIGKILL");
    await this.#child.exited;
    await this.#drained;
  }

  /** Waits for the end; kills what has not ended by then. */
  async ended(): Promise<number> {
    const timer = setTimeout(() => this.signalGroup("SIGKILL"), STOP_MS_MAX);
    const code = await this.#child.exited;
    clearTimeout(timer);
    await this.#drained;
    return code;
  }
}
