/**
 * `npm run outage [-- --gap-ms 20]`: a primary that is down for a minute, then both of two backends, in real time and
 * through a real gateway; what `outage.test.ts` shows of the same on a clock of its own. Takes some three minutes.
 */
import { parseArgs } from "node:util";
import { FAILURES_IN_A_ROW, FIRST_REST_MS, REST_MS } from "../../../src/routing/circuit.ts";
import { drive } from "./drive.ts";

/** Rests are a tenth shorter or longer. */
const SHORTEST_REST = 0.9;
const BACK_SECONDS_MAX = 30;
const ATTEMPTS_PER_REQUEST_MAX = 1.2;

const { values } = parseArgs({ options: { "gap-ms": { type: "string", default: "20" } } });
const [outage, after, total] = await drive(Number(values["gap-ms"]), [
  { seconds: 60, primaryDown: true, otherDown: false },
  { seconds: 40, primaryDown: false, otherDown: false },
  { seconds: 60, primaryDown: true, otherDown: true },
]);
if (!outage || !after || !total) throw new Error("a stretch is missing");

const problems: string[] = [];
for (const { requests, served } of [outage, after]) {
  if (served !== requests) problems.push(`${requests - served} requests were not served`);
}
const [opened = 0, ...probes] = outage.primary.slice(FAILURES_IN_A_ROW - 1);
let restEnds = opened + (FIRST_REST_MS * SHORTEST_REST) / 1000;
for (const at of probes) {
  // Calls that were under way when the circuit opened are no probes.
  if (at - opened < 1) continue;
  if (at < restEnds) problems.push(`a probe at ${at.toFixed(1)} s, before ${restEnds.toFixed(1)} s`);
  restEnds = at + (REST_MS * SHORTEST_REST) / 1000;
}
const [back = Number.POSITIVE_INFINITY] = after.primary;
if (back > BACK_SECONDS_MAX) problems.push(`the primary is asked again only after ${back.toFixed(1)} s`);
const attempts = total.primary.length + total.other.length;
// Of fewer than a hundred requests a minute ten may be asked again.
const isBusy = total.requests >= 100;
if (isBusy && attempts > ATTEMPTS_PER_REQUEST_MAX * total.requests) problems.push("the outage is amplified");

const seconds = (list: readonly number[]): string => list.map((at) => at.toFixed(1)).join(", ");
console.log(`primary down   ${outage.served} of ${outage.requests} served; probes at ${seconds(probes)} s`);
console.log(
  `primary back   asked again after ${back.toFixed(1)} s; it served ${after.primary.length} of ${after.requests}`,
);
console.log(
  `both down      ${attempts} attempts for ${total.requests} requests (${(attempts / total.requests).toFixed(2)})`,
);
for (const problem of problems) console.log(`problem        ${problem}`);
console.log(problems.length === 0 ? "passed" : "failed");
process.exitCode = problems.length === 0 ? 0 : 1;
