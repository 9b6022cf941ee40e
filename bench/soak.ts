/**
 * `npm run soak [-- --requests 200000 --warm-up 20000 --at-once 64]`: sends calls and faults of every kind through a
 * gateway process and says how much memory they leave behind. Fails when that is more than 10 MB, when an answer was
 * not what it should have been, or when the books do not balance.
 */
import { parseArgs } from "node:util";
import { isBalanced, soak } from "../gateway/test/faults/soak/soak.ts";

const GROWTH_MB_MAX = 10;

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "200000" },
    "warm-up": { type: "string", default: "20000" },
    "at-once": { type: "string", default: "64" },
  },
});

const result = await soak({
  requests: Number(values.requests),
  warmUp: Number(values["warm-up"]),
  atOnce: Number(values["at-once"]),
  ...(process.stderr.isTTY && {
    onProgress: (done) => process.stderr.write(`\r${done} of ${values.requests}`),
  }),
});

const { before, after } = result;
const grownMb = after.residentMb - before.residentMb;
console.log(
  `requests       ${values.requests} in ${result.seconds.toFixed(0)} s, after ${values["warm-up"]} to warm up`,
);
console.log(
  `resident       ${before.residentMb.toFixed(1)} → ${after.residentMb.toFixed(1)} MB (${grownMb.toFixed(1)})`,
);
console.log(`heap           ${before.heapMb.toFixed(1)} → ${after.heapMb.toFixed(1)} MB`);
console.log(
  `usage records  ${result.records} of ${result.settled} to ${result.settled + result.unsure}, ${result.openIntents} open intents`,
);
console.log(`sockets more   ${result.sockets}`);
for (const surprise of result.surprises) console.log(`surprise       ${surprise}`);
const fine = isBalanced(result) && result.surprises.length === 0 && grownMb <= GROWTH_MB_MAX;
console.log(fine ? "passed" : `failed: at most ${GROWTH_MB_MAX} MB, no surprise, every call settled once`);
process.exitCode = fine ? 0 : 1;
