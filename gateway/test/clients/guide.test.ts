import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describeApi } from "../api/started.ts";

const ROOT = resolve(import.meta.dir, "../../..");
/** Guides with programs, and the headings above these. */
const GUIDES: readonly (readonly [string, readonly string[]])[] = [
  ["openai-clients", ["openai, TypeScript", "Vercel AI SDK", "LangChain"]],
  ["anthropic-clients", ["@anthropic-ai/sdk, TypeScript", "Vercel AI SDK"]],
];
const HAIKU = "Clocks drift out of step;";
const RUN_MS_MAX = 60_000;

type Program = readonly [string, string];

/** The TypeScript programs of a guide, by the heading above them. */
async function programsOf(guide: string): Promise<readonly Program[]> {
  const text = await readFile(join(ROOT, "docs/guide", `${guide}.md`), "utf8");
  return text
    .split("\n## ")
    .slice(1)
    .flatMap((section): Program[] => {
      const program = /```ts\n(import[\s\S]*?)```/.exec(section)?.[1];
      return program === undefined ? [] : [[section.split("\n", 1)[0] ?? "", program]];
    });
}

const FOUND = await Promise.all(
  GUIDES.map(async ([guide, headings]) => [guide, headings, await programsOf(guide)] as const),
);
const PROGRAMS = FOUND.flatMap(([guide, , programs]) =>
  programs.map(([heading, program]) => [guide, heading, program] as const),
);

describeApi("the guides to the clients of others", (api) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "scaigrid-guide-"));
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(FOUND)("%s has a program for each of the clients", (_guide, headings, programs) => {
    expect(programs.map(([heading]) => heading)).toEqual([...headings]);
  });

  test.each(PROGRAMS)("%s: %s runs as it stands, but for the address", async (guide, heading, program) => {
    const file = join(folder, `${guide}-${heading.replace(/\W+/g, "-")}.ts`);
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
