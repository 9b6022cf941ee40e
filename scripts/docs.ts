/**
 * Generates the reference that follows from the code, so that they cannot disagree. `npm run docs` writes it;
 * `npm run docs -- --check` compares and fails where a file is missing, old or left over. A further reference is one
 * more function in `GENERATORS`.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { operatorReference, typesReference } from "./docs/api.ts";
import { errorReference } from "./docs/errors.ts";
import { readText } from "./docs/files.ts";
import { COMMAND, MARK } from "./docs/reference.ts";
import type { Reference } from "./docs/reference.ts";
import { ROOT } from "./repository.ts";

const GENERATORS: readonly (() => Promise<Reference>)[] = [
  async () => errorReference(),
  async () => operatorReference(),
  typesReference,
];

/** Generated pages of the folder that nothing generates any more. */
function leftOver({ folder, pages }: Reference): readonly string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".md") && !pages.has(name))
    .filter((name) =>
      readText(join(ROOT, folder, name))
        ?.split("\n", 1)[0]
        ?.includes(MARK),
    );
}

function write(reference: Reference): void {
  const folder = join(ROOT, reference.folder);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of reference.pages) writeFileSync(join(folder, name), text);
  for (const name of leftOver(reference)) rmSync(join(folder, name));
  console.log(`${reference.folder}: ${reference.pages.size} files`);
}

function differences(reference: Reference): readonly string[] {
  const { folder, pages } = reference;
  const old = [...pages].filter(([name, text]) => readText(join(ROOT, folder, name)) !== text);
  return [
    ...old.map(([name]) => `${folder}/${name} is not what the code says`),
    ...leftOver(reference).map((name) => `${folder}/${name} is left over`),
  ];
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== "--check");
  if (unknown !== undefined) {
    console.error(`Unknown argument ${unknown}. Usage: ${COMMAND} [-- --check]`);
    return 2;
  }
  const references = await Promise.all(GENERATORS.map((generate) => generate()));
  if (!args.includes("--check")) {
    references.forEach(write);
    return 0;
  }
  const found = references.flatMap(differences);
  for (const difference of found) console.error(difference);
  if (found.length > 0) console.error(`Run \`${COMMAND}\` and commit the result.`);
  return found.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
