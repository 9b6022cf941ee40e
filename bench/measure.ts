import { bookFaults } from "./books.ts";
import { COLUMNS } from "./figure.ts";
import type { Column, Figure } from "./figure.ts";
import type { Answers, ClosedLoopPlan, ClosedLoopResult } from "./load/closed-loop.ts";
import type { Destination } from "./load/request.ts";
import type { Pace } from "./load/work.ts";
import { drive, spawnUpstream } from "./spawn.ts";
import type { Upstream } from "./spawn.ts";
import { gatewayTarget } from "./targets.ts";
import type { GatewayTarget, Target } from "./targets.ts";

/** What a section of the benchmark has to work with. */
export interface Bench {
  readonly rounds: number;
  /** Of one round of one program. */
  readonly measureMs: number;
  readonly references: References;
  /** The compiled gateway, if it is to be measured as well. */
  readonly executable: string | undefined;
  /** A data folder for ten million records, kept for the next run. */
  readonly data: string | undefined;
}

/** What the gateway is compared with. They have an upstream of their own, so that the gateway's books balance. */
export interface References {
  readonly upstream: Upstream;
  readonly bun: Target;
  readonly nginx: Target | undefined;
}

/** What a section has found. */
export interface Found {
  readonly figures: readonly Figure[];
  /** Sentences to print below the table. */
  readonly notes: readonly string[];
  /** All that went through the gateway. */
  readonly answers: Answers;
  /** Where the books do not balance; the figures are void unless this is empty. */
  readonly faults: readonly string[];
}

/** A part of the benchmark that can be run alone. */
export type Section = (bench: Bench) => Promise<Found>;

/** One of several programs that are measured in turn. */
export interface Entry<Result extends Answers> {
  readonly name: string;
  /** Code is compiled as it gets hot: without this the first round would measure the compiler. */
  readonly warmUpMs: number;
  readonly run: (measureMs: number) => Promise<Result>;
}

/** What came of all of them. */
export class Measurements<Result extends Answers> {
  /** The warm-up of each first. */
  readonly #results = new Map<string, Result[]>();

  add(name: string, result: Result): void {
    const results = this.#results.get(name);
    if (results) results.push(result);
    else this.#results.set(name, [result]);
  }

  /** The rounds that count; none of a program that was not measured. */
  rounds(name: string): readonly Result[] {
    return this.#results.get(name)?.slice(1) ?? [];
  }

  /** All that went through it, the warm-up included. */
  answers(name: string): Answers {
    return sum(this.#results.get(name) ?? []);
  }

  /** As columns of the report: one measurement of the gateway beside the references. */
  columns(gateway: string = "gateway"): Partial<Record<Column, readonly Result[]>> {
    const named = { gateway, bun: "bun", nginx: "nginx" };
    const measured = COLUMNS.filter((column) => this.#results.has(named[column]));
    return Object.fromEntries(measured.map((column) => [column, this.rounds(named[column])]));
  }
}

/** Every round measures all programs one after the other, so that a noisy minute is noisy for all of them. */
export async function inTurn<Result extends Answers>(
  { rounds, measureMs }: Bench,
  entries: readonly Entry<Result>[],
): Promise<Measurements<Result>> {
  const all = new Measurements<Result>();
  for (const { name, warmUpMs, run } of entries) all.add(name, await attempt(name, () => run(warmUpMs)));
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of entries) all.add(name, await attempt(name, () => run(measureMs)));
  }
  return all;
}

async function attempt<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw new Error(`the load on ${name} broke off`, { cause: error });
  }
}

/** The answers of several loads. */
export function sum(all: readonly Answers[]): Answers {
  const total = (pick: (answers: Answers) => number) => all.reduce((so, answers) => so + pick(answers), 0);
  return {
    requests: total(({ requests }) => requests),
    tokens: total(({ tokens }) => tokens),
    failures: total(({ failures }) => failures),
  };
}

/** A closed loop of one shape against one program. */
export function closedLoop(
  to: Destination,
  shape: Omit<ClosedLoopPlan, "to" | "measureMs">,
): (measureMs: number) => Promise<ClosedLoopResult> {
  return (measureMs) => drive("closed-loop.ts", { to, ...shape, measureMs } satisfies ClosedLoopPlan);
}

/** A gateway with an upstream of its own: nothing else is in the books of either. */
export interface Measured {
  readonly upstream: Upstream;
  readonly target: GatewayTarget;
}

/** Starts both; they end with the stack. */
export async function startMeasured(
  stack: AsyncDisposableStack,
  pace: Pace,
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  const upstream = await spawnUpstream(pace);
  stack.defer(() => upstream.stop());
  const target = await gatewayTarget(upstream.port, env);
  stack.defer(() => target.stop());
  return { upstream, target };
}

/** Stops the gateway in good order and compares its store with both ends of the load. */
export async function checkBooks({ upstream, target }: Measured, seen: Answers): Promise<readonly string[]> {
  await target.gateway.terminate();
  return bookFaults(target.gateway.dataDir, seen, await upstream.totals());
}
