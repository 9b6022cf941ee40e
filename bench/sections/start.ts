import { startGateway } from "../../gateway/test/harness/gateway.ts";
import type { Gateway } from "../../gateway/test/harness/gateway.ts";
import { bookFaults } from "../books.ts";
import type { Figure } from "../figure.ts";
import { timeRestart, timeStart } from "../first-answer.ts";
import type { FirstAnswer } from "../first-answer.ts";
import type { Answers } from "../load/closed-loop.ts";
import { residentBytes } from "../load/proc.ts";
import type { Destination } from "../load/request.ts";
import { sum } from "../measure.ts";
import type { Bench, Found } from "../measure.ts";
import { destination, GATEWAY_OPTIONS } from "../targets.ts";
import { MB } from "./chat.ts";

const STARTS = 5;
const IDLE_MS = 1000;
const SANDBOX_MODEL = "scailabs/poolnoodle-omni";

/** What one folder has seen: its first start and its second. */
interface Start {
  readonly coldMs: number;
  readonly secondMs: number;
  readonly idleBytes: number;
  readonly answers: Answers;
  readonly faults: readonly string[];
}

function sandbox(gateway: Gateway): Destination {
  return { ...destination(gateway), model: SANDBOX_MODEL };
}

async function start(program: readonly string[] | undefined): Promise<Start> {
  let gateway: Gateway | undefined;
  try {
    const options = program ? { ...GATEWAY_OPTIONS, program } : GATEWAY_OPTIONS;
    const cold = await timeStart(async () => sandbox((gateway = await startGateway(options))));
    if (!gateway) throw new Error("nothing was started");
    await Bun.sleep(IDLE_MS);
    const idleBytes = residentBytes(gateway.pid);
    const second = await timeRestart(gateway, sandbox);
    await gateway.terminate();
    const answers = seen([cold, second]);
    const faults = bookFaults(gateway.dataDir, answers, reported([cold, second]));
    return { coldMs: cold.ms, secondMs: second.ms, idleBytes, answers, faults };
  } finally {
    await gateway?.dispose();
  }
}

function seen(calls: readonly FirstAnswer[]): Answers {
  const tokens = calls.reduce((so, { tokensOut }) => so + tokensOut, 0);
  return { requests: calls.length, tokens, failures: 0 };
}

/** The sandbox keeps no log: what its answers reported stands in. */
function reported(calls: readonly FirstAnswer[]) {
  const tokensIn = calls.reduce((so, call) => so + call.tokensIn, 0);
  return { requests: calls.length, tokensIn, tokensOut: seen(calls).tokens };
}

function figures(prefix: string, suffix: string, starts: readonly Start[]): Figure[] {
  const about = {
    unit: "ms",
    scalesWith: "chat call",
    floor: { sense: "at most", floor: 1000, aim: 400 },
  } as const;
  return [
    {
      ...about,
      id: `${prefix}.cold`,
      name: `cold start to the first answer${suffix}`,
      values: { gateway: starts.map(({ coldMs }) => coldMs) },
    },
    {
      ...about,
      id: `${prefix}.second`,
      name: `second start to the first answer${suffix}`,
      values: { gateway: starts.map(({ secondMs }) => secondMs) },
    },
    {
      id: `${prefix}.idle`,
      name: `memory, idle${suffix}`,
      unit: "MB",
      floor: { sense: "at most", floor: 100 },
      values: { gateway: starts.map(({ idleBytes }) => idleBytes / MB) },
    },
  ];
}

/** From the start of the process to the first whole answer of the built-in sandbox model. */
export async function startUp({ executable }: Bench): Promise<Found> {
  const sources: Start[] = [];
  const compiled: Start[] = [];
  for (let i = 0; i < STARTS; i++) {
    sources.push(await start(undefined));
    if (executable !== undefined) compiled.push(await start([executable]));
  }
  const all = [...sources, ...compiled];
  return {
    figures: [
      ...figures("start", "", sources),
      ...(executable === undefined ? [] : figures("executable", ", executable", compiled)),
    ],
    notes: [],
    answers: sum(all.map(({ answers }) => answers)),
    faults: all.flatMap(({ faults }) => faults),
  };
}
