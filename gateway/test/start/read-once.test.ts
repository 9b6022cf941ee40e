import { expect, test } from "bun:test";

/** Static imports are read before the first line runs: also by a process whose first deed is to start over. */
test("the program is not read before the process has started over", async () => {
  const source = await Bun.file(new URL("../../src/main.ts", import.meta.url)).text();
  const all = new Bun.Transpiler({ loader: "ts" }).scanImports(source);
  const imports = all.filter(({ path }) => path.startsWith("."));
  expect(imports.filter(({ kind }) => kind === "import-statement")).toEqual([]);
  expect(imports.map(({ path }) => path)).toEqual(["./cli/program.ts", "./main/up.ts", "./main/machine.ts"]);
});
