/** Formats the sources in place: `npm run format`. */
import { formatCommand } from "./formatting.ts";
import { run } from "./repository.ts";

const FORMAT_MS_MAX = 60_000;

const { ok, output } = await run(formatCommand([]), { timeoutMs: FORMAT_MS_MAX });
console.log(output.trim());
process.exitCode = ok ? 0 : 1;
