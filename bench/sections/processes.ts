import { SQL } from "bun";
import { startPostgres } from "../../scripts/testing/postgres.ts";
import { sharedBookFaults } from "../books.ts";
import type { Figure } from "../figure.ts";
import type { ClosedLoopResult } from "../load/closed-loop.ts";
import type { Destination } from "../load/request.ts";
import { closedLoop, inTurn, startMeasured, sum } from "../measure.ts";
import type { Bench, Found, Measured } from "../measure.ts";
import { CHAT, PACE, WARM_UP_MS } from "./chat.ts";

const COUNTS = [1, 2] as const;
const LISTENING_MS_MAX = 60_000;
/** What the nodes say to one another, and what is shared out between them, may cost so much. */
const GROWTH = { sense: "at most", floor: 1.18 } as const;

/** A gateway of several processes on a database of its own. */
interface Several extends Measured {
  readonly count: number;
  readonly database: string;
  readonly to: Destination;
}

async function startSeveral(stack: AsyncDisposableStack, server: string, count: number): Promise<Several> {
  const name = `bench_${count}`;
  const admin = new SQL(server, { max: 1 });
  try {
    await admin.unsafe(`create database ${name}`);
  } finally {
    await admin.close();
  }
  const database = new URL(server);
  database.pathname = `/${name}`;
  const env = { SCAIGRID_DATABASE_URL: database.href, SCAIGRID_WORKERS: String(count) };
  const measured = await startMeasured(stack, PACE, env);
  const { gateway, to } = measured.target;
  const listening = (): readonly number[] =>
    gateway.output.logs.filter(({ event }) => event === "listening").map(({ pid }) => Number(pid));
  const all = (): readonly number[] | undefined => (listening().length >= count ? listening() : undefined);
  const pids = await gateway.output.until(`${count} processes listening`, all, LISTENING_MS_MAX);
  // With one it is the process that was started; with more that one watches, which is part of the cost.
  const morePids = pids.filter((pid) => pid !== to.pid);
  return { ...measured, count, database: database.href, to: { ...to, morePids } };
}

function cost({ cpuUs, windowRequests }: ClosedLoopResult): number {
  return cpuUs / windowRequests;
}

/** The chat load on one process and on two that share a port, with PostgreSQL as the store. */
export async function processes(bench: Bench): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const postgres = await startPostgres();
  stack.defer(() => postgres.stop());
  const started: Several[] = [];
  for (const count of COUNTS) started.push(await startSeveral(stack, postgres.url, count));
  const { bun } = bench.references;
  const all = await inTurn(bench, [
    ...started.map(({ count, to }) => ({
      name: `${count}`,
      // Each process has what one has: as many calls to get hot by, and as many in one turn of its loop.
      warmUpMs: WARM_UP_MS * count,
      run: closedLoop(to, { ...CHAT, connections: CHAT.connections * count }),
    })),
    { name: "bun", warmUpMs: WARM_UP_MS / 2, run: closedLoop(bun.to, CHAT) },
  ]);
  const costs = COUNTS.map((count) => all.rounds(`${count}`).map(cost));
  const figures: Figure[] = COUNTS.map((count, i) => ({
    id: `processes.${count}.cpu`,
    name: `CPU per chat call, PostgreSQL, processes: ${count}`,
    unit: "µs",
    digits: 1,
    scalesWith: "chat call",
    values: { gateway: costs[i] ?? [], bun: all.rounds("bun").map(cost) },
  }));
  figures.push({
    id: "processes.growth",
    name: "  two processes / one",
    unit: "×",
    digits: 2,
    floor: GROWTH,
    values: { gateway: (costs[1] ?? []).map((two, round) => two / (costs[0]?.[round] ?? 0)) },
  });
  const faults: string[] = [];
  for (const { count, database, upstream } of started) {
    faults.push(...(await sharedBookFaults(database, all.answers(`${count}`), await upstream.totals())));
  }
  const answers = sum(COUNTS.map((count) => all.answers(`${count}`)));
  return { figures, notes: [], answers, faults };
}
