/**
 * `npm run bench [-- --seconds 6 --rounds 3 --reference-only]`: what the gateway costs, beside what the least
 * possible proxy and nginx cost on the same machine in the same minute. See README.md.
 */
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startGateway } from "../gateway/test/harness/gateway.ts";
import { bookFaults } from "./books.ts";
import type { LoadPlan, LoadResult } from "./load/driver.ts";
import { residentBytes } from "./load/proc.ts";
import type { UpstreamTotals } from "./load/work.ts";
import { figures, Measurements } from "./figures.ts";
import type { Kind } from "./figures.ts";
import { table } from "./report.ts";
import { canPin, LOAD_CORE, MEASURED_CORE, pinnedTo, run, spawnScript } from "./spawn.ts";
import type { Child } from "./spawn.ts";
import { bunTarget, gatewayTarget, nginxTarget } from "./targets.ts";
import type { GatewayTarget, Target } from "./targets.ts";

const CHAT = { connections: 64, warmUpMs: 700, stream: false } as const;
const STREAMS = { connections: 400, warmUpMs: 1000, stream: true } as const;
const COLD_STARTS = 5;
const WARM_UP_MS = 8000;
const IDLE_MS = 1000;
const SANDBOX_MODEL = "scailabs/poolnoodle-omni";
const DRIVER = join(import.meta.dir, "load/driver.ts");
const UPSTREAM = join(import.meta.dir, "load/upstream.ts");

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "6" },
    rounds: { type: "string", default: "3" },
    "reference-only": { type: "boolean", default: false },
  },
});
const rounds = Math.max(1, Number(options.rounds));
const measureMs = (Number(options.seconds) * 1000) / rounds;

async function measure(target: Target, kind: Kind, measureMs: number): Promise<LoadResult> {
  const { port, pid, key, model } = target;
  const shape = kind === "chat" ? CHAT : STREAMS;
  const plan: LoadPlan = { ...shape, port, pid, key, model, measureMs, path: "/v1/inference/chat" };
  const text = await run([...pinnedTo(LOAD_CORE), process.execPath, DRIVER, JSON.stringify(plan)]);
  const result: LoadResult = JSON.parse(text);
  if (result.failures > 0)
    throw new Error(`${target.name}: ${result.failures} of ${result.requests} calls failed`);
  return result;
}

/** Milliseconds from the start of the process on an empty folder to its first whole chat answer, each time anew. */
async function coldStartsMs(): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < COLD_STARTS; i++) {
    const startedAt = performance.now();
    const gateway = await startGateway({ prefix: pinnedTo(MEASURED_CORE), env: { NODE_ENV: "production" } });
    try {
      const body = { model: SANDBOX_MODEL, messages: [{ role: "user", content: "Hello" }] };
      const reply = await gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body });
      if (reply.status !== 200) throw new Error(`the first call was answered ${reply.status}: ${reply.text}`);
      times.push(performance.now() - startedAt);
    } finally {
      await gateway.stop();
    }
  }
  return times;
}

/** What an upstream has answered so far. */
async function totalsOf(upstream: Child): Promise<UpstreamTotals> {
  const response = await fetch(`http://127.0.0.1:${upstream.port}/totals`);
  const totals: UpstreamTotals = JSON.parse(await response.text());
  return totals;
}

/** Every round measures all targets one after the other, so that a noisy minute is noisy for all of them. */
async function measureAll(targets: readonly Target[]): Promise<Measurements> {
  const all = new Measurements();
  for (const kind of ["chat", "streams"] as const) {
    // Code is compiled as it gets hot: without this the first round would measure the compiler.
    for (const target of targets) all.addUnmeasured(target.name, await measure(target, kind, WARM_UP_MS));
    for (let round = 0; round < rounds; round++) {
      for (const target of targets) all.add(target.name, kind, await measure(target, kind, measureMs));
    }
  }
  return all;
}

/** Stops the gateway in good order and compares its store with both ends of the load. */
async function checkBooks(
  target: GatewayTarget,
  all: Measurements,
  upstream: Child,
): Promise<readonly string[]> {
  const results = all.all("gateway");
  const requests = results.reduce((sum, result) => sum + result.requests, 0);
  const tokens = results.reduce((sum, result) => sum + result.tokens, 0);
  await target.gateway.terminate();
  console.log(`${requests} requests and ${tokens} tokens went through the gateway`);
  return bookFaults(target.gateway.dataDir, { requests, tokens }, await totalsOf(upstream));
}

async function main(): Promise<number> {
  if (process.platform !== "linux")
    throw new Error("processor time is read from /proc: the benchmark needs Linux");
  console.log(`${availableParallelism()} × ${cpus()[0]?.model ?? "unknown processor"}, Bun ${Bun.version}`);
  if (!canPin)
    console.log("Processes share the cores here (no taskset, or one core): figures are worth less.");
  const stack: { stop(): Promise<void> }[] = [];
  const keep = <Stoppable extends { stop(): Promise<void> }>(thing: Stoppable): Stoppable => {
    stack.push(thing);
    return thing;
  };
  try {
    // One for the gateway and one for the references, so that the gateway's books have nothing else in them.
    const own = keep(await spawnScript(LOAD_CORE, UPSTREAM));
    const others = keep(await spawnScript(LOAD_CORE, UPSTREAM));
    const coldMs = options["reference-only"] ? [] : await coldStartsMs();
    const gateway = options["reference-only"] ? undefined : keep(await gatewayTarget(own.port));
    const bun = keep(await bunTarget(others.port));
    const nginx = await nginxTarget(others.port);
    if (nginx) keep(nginx);
    else console.log("nginx is not installed: its column stays empty.");
    if (gateway) await Bun.sleep(IDLE_MS);
    const idleBytes = gateway && residentBytes(gateway.pid);
    const all = await measureAll([gateway, bun, nginx].filter((target) => target !== undefined));
    const faults = gateway ? await checkBooks(gateway, all, own) : [];
    if (faults.length > 0) {
      console.error(`The books do not balance, so there is no table:\n  ${faults.join("\n  ")}`);
      return 1;
    }
    console.log(`\n${table(figures(all, coldMs, idleBytes))}`);
    return 0;
  } finally {
    for (const thing of stack.reverse()) await thing.stop();
  }
}

process.exit(await main());
