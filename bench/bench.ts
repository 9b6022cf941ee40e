/**
 * `npm run bench [-- --only chat,streams --seconds 6 --rounds 3 --save --compare]`: what the gateway costs, beside
 * what the least possible proxy and nginx cost on the same machine in the same minute. See README.md.
 */
import { buildProgram } from "../scripts/build-program.ts";
import { changeTable, compare } from "./compare.ts";
import { load, save } from "./stored.ts";
import type { Stored } from "./stored.ts";
import { readOptions } from "./options.ts";
import type { Options } from "./options.ts";
import { yardsticksOf } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { factorsOf, factorText, thisMachine } from "./machine.ts";
import type { Bench, References } from "./measure.ts";
import { loadNotes, table } from "./report.ts";
import { SECTIONS } from "./sections/sections.ts";
import { canPin, spawnUpstream } from "./spawn.ts";
import { bunTarget, nginxTarget } from "./targets.ts";
import { PACE } from "./sections/chat.ts";

/** The least proxy, and nginx where there is one; they end with the stack. */
async function startReferences(stack: AsyncDisposableStack): Promise<References> {
  const upstream = await spawnUpstream(PACE);
  stack.defer(() => upstream.stop());
  const bun = await bunTarget(upstream.port);
  stack.defer(() => bun.stop());
  const nginx = await nginxTarget(upstream.port);
  if (nginx) stack.defer(() => nginx.stop());
  else console.log("nginx is not installed: its column stays empty.");
  return { upstream, bun, nginx };
}

/** Runs the sections; undefined where books do not balance, which it has said then. */
async function measure({ only, rounds, seconds, executable, data }: Options): Promise<Figure[] | undefined> {
  await buildProgram();
  await using stack = new AsyncDisposableStack();
  const references = await startReferences(stack);
  const bench: Bench = { rounds, measureMs: (seconds * 1000) / rounds, references, executable, data };
  const figures: Figure[] = [];
  const notes: string[] = [];
  for (const name of only) {
    const startedAt = performance.now();
    const found = await SECTIONS[name](bench);
    if (found.faults.length > 0) {
      console.error(
        `${name}: the books do not balance, so there is no report:\n  ${found.faults.join("\n  ")}`,
      );
      return undefined;
    }
    const { requests, tokens } = found.answers;
    const took = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log(
      `${name}: ${requests} requests and ${tokens} tokens went through the gateway, books balance (${took} s)`,
    );
    figures.push(...found.figures);
    notes.push(...found.notes);
  }
  const factors = factorsOf(yardsticksOf(figures));
  console.log(`\n${table(figures, factors)}\n`);
  for (const note of [...loadNotes(figures), ...notes, factorText(factors)]) if (note) console.log(note);
  return figures;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function printChanges({ date, machine, figures: before }: Stored, after: readonly Figure[]): void {
  console.log(`\nAgainst ${date}, ${machine.processors}, ${machine.system}, Bun ${machine.bun}.`);
  console.log(
    "Figures that scale with the machine are compared as multiples of the bare Bun proxy of their run;",
  );
  console.log("better and worse: no round of one run came to what a round of the other did.\n");
  console.log(changeTable(compare(before, after)));
}

async function main(): Promise<number> {
  if (process.platform !== "linux")
    throw new Error("processor time is read from /proc: the benchmark needs Linux");
  const options = readOptions(process.argv.slice(2));
  const { processors, system, bun } = thisMachine();
  console.log(`${processors}, ${system}, Bun ${bun}, ${today()}`);
  if (!canPin)
    console.log("Processes share the cores here (no taskset, or one core): figures are worth less.");
  // Before minutes of measuring, not after them.
  const former = options.compare === undefined ? undefined : await load(options.compare);
  const figures = await measure(options);
  if (!figures) return 1;
  if (former) printChanges(former, figures);
  if (options.save !== undefined) {
    await save(options.save, { date: today(), machine: thisMachine(), seconds: options.seconds, figures });
    console.log(`\nSaved in ${options.save}.`);
  }
  return 0;
}

process.exit(await main());
