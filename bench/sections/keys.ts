import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { figuresOf } from "../figure.ts";
import type { Figure } from "../figure.ts";
import { timeRestart } from "../first-answer.ts";
import type { FirstAnswer } from "../first-answer.ts";
import type { ClosedLoopResult } from "../load/closed-loop.ts";
import { residentBytes } from "../load/proc.ts";
import type { Destination } from "../load/request.ts";
import { checkBooks, closedLoop, inTurn, startMeasured, sum } from "../measure.ts";
import type { Bench, Found, Measured, Measurements } from "../measure.ts";
import { seedKeys } from "../seed-keys.ts";
import { destination } from "../targets.ts";
import { CHAT, CHAT_FLOOR, MB, PACE, WARM_UP_MS } from "./chat.ts";

const FEW = 10;
const MANY = 100_000;
const STARTS = 3;
const IDLE_MS = 1000;

/** A gateway whose store holds so many keys more than it needs, after a few starts on it. */
interface Keyed extends Measured {
  readonly keys: number;
  readonly to: Destination;
  readonly starts: readonly FirstAnswer[];
  readonly idleBytes: number;
}

async function startKeyed(stack: AsyncDisposableStack, keys: number): Promise<Keyed> {
  const measured = await startMeasured(stack, PACE);
  const { gateway } = measured.target;
  await gateway.terminate();
  const seeded = await seedKeys(gateway.dataDir, keys);
  const keysFile = join(gateway.dataDir, "bench-keys.txt");
  await writeFile(keysFile, `${seeded.join("\n")}\n`);
  await gateway.restart();
  const starts: FirstAnswer[] = [];
  for (let i = 0; i < STARTS; i++) starts.push(await timeRestart(gateway, destination));
  await Bun.sleep(IDLE_MS);
  const to = { ...destination(gateway), keysFile };
  return { ...measured, keys, to, starts, idleBytes: residentBytes(to.pid) };
}

function cost({ cpuUs, windowRequests }: ClosedLoopResult): number {
  return cpuUs / windowRequests;
}

function figures(all: Measurements<ClosedLoopResult>, { keys, starts, idleBytes }: Keyed): Figure[] {
  const id = `keys.${keys}`;
  const name = `${keys} keys`;
  return [
    ...figuresOf(
      [
        {
          id: `${id}.cpu`,
          name: `CPU per chat call, ${name}`,
          unit: "µs",
          digits: 1,
          floor: CHAT_FLOOR,
          scalesWith: "chat call",
          value: cost,
        },
      ],
      all.columns(id),
    ),
    {
      id: `${id}.start`,
      name: "  start to the first answer",
      unit: "ms",
      scalesWith: "chat call",
      values: { gateway: starts.map(({ ms }) => ms) },
    },
    { id: `${id}.idle`, name: "  memory, idle", unit: "MB", values: { gateway: [idleBytes / MB] } },
  ];
}

function growth(all: Measurements<ClosedLoopResult>, few: Keyed, many: Keyed): Figure {
  const base = all.rounds(`keys.${few.keys}`).map(cost);
  const rounds = all.rounds(`keys.${many.keys}`).map((round, i) => cost(round) / (base[i] ?? 0));
  return {
    id: "keys.growth",
    name: `CPU per chat call, ${many.keys} keys / ${few.keys} keys`,
    unit: "×",
    digits: 2,
    values: { gateway: rounds },
  };
}

/** The same chat load over few keys and over many: its cost must not grow with them. */
export async function keys(bench: Bench): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const few = await startKeyed(stack, FEW);
  const many = await startKeyed(stack, MANY);
  const { bun } = bench.references;
  const both = [few, many];
  const all = await inTurn(bench, [
    ...both.map(({ keys, to }) => ({
      name: `keys.${keys}`,
      warmUpMs: WARM_UP_MS,
      run: closedLoop(to, CHAT),
    })),
    { name: "bun", warmUpMs: WARM_UP_MS / 2, run: closedLoop(bun.to, CHAT) },
  ]);
  const faults: string[] = [];
  const answers = both.map(({ keys, starts }) => {
    const tokens = starts.reduce((so, { tokensOut }) => so + tokensOut, 0);
    return sum([all.answers(`keys.${keys}`), { requests: starts.length, tokens, failures: 0 }]);
  });
  for (const [i, keyed] of both.entries()) {
    const seen = answers[i];
    if (seen) faults.push(...(await checkBooks(keyed, seen)));
  }
  return {
    figures: [...figures(all, few), ...figures(all, many), growth(all, few, many)],
    notes: [],
    answers: sum(answers),
    faults,
  };
}
