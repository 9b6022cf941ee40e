import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callApi } from "./api.ts";
import type { ApiCall, ApiReply } from "./api.ts";
import { preparedDatabase, testEngine } from "./database.ts";
import type { TestDatabase } from "./database.ts";
import { openChatStream } from "./chat-stream.ts";
import type { ChatStream } from "./chat-stream.ts";
import { KEY_PATTERN, mintTestKey } from "./keys.ts";
import { Output } from "./output.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;
const DRAIN_SECONDS = 5;

export interface GatewayOptions {
  /** Added to, or taking the place of, the harness's own variables. Nothing is inherited but PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** A folder to use and to leave in place; otherwise a temporary one that `stop` removes. */
  readonly dataDir?: string;
  /** Put before the command: `["taskset", "-c", "0"]`. */
  readonly prefix?: readonly string[];
  /** What is started with `up`: the gateway's sources unless given. */
  readonly program?: readonly string[];
  readonly startTimeoutMs?: number;
  /** One of several nodes on one database: they share the administrator's key, and one of them prints the first key. */
  readonly node?: { readonly adminKey: string };
}

interface Running {
  readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly output: Output;
  readonly drained: Promise<void>;
  readonly url: string;
}

/** Starts the real gateway on a free port and waits until it listens. Throws with its output when it does not. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "scaigrid-test-")));
  const given = options.env?.["SCAIGRID_DATABASE_URL"] !== undefined;
  const database = testEngine() === "postgres" && !given ? await preparedDatabase() : undefined;
  const gateway = new Gateway(dataDir, options, database);
  try {
    await gateway.restart();
  } catch (error) {
    await gateway.dispose();
    throw error;
  }
  return gateway;
}

/** A gateway process of one test, over its data folder: it can be stopped, killed and started again. */
export class Gateway {
  readonly dataDir: string;
  /** Of the service user with `super_admin`. */
  readonly adminKey: string;
  readonly #options: GatewayOptions;
  readonly #database: TestDatabase | undefined;
  #running: Running | undefined;
  #firstKey: string | undefined;

  /** `database` is the gateway's store, and goes with it. */
  constructor(dataDir: string, options: GatewayOptions, database?: TestDatabase) {
    this.dataDir = dataDir;
    this.#options = options;
    this.adminKey = options.node?.adminKey ?? mintTestKey();
    this.#database = database;
  }

  /** `http://localhost:PORT`; another one after each start. */
  get url(): string {
    return this.#alive().url;
  }

  /** Of the PostgreSQL database that is the store; undefined where that is SQLite. */
  get databaseUrl(): string | undefined {
    return this.#options.env?.["SCAIGRID_DATABASE_URL"] ?? this.#database?.url;
  }

  get pid(): number {
    return this.#alive().process.pid;
  }

  /** Whether a process was started and not ended from here. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** What the process of the last start has printed. */
  get output(): Output {
    return this.#alive().output;
  }

  /** The `tenant_admin` key printed at the first start. Throws when the first start printed none. */
  get firstKey(): string {
    if (this.#firstKey === undefined) throw new Error(`no first key was printed:\n${this.output.text}`);
    return this.#firstKey;
  }

  /** Whether this process has printed the first key. */
  get printedFirstKey(): boolean {
    return this.#firstKey !== undefined;
  }

  /** Takes the first key that another node has printed. */
  useFirstKey(key: string): void {
    this.#firstKey ??= key;
  }

  /** One call, checked against the contract. The key is the administrator's unless the call says otherwise. */
  api(method: string, path: string, call: ApiCall = {}): Promise<ApiReply> {
    return callApi(this.url, method, path, { key: this.adminKey, ...call });
  }

  /** A streamed chat call; the key is the first one unless the call says otherwise. */
  chatStream(body: object, call: Omit<ApiCall, "body"> & { path?: string } = {}): Promise<ChatStream> {
    const { path = "/v1/inference/chat", ...rest } = call;
    return openChatStream(this.url, path, { key: this.firstKey, ...rest, body: { stream: true, ...body } });
  }

  /** Stops the process if it runs, and starts one on the same folder. */
  async restart(): Promise<void> {
    if (this.#running) await this.#terminate();
    const { startTimeoutMs = START_TIMEOUT_MS } = this.#options;
    const { child, output, drained } = this.#spawn();
    try {
      const url = await output.until("`listening` line", () => listeningUrl(output), startTimeoutMs);
      this.#running = { process: child, output, drained, url };
      const welcomed = () => output.text.includes("ScaiGrid is ready") || undefined;
      if (this.#options.node) await output.until("welcome", welcomed, startTimeoutMs);
      this.#firstKey ??= this.#options.node
        ? this.#printedKey(output)
        : await output.until("first key", () => this.#printedKey(output), startTimeoutMs);
    } catch (error) {
      child.kill("SIGKILL");
      await child.exited;
      this.#running = undefined;
      throw error;
    }
  }

  /** Starts a process and kills it (`kill -9`) when `moment` resolves, wherever its start has got to by then. */
  async killInStart(moment: () => Promise<void>): Promise<void> {
    if (this.#running) await this.kill();
    const { child, drained } = this.#spawn();
    try {
      await moment();
    } finally {
      child.kill("SIGKILL");
      await child.exited;
      await drained;
    }
  }

  #spawn() {
    const { env = {}, prefix = [], program = [process.execPath, MAIN] } = this.#options;
    const child = Bun.spawn([...prefix, ...program, "up"], {
      // Its own folder, so that no .env or bunfig of the place where tests run takes part.
      cwd: this.dataDir,
      env: { ...this.#environment(), ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const output = new Output();
    return { child, output, drained: output.drain([child.stdout, child.stderr]) };
  }

  #environment(): Record<string, string> {
    return {
      PATH: process.env["PATH"] ?? "",
      HOME: this.dataDir,
      SCAIGRID_PORT: "0",
      SCAIGRID_DATA_DIR: this.dataDir,
      SCAIGRID_ADMIN_KEY: this.adminKey,
      // What happens to run on this machine is no part of a test.
      SCAIGRID_DETECT: "off",
      // Nor are calls that no test makes.
      SCAIGRID_HEALTH_CHECK_SECONDS: "0",
      SCAIGRID_LOG_FORMAT: "json",
      SCAIGRID_DRAIN_SECONDS: String(DRAIN_SECONDS),
      ...(this.#database && { SCAIGRID_DATABASE_URL: this.#database.url }),
    };
  }

  #printedKey(output: Output): string | undefined {
    return output.text.match(KEY_PATTERN)?.find((key) => key !== this.adminKey);
  }

  /**
   * Ends the process in good order and removes the temporary folder. Throws when it had to be killed or did not
   * exit with 0.
   */
  async stop(): Promise<void> {
    try {
      if (this.#running) await this.#terminate();
    } finally {
      await this.dispose();
    }
  }

  /** SIGTERM and the wait for the end; the folder stays, for `restart` or for reading the store. */
  async terminate(): Promise<void> {
    await this.#terminate();
  }

  /** `kill -9`, in the middle of whatever it is doing. The folder stays, for `restart`. */
  async kill(): Promise<void> {
    const { process: child, drained } = this.#alive();
    this.#running = undefined;
    child.kill("SIGKILL");
    await child.exited;
    await drained;
  }

  /** Removes the temporary folder; kills what still runs. */
  async dispose(): Promise<void> {
    if (this.#running) await this.kill();
    await this.#database?.drop();
    if (this.#options.dataDir === undefined) await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Waits for the end of a process that has been told to stop. Throws unless it exits with 0. */
  async exited(withinMs = STOP_TIMEOUT_MS): Promise<void> {
    const { process: child, output, drained } = this.#alive();
    this.#running = undefined;
    const timer = setTimeout(() => child.kill("SIGKILL"), withinMs);
    const code = await child.exited;
    clearTimeout(timer);
    await drained;
    if (code !== 0) throw new Error(`the gateway ended with ${child.signalCode ?? code}:\n${output.text}`);
  }

  async #terminate(): Promise<void> {
    this.#alive().process.kill("SIGTERM");
    await this.exited();
  }

  #alive(): Running {
    if (!this.#running) throw new Error("the gateway is not running");
    return this.#running;
  }
}

function listeningUrl(output: Output): string | undefined {
  const line = output.logs.find((log) => log["event"] === "listening");
  return typeof line?.["url"] === "string" ? line["url"].replace(/\/$/, "") : undefined;
}
