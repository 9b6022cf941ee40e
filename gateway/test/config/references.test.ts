import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isReference, referenceProblem, referenceReader } from "../../src/config/references.ts";

const NAME = "REFERENCE_TEST_KEY";
let folder = "";
const read = (text: string) => referenceReader(join(folder, "data"))(text);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "scaigrid-references-"));
  await mkdir(join(folder, "data"));
  await writeFile(join(folder, "key"), "sk-of-a-file\n");
  await writeFile(join(folder, "long"), "x".repeat(10_000));
  await writeFile(join(folder, "empty"), "");
  await writeFile(join(folder, "data", "secret.key"), "sk-not-to-be-had");
  await symlink(join(folder, "data", "secret.key"), join(folder, "link"));
  Bun.spawnSync(["mkfifo", join(folder, "pipe")]);
});
afterAll(async () => {
  delete process.env[NAME];
  await rm(folder, { recursive: true, force: true });
});

describe("a credential that is a reference", () => {
  test("is read anew each time, without the line break at its end", () => {
    process.env[NAME] = "sk-1\n";
    expect(read(`env:${NAME}`)).toEqual({ apiKey: "sk-1", reference: `env:${NAME}` });
    process.env[NAME] = "sk-2";
    expect(read(`env:${NAME}`).apiKey).toBe("sk-2");
    expect(read(`file:${join(folder, "key")}`).apiKey).toBe("sk-of-a-file");
  });

  test("that leads nowhere has no key, and is no error", () => {
    process.env[NAME] = "  ";
    expect(read(`env:${NAME}`)).toEqual({ reference: `env:${NAME}` });
    for (const file of ["none", "long", "empty", "data", "pipe", "link", "data/secret.key"]) {
      const reference = `file:${join(folder, file)}`;
      expect(read(reference)).toEqual({ reference });
    }
    expect(read("file:/proc/self/environ").apiKey).toBeUndefined();
  });

  test("never leads to the gateway's own settings", () => {
    process.env["SCAIGRID_TEST_REFERENCE"] = "sk-own";
    expect(read("env:SCAIGRID_TEST_REFERENCE").apiKey).toBeUndefined();
    delete process.env["SCAIGRID_TEST_REFERENCE"];
  });

  test.each(["env:", "env:A B", "env:1A", "env:SCAIGRID_SECRET_KEY", "file:", "file:key", "file:../key"])(
    "such as %p is refused when it is given",
    (text) => expect(referenceProblem(text)).toBeString(),
  );

  test.each(["sk-1", "environment", "ENV:X", "files:/x"])("is not what %p is", (text) => {
    expect(isReference(text)).toBe(false);
    expect(read(text)).toEqual({ apiKey: text });
  });
});
