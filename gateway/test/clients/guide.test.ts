import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describeApi } from "../api/started.ts";

const ROOT = resolve(import.meta.dir, "../../..");
const GUIDE = join(ROOT, "docs/guide/openai-clients.md");
const HAIKU = "Clocks drift out of step;";
const RUN_MS_MAX = 60_000;

/** The TypeScript programs of the guide, by the heading above them. */
async function programs(): Promise<readonly (readonly [string, string])[]> {
  const sections = (await readFile(GUIDE, "utf8")).split("\n## ").slice(1);
  return sections.flatMap((section) => {
    const program = /```ts\n([\s\S]*?)```/.exec(section)?.[1];
    return program === undefined ? [] : [[section.split("\n", 1)[0] ?? "", program] as const];
  });
}

const PROGRAMS = await programs();

describeApi("the guide to OpenAI's clients", (api) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "scaigrid-guide-"));
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("has a program for each of the clients", () => {
    expect(PROGRAMS.map(([heading]) => heading)).toEqual([
      "openai, TypeScript",
      "Vercel AI SDK",
      "LangChain",
    ]);
  });

  test.each(PROGRAMS)("%s runs as it stands, but for the address", async (heading, program) => {
    const file = join(folder, `${heading.replace(/\W+/g, "-")}.ts`);
    await writeFile(file, program.replaceAll("http://localhost:8000", api.gateway.url));
    const child = Bun.spawn([process.execPath, file], {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: folder, SCAIGRID_API_KEY: api.gateway.firstKey },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: RUN_MS_MAX,
      killSignal: "SIGKILL",
    });
    const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    expect([code, err.replace(/^\s*\d+ tokens\s*$/, "")]).toEqual([0, ""]);
    expect(out).toStartWith(HAIKU);
  });
});
