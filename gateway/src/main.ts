import { runCli } from "./cli/program.ts";
import { up } from "./main/up.ts";

/**
 * The runtime caps simultaneous outgoing calls of a process at 256 and reads its own cap only from the
 * environment it was started with: without it the process starts over once, keeping its id.
 */
const CALLS_MAX = "65535";

if (!process.env["BUN_CONFIG_MAX_HTTP_REQUESTS"] && process.execve) {
  const script = Bun.isStandaloneExecutable ? [] : [Bun.main];
  const args = [process.execPath, ...script, ...process.argv.slice(2)];
  process.execve(process.execPath, args, { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: CALLS_MAX });
}

process.exit(await runCli(process.argv.slice(2), up));
