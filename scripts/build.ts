/**
 * Builds the one-file executable, console inside: `npm run build` writes `dist/scaigrid`. It needs nothing beside it
 * on the machine that runs it. `npm run build -- --outfile path` puts it elsewhere.
 */
import { mkdir, rename } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildUi } from "../ui/build.ts";
import { ROOT } from "./repository.ts";

const { values } = parseArgs({
  options: { outfile: { type: "string", default: join(ROOT, "dist/scaigrid") } },
});
const SOURCE = join(ROOT, "gateway/src");
const outfile = resolve(values.outfile);

const consoleFolder = join(ROOT, "ui/dist");
await buildUi(consoleFolder);
await mkdir(dirname(outfile), { recursive: true });
// Under another name until it is whole: a build that fails leaves the former executable as it was.
const unfinished = `${outfile}.new`;
await Bun.build({
  // Threads load their code by path, so it must be an entry of its own.
  entrypoints: ["main.ts", "workers/reader.ts", "workers/checkpointer.ts"].map((file) => join(SOURCE, file)),
  root: SOURCE,
  target: "bun",
  format: "esm",
  minify: true,
  bytecode: true,
  define: { "process.env.NODE_ENV": '"production"' },
  compile: {
    outfile: unfinished,
    assets: [consoleFolder],
    // A foreign file of the working folder must not decide what the gateway runs or is configured with.
    autoloadBunfig: false,
    autoloadDotenv: false,
  },
});
await rename(unfinished, outfile);
console.log(`${outfile} (${(Bun.file(outfile).size / 1e6).toFixed(0)} MB)`);
