/** Runs simulations of the budgets: `npm run simulate -- --seeds 100000`, or `--seed 17` to replay one. */
import { parseArgs } from "node:util";
import { simulateNodes } from "./nodes.ts";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({ options: { seeds: { type: "string" }, seed: { type: "string" } } });
const [first, last] =
  values.seed === undefined
    ? [1, Number(values.seeds ?? 10_000)]
    : [Number(values.seed), Number(values.seed)];
const total = { admitted: 0, refused: 0, crashes: 0, setBacks: 0, retired: 0 };
const startedMs = performance.now();
let failures = 0;
for (let seed = first; seed <= last; seed++) {
  try {
    const { admitted, refused, crashes } = await simulate(seed);
    total.admitted += admitted;
    total.refused += refused;
    total.crashes += crashes;
    const nodes = await simulateNodes(seed);
    total.admitted += nodes.admitted;
    total.refused += nodes.refused;
    total.setBacks += nodes.setBacks;
    total.retired += nodes.retired;
  } catch (error) {
    failures++;
    console.error(`seed ${seed}:`, error);
  }
}
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
console.log(
  `${last - first + 1} seeds in ${seconds} s: ${total.admitted} admitted, ${total.refused} refused, ` +
    `${total.crashes} crashes, ${total.setBacks} servers set back, ${total.retired} nodes retired, ${failures} failures`,
);
process.exitCode = failures > 0 ? 1 : 0;
