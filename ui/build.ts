import { rm } from "node:fs/promises";
import { join } from "node:path";
import tailwind from "bun-plugin-tailwind";

const SOURCE = join(import.meta.dir, "src");
/** Where the gateway serves the files other than the page itself. */
const ASSETS_PATH = "/admin/assets/";

/**
 * Builds the interface into `outdir`, in place of what was there: `index.html` and files with hashed names, which may
 * be cached for ever. Gives the names of the files. Throws with the bundler's messages when a source is at fault.
 */
export async function buildUi(outdir: string): Promise<readonly string[]> {
  await rm(outdir, { recursive: true, force: true });
  const { outputs } = await Bun.build({
    entrypoints: [join(SOURCE, "index.html")],
    outdir,
    target: "browser",
    minify: true,
    splitting: true,
    publicPath: ASSETS_PATH,
    naming: { entry: "[name].[ext]", chunk: "[name]-[hash].[ext]", asset: "[name]-[hash].[ext]" },
    plugins: [tailwind],
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return outputs.map((output) => output.path);
}

if (import.meta.main) {
  const paths = await buildUi(join(import.meta.dir, "dist"));
  for (const path of paths) process.stdout.write(`${path}\n`);
}
