import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { randomSecretKey } from "../../src/base/crypto.ts";
import {
  DataFolderInUse,
  DataFolderIsFile,
  DataFolderNotWritable,
  openDataFolder,
} from "../../src/store/data-folder.ts";
import { loadSecretKeys, SecretKeyUnusable } from "../../src/store/secret-key/key-file.ts";
import { KeyRing, SecretKeyMismatch } from "../../src/store/secret-key/key-ring.ts";
import { DATABASE_FILE } from "../../src/store/sqlite/database-file.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { failOnBackgroundFailure, rejection, temporaryFolder } from "./engines.ts";
import { WORKERS } from "./worker-files.ts";

const root = temporaryFolder();
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

const HOLDER = `
  import { openDataFolder } from ${JSON.stringify(new URL("../../src/store/data-folder.ts", import.meta.url).pathname)};
  try {
    openDataFolder(process.argv[1]);
    console.log("held");
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  } catch (error) {
    console.log(error.name);
  }
`;

async function hold(folder: string) {
  const child = Bun.spawn([process.execPath, "-e", HOLDER, folder], { stdout: "pipe", stderr: "inherit" });
  const { value } = await child.stdout.getReader().read();
  return { child, said: new TextDecoder().decode(value).trim() };
}

test("a data folder is made for its user alone", () => {
  const folder = join(root, "new", "data");
  const held = openDataFolder(folder);
  expect(modeOf(folder)).toBe("700");
  held.release();
});

test("the second process on a folder is refused, and kill -9 frees it at once", async () => {
  const folder = join(root, "shared");
  const first = await hold(folder);
  expect(first.said).toBe("held");
  expect(() => openDataFolder(folder)).toThrow(DataFolderInUse);
  const second = await hold(folder);
  expect(second.said).toBe("DataFolderInUse");
  await second.child.exited;
  first.child.kill("SIGKILL");
  await first.child.exited;
  openDataFolder(folder).release();
});

test("a held folder is refused within one process too, until it is released", () => {
  const folder = join(root, "same");
  const held = openDataFolder(folder);
  expect(() => openDataFolder(folder)).toThrow(DataFolderInUse);
  // Failing to take it must not have dropped the first one's hold.
  expect(() => openDataFolder(folder)).toThrow(DataFolderInUse);
  held.release();
  openDataFolder(folder).release();
});

test("a folder that cannot be written says so and what to do", () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  for (const path of [file, join(file, "data")]) {
    expect(() => openDataFolder(path)).toThrow(DataFolderIsFile);
    expect(() => openDataFolder(path)).toThrow(`${path} is to be the data folder, but there is a file`);
    expect(() => openDataFolder(path)).toThrow("SCAIGRID_DATA_DIR");
  }
  const sealed = join(root, "read-only");
  mkdirSync(sealed);
  chmodSync(sealed, 0o500);
  // The super-user may write anywhere.
  if (process.getuid?.() !== 0) expect(() => openDataFolder(sealed)).toThrow(DataFolderNotWritable);
});

test("the first start makes a secret key for this user alone, and later ones read it", () => {
  const folder = join(root, "key");
  mkdirSync(folder);
  const first = loadSecretKeys(folder);
  expect(first.created).toBe(true);
  expect(first.keys.map((key) => key.length)).toEqual([32]);
  expect(modeOf(join(folder, "secret.key"))).toBe("600");
  expect(readFileSync(join(folder, "secret.key"), "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  expect(loadSecretKeys(folder)).toEqual({ ...first, created: false });
  const given = randomSecretKey();
  expect(loadSecretKeys(folder, { key: given })).toEqual({ keys: [given], file: undefined, created: false });
  expect(() => loadSecretKeys(folder, { previous: given })).toThrow("SCAIGRID_SECRET_KEY is not");
});

test("a malformed key, or none beside a database, is refused instead of replaced", () => {
  const folder = join(root, "broken-key");
  mkdirSync(folder);
  writeFileSync(join(folder, "secret.key"), "abc");
  expect(() => loadSecretKeys(folder)).toThrow(SecretKeyUnusable);
  rmSync(join(folder, "secret.key"));
  writeFileSync(join(folder, DATABASE_FILE), "");
  expect(() => loadSecretKeys(folder)).toThrow("is missing");
});

test("a database and a secret key that do not belong together are noticed at start", async () => {
  const folder = join(root, "probe");
  mkdirSync(folder);
  const options = { folder, clock: systemClock, workers: WORKERS, onFailure: failOnBackgroundFailure };
  const key = randomSecretKey();
  const { store } = await openSqliteStore(options);
  await KeyRing.open(store, { keys: [key] });
  expect((await KeyRing.open(store, { keys: [randomSecretKey(), key] })).key).toEqual(key);
  const other = KeyRing.open(store, { keys: [randomSecretKey()] });
  expect(await rejection(other)).toBeInstanceOf(SecretKeyMismatch);
  await store.close();
});
