import { expect, test } from "bun:test";

/** What a file of the sources imports of its own repository. */
async function importsOf(path: string) {
  const source = await Bun.file(new URL(`../../src/${path}`, import.meta.url)).text();
  const all = new Bun.Transpiler({ loader: "ts" }).scanImports(source);
  return all.filter(({ path: each }) => each.startsWith("."));
}

/** Static imports are read before the first line runs: also by a process whose first deed is to start over. */
test("the program is not read before the process has started over", async () => {
  const imports = await importsOf("main.ts");
  expect(imports.filter(({ kind }) => kind === "import-statement")).toEqual([]);
  const [before, ...program] = imports.map(({ path }) => path);
  expect(before).toBe("./main/runtime-environment.ts");
  expect(await importsOf("main/runtime-environment.ts")).toEqual([]);
  expect(program).toEqual(["./cli/program.ts", "./main/up.ts", "./main/machine.ts"]);
});
