import { Database } from "bun:sqlite";
import { join } from "node:path";
import { MESSAGES, SANDBOX, eventually } from "../../api/started.ts";
import { openIntents } from "../../harness/open-intents.ts";
import { addFakeBackend } from "../../harness/fake-backend.ts";
import { startGateway } from "../../harness/gateway.ts";
import type { Gateway } from "../../harness/gateway.ts";
import { mintTestKey } from "../../harness/keys.ts";
import { residentMb, socketsOf } from "../process-state.ts";
import { MIX } from "./mix.ts";
import type { Kind } from "./mix.ts";

const FAKE = join(import.meta.dir, "../../fakes/fault-upstream-process.ts");
const COLLECTOR = join(import.meta.dir, "collect-on-signal.ts");
const CALL_TIMEOUT_MS = 60_000;
const COLLECTIONS = 8;
const BETWEEN_COLLECTIONS_MS = 1_000;

export interface SoakPlan {
  readonly requests: number;
  /** Before the first look at the memory: code is compiled and pools are filled by then. */
  readonly warmUp: number;
  readonly atOnce: number;
  /** At each look at the memory, a second apart. */
  readonly collections?: number;
  /** Told of every percent. */
  readonly onProgress?: (done: number) => void;
}

/** Memory in MB, after collections. */
export interface Memory {
  readonly residentMb: number;
  readonly heapMb: number;
}

export interface SoakResult {
  readonly before: Memory;
  readonly after: Memory;
  readonly seconds: number;
  /** What was not as the mix says, by kind and status. */
  readonly surprises: readonly string[];
  readonly records: number;
  /** How many usage records there must be, and how many more there may be. */
  readonly settled: number;
  readonly unsure: number;
  readonly openIntents: number;
  /** Sockets more than before. */
  readonly sockets: number;
}

/** Whether every call that had to be is settled once, and nothing else. */
export function isBalanced({ records, settled, unsure, openIntents }: SoakResult): boolean {
  return openIntents === 0 && records >= settled && records <= settled + unsure;
}

/** Sends a mix of calls and faults through a gateway process, and says what they leave behind. */
export async function soak(plan: SoakPlan): Promise<SoakResult> {
  const env = {
    SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0,address:0",
    SCAIGRID_SANDBOX_TOKEN_MS: "0",
    BUN_OPTIONS: `--preload=${COLLECTOR}`,
  };
  const fake = Bun.spawn([process.execPath, FAKE], { stdout: "pipe" });
  const gateway = await startGateway({ env });
  try {
    const first = await fake.stdout.getReader().read();
    const { url }: { url: string } = JSON.parse(new TextDecoder().decode(first.value));
    const load = new Load(gateway, await modelsOf(gateway, url));
    await load.send(plan.warmUp, plan.atOnce);
    const { collections = COLLECTIONS } = plan;
    const before = await collected(gateway, collections);
    const sockets = ownSockets(gateway);
    const from = performance.now();
    await load.send(plan.requests, plan.atOnce, plan.onProgress);
    const seconds = (performance.now() - from) / 1000;
    const after = await collected(gateway, collections);
    const { records, openIntents } = books(gateway);
    const grown = Math.max(0, ownSockets(gateway) - sockets);
    const { settled, unsure, surprises } = load;
    return { before, after, seconds, surprises, records, settled, unsure, openIntents, sockets: grown };
  } finally {
    fake.kill();
    await gateway.stop();
  }
}

/** A model for each plan of the mix. */
async function modelsOf(gateway: Gateway, url: string): Promise<ReadonlyMap<Kind, string>> {
  const models = new Map<Kind, string>();
  for (const kind of MIX) {
    if (kind.plan === undefined) continue;
    const { slug } = await addFakeBackend(gateway, { url }, { plans: [kind.plan] });
    models.set(kind, slug);
  }
  return models;
}

class Load {
  settled = 0;
  unsure = 0;
  readonly #gateway: Gateway;
  readonly #bodies: ReadonlyMap<Kind, string>;
  readonly #turn: readonly Kind[];
  readonly #stranger = mintTestKey();
  readonly #surprises = new Map<string, number>();
  #sent = 0;

  constructor(gateway: Gateway, models: ReadonlyMap<Kind, string>) {
    this.#gateway = gateway;
    this.#turn = MIX.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));
    this.#bodies = new Map(
      MIX.map((kind) => {
        const { stream = false } = kind;
        const body = { model: models.get(kind) ?? SANDBOX, messages: MESSAGES, stream };
        return [kind, kind.raw ?? JSON.stringify(body)];
      }),
    );
  }

  get surprises(): readonly string[] {
    return [...this.#surprises].map(([what, count]) => `${count} × ${what}`);
  }

  /** So many calls, a bounded number of them at once. */
  async send(count: number, atOnce: number, onProgress?: (done: number) => void): Promise<void> {
    const end = this.#sent + count;
    const step = Math.ceil(count / 100);
    const work = async () => {
      while (this.#sent < end) {
        // A prime step through the mix, so that no two kinds always meet.
        const kind = this.#turn[(this.#sent++ * 37) % this.#turn.length];
        if (this.#sent % step === 0) onProgress?.(count - (end - this.#sent));
        if (kind) await this.#one(kind);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  async #one(kind: Kind): Promise<void> {
    const leaving = new AbortController();
    const timer = setTimeout(
      () => leaving.abort(),
      typeof kind.leaves === "number" ? kind.leaves : CALL_TIMEOUT_MS,
    );
    let status = 0;
    try {
      const response = await fetch(`${this.#gateway.url}/v1/inference/chat`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${kind.stranger === true ? this.#stranger : this.#gateway.firstKey}`,
          "content-type": "application/json",
        },
        body: this.#bodies.get(kind) ?? "",
        signal: leaving.signal,
      });
      status = response.status;
      if (kind.leaves === "mid-stream") {
        await response.body?.getReader().read();
        leaving.abort();
      } else await response.arrayBuffer();
    } catch (error) {
      if (kind.leaves === undefined) this.#surprise(`${kind.name}: ${String(error)}`);
    } finally {
      clearTimeout(timer);
    }
    // Whoever leaves by the clock may do so before the call has passed the hold.
    if (typeof kind.leaves === "number") this.unsure++;
    else if (kind.settled) this.settled++;
    if (status !== 0 && !kind.statuses.includes(status)) this.#surprise(`${kind.name}: ${status}`);
  }

  #surprise(what: string): void {
    this.#surprises.set(what, (this.#surprises.get(what) ?? 0) + 1);
  }
}

/** Waits until nothing is in flight, collects a few times, and takes the least that was seen. */
async function collected(gateway: Gateway, collections: number): Promise<Memory> {
  await eventually(
    "idle gateway",
    () => gateway.api("GET", "/metrics"),
    ({ text }) =>
      text.includes("\nscaigrid_streams_open 0\n") &&
      text.includes("\nscaigrid_journal_pending 0\n") &&
      !/^scaigrid_backend_inflight_requests\{[^}]*\} [1-9]/m.test(text),
    30_000,
  );
  let least: Memory = { residentMb: Infinity, heapMb: Infinity };
  for (let i = 0; i < collections; i++) {
    const seen = gateway.output.logs.length;
    process.kill(gateway.pid, "SIGUSR2");
    const heapMb = await gateway.output.until(
      "collection",
      () => {
        const line = gateway.output.logs.slice(seen).find((log) => log["event"] === "collected");
        return line === undefined ? undefined : Number(line["heap_mb"]);
      },
      30_000,
    );
    // What the collector frees goes back to the system a moment later.
    await Bun.sleep(BETWEEN_COLLECTIONS_MS);
    least = {
      residentMb: Math.min(least.residentMb, residentMb(gateway.pid)),
      heapMb: Math.min(least.heapMb, heapMb),
    };
  }
  return least;
}

function ownSockets(gateway: Gateway): number {
  const { own, forgotten } = socketsOf(gateway.pid, Number(new URL(gateway.url).port));
  return own + forgotten;
}

function books(gateway: Gateway): { readonly records: number; readonly openIntents: number } {
  const store = new Database(join(gateway.dataDir, "scaigrid.db"), { readonly: true });
  try {
    const records = store.query<{ n: number }, []>("select count(*) as n from usage").get()?.n ?? -1;
    return { records, openIntents: openIntents(gateway.dataDir, store).length };
  } finally {
    store.close();
  }
}
