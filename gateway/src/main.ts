import { extname, join } from "node:path";
import type { Config } from "./config/config.ts";
import type { ProgramFiles } from "./main/up.ts";

// The runtime reads some of its settings only from the environment it is started with: without them it starts over once,
// keeping the id of the process.
const { completedEnvironment } = await import("./main/runtime-environment.ts");
const environment = completedEnvironment(process.env);
if (environment && process.execve) {
  const script = Bun.isStandaloneExecutable ? [] : [Bun.main];
  const args = [process.execPath, ...script, ...process.argv.slice(2)];
  process.execve(process.execPath, args, environment);
}

// Only now: a process that starts over would read all of it twice, half the time of a start.
const [{ runCli }, { up, upTogether }, { demandDescriptors }] = await Promise.all([
  import("./cli/program.ts"),
  import("./main/up.ts"),
  import("./main/machine.ts"),
]);

/** Named here because only this file stands at the same place in a checkout and in an executable. */
const files: ProgramFiles = {
  workers: { reader: worker("reader"), checkpointer: worker("checkpointer") },
  console: Bun.isStandaloneExecutable
    ? join(import.meta.dir, "dist")
    : join(import.meta.dir, "../../ui/dist"),
};

/**
 * Its file ends as this one does: `.ts` in the sources, `.js` once they are built. In an executable this one has the name of
 * the executable, and the others those of their sources.
 */
function worker(name: string): string {
  const ending = Bun.isStandaloneExecutable ? ".ts" : extname(import.meta.path);
  return new URL(`./workers/${name}${ending}`, import.meta.url).href;
}

const starts = {
  up: (config: Config) => up(config, files),
  together: (config: Config) => upTogether(config, files),
  demandMachine: demandDescriptors,
};
process.exit(await runCli(process.argv.slice(2), starts));
