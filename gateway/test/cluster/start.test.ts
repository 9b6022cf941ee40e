import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkVersion } from "../../src/store/postgres/upgrade.ts";
import { freshDatabase, withDatabase } from "../harness/database.ts";
import type { TestDatabase } from "../harness/database.ts";
import { startGateway } from "../harness/gateway.ts";
import { mintTestKey } from "../harness/keys.ts";
import { pick } from "../harness/json.ts";
import { describePart } from "../parts.ts";
import { scaigrid } from "../start/command.ts";

const PASSWORD = "canary-9f31c0";

test("a server older than PostgreSQL 15 is named as such, 15 and newer ones will do", () => {
  expect(() => checkVersion(140_013, "db:5432/x")).toThrow("is version 14, and 15 is the oldest");
  checkVersion(150_000, "db:5432/x");
  checkVersion(180_001, "db:5432/x");
});

describePart("postgres", "a start on PostgreSQL", (server) => {
  const root = mkdtempSync(join(tmpdir(), "scaigrid-start-"));
  const databases: TestDatabase[] = [];
  let database: TestDatabase;
  let folders = 0;
  beforeAll(async () => {
    database = await fresh();
  });
  afterAll(async () => {
    await Promise.all(databases.map((each) => each.drop()));
    rmSync(root, { recursive: true, force: true });
  });

  async function fresh(): Promise<TestDatabase> {
    const made = await freshDatabase(server);
    databases.push(made);
    return made;
  }

  const up = (url: string, env: Readonly<Record<string, string>> = {}) =>
    scaigrid(["up"], {
      env: {
        SCAIGRID_DATA_DIR: join(root, `data-${folders++}`),
        SCAIGRID_PORT: "0",
        SCAIGRID_DATABASE_URL: url,
        ...env,
      },
    });

  /** The database's address with parts of it changed, and a password that must not be shown. */
  function changed(change: (url: URL) => void): string {
    const url = new URL(database.url);
    url.password = PASSWORD;
    change(url);
    return url.href;
  }

  /** Exit code 1, a message that says all of this, no stack and no password. */
  async function expectRefusal(url: string, ...says: readonly string[]): Promise<void> {
    const ended = await up(url);
    expect(ended.code).toBe(1);
    for (const text of says) expect(ended.err).toContain(text);
    expect(ended.err).not.toMatch(/^\s+at /m);
    expect(ended.out + ended.err).not.toContain(PASSWORD);
  }

  test("is refused in words where the server cannot be reached", async () => {
    const url = changed((each) => (each.port = "1"));
    await expectRefusal(url, "127.0.0.1:1/", "cannot be reached", "SCAIGRID_DATABASE_URL");
  });

  test("is refused in words where there is no such database or user, or no TLS though it is asked for", async () => {
    await expectRefusal(
      changed((each) => (each.pathname = "/nowhere")),
      "has no such database",
      "createdb",
    );
    await expectRefusal(
      changed((each) => (each.username = "nobody_here")),
      "refuses the user",
    );
    await expectRefusal(
      changed((each) => (each.search = "?sslmode=require")),
      "offers no TLS",
      "sslmode",
    );
  });

  test("is refused where the address is not well-formed, and never repeats it", async () => {
    await expectRefusal(`mysql://app:${PASSWORD}@h/d`, "SCAIGRID_DATABASE_URL must be postgres://");
    await expectRefusal(
      changed((each) => (each.search = "?sslmode=maybe")),
      "verify-full",
    );
  });

  test("with SCAIGRID_MODE=migrate makes the schema and ends, and makes no installation", async () => {
    const empty = await fresh();
    const ended = await up(empty.url, { SCAIGRID_MODE: "migrate" });
    expect([ended.code, ended.err]).toEqual([0, ""]);
    expect(ended.out).toContain("schema_upgraded");
    const rows: unknown = await withDatabase(empty.url, (shell) =>
      shell.unsafe(
        "select (select count(*) from schema_versions) as n, (select count(*) from users) as users",
      ),
    );
    expect(Number(pick(rows, "0.n"))).toBeGreaterThan(1);
    expect(Number(pick(rows, "0.users"))).toBe(0);
  });

  test("is refused on the schema of a newer release", async () => {
    const newer = await fresh();
    expect((await up(newer.url, { SCAIGRID_MODE: "migrate" })).code).toBe(0);
    await withDatabase(newer.url, (shell) =>
      shell.unsafe("insert into schema_versions (version, name, applied_at) values (999, 'future', 0)"),
    );
    await expectRefusal(newer.url, "999", "start a release at least as new");
  });

  test("is refused with another secret key than the other nodes', leaves none of its own, and with theirs says where all is kept", async () => {
    const adminKey = mintTestKey();
    const env = {
      SCAIGRID_DATABASE_URL: database.url,
      SCAIGRID_SECRET_KEY: randomBytes(32).toString("hex"),
    };
    const node = await startGateway({ env, node: { adminKey } });
    const folder = join(root, "other-key");
    const ended = await up(database.url, { SCAIGRID_DATA_DIR: folder });
    expect(ended.code).toBe(1);
    expect(ended.err).toContain("another secret key");
    expect(ended.err).toContain("nodes that share a store share the key");
    expect(existsSync(join(folder, "secret.key"))).toBe(false);
    const joined = await startGateway({ dataDir: folder, env, node: { adminKey } });
    expect((await joined.api("GET", "/v1/me")).status).toBe(200);
    expect(node.output.text).toContain("Everything is kept in PostgreSQL at 127.0.0.1:");
    expect(joined.output.text).toContain("Keys and usage are those of PostgreSQL at 127.0.0.1:");
    await joined.stop();
    await node.stop();
  });
});
