/** Checks how the code is laid out: `bun scripts/structure.ts`. Prints `file:line rule: message` for each breach. */
import { join } from "node:path";
import { ROOT } from "./repository.ts";
import { checkTree } from "./structure/check-tree.ts";
import { EXCEPTIONS } from "./structure/exceptions.ts";

const FOLDERS = "{gateway,scripts,bench,ui,examples}/**/*.{ts,tsx,mjs}";

async function readTree(): Promise<ReadonlyMap<string, string>> {
  const paths = [...new Bun.Glob(FOLDERS).scanSync(ROOT)].map((path) => path.replaceAll("\\", "/"));
  const sources = paths.filter((path) => !/(^|\/)(node_modules|dist)\//.test(path)).sort();
  return new Map(
    await Promise.all(sources.map(async (path) => [path, await Bun.file(join(ROOT, path)).text()] as const)),
  );
}

const files = await readTree();
const breaches = await checkTree(files, EXCEPTIONS);
for (const { file, line, rule, message } of breaches) console.log(`${file}:${line} ${rule}: ${message}`);
console.log(`${files.size} files, ${breaches.length} breaches`);
process.exitCode = breaches.length > 0 ? 1 : 0;
