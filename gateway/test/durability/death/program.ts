import { join } from "node:path";

const SOURCE = join(import.meta.dir, "../../../src");
/** Stands beside the entry of the gateway, because that looks for its threads there. */
const ENTRY = join(SOURCE, "dying.ts");

/**
 * Builds a gateway that has all places to die in it, and gives the executable's path. Compiled, a start takes 0.2 s of a
 * core; out of the sources it takes 0.5 s, and nearly all that a death costs is starts.
 */
export async function buildDying(folder: string): Promise<string> {
  const outfile = join(folder, "dying");
  await Bun.build({
    entrypoints: [ENTRY, ...["reader", "checkpointer"].map((name) => join(SOURCE, `workers/${name}.ts`))],
    files: {
      [ENTRY]: `import ${JSON.stringify(join(import.meta.dir, "deaths.ts"))};\nimport "./main.ts";\n`,
    },
    root: SOURCE,
    target: "bun",
    format: "esm",
    minify: { syntax: true, whitespace: true, identifiers: false },
    bytecode: true,
    define: { "process.env.NODE_ENV": '"production"' },
    compile: { outfile, autoloadBunfig: false, autoloadDotenv: false },
  });
  return outfile;
}
