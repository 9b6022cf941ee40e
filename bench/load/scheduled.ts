/**
 * A load that comes by the clock: so many whole calls a second, evenly, over many connections.
 * `bun scheduled.ts '<ScheduledPlan as JSON>'`; prints a ScheduledResult as JSON.
 */
import { distribution } from "../percentile.ts";
import type { Distribution } from "../percentile.ts";
import type { Answers } from "./closed-loop.ts";
import { startMetronome } from "./metronome.ts";
import { OpenLoop } from "./open-loop.ts";
import { requests } from "./request.ts";
import type { Destination } from "./request.ts";
import { watch } from "./window.ts";
import type { Usage } from "./window.ts";

export interface ScheduledPlan {
  readonly to: Destination;
  readonly connections: number;
  readonly perSecond: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** Inside the measured window only, but for the answers. */
export interface ScheduledResult extends Answers, Usage {
  readonly windowRequests: number;
  /** Counted from the instant at which a call was due. */
  readonly latencyMs: Distribution;
  /** The part of it before the first byte was sent: the load's own lateness, and waiting for a free connection. */
  readonly sentLateMs: Distribution;
}

const plan: ScheduledPlan = JSON.parse(process.argv[2] ?? "{}");
const loop = await OpenLoop.connect(plan.to.port, plan.connections, requests(plan.to, false));
const stop = startMetronome(1000 / plan.perSecond, (dueMs) => loop.due(dueMs));
await Bun.sleep(plan.warmUpMs);
loop.beginWindow();
const usage = await watch(plan.to, plan.measureMs);
loop.endWindow();
stop();
await loop.close();

const result: ScheduledResult = {
  ...usage,
  requests: loop.answered,
  tokens: loop.tokens,
  failures: loop.failures,
  windowRequests: loop.latenciesMs.length,
  latencyMs: distribution(loop.latenciesMs),
  sentLateMs: distribution(loop.sentLateMs),
};
console.log(JSON.stringify(result));
