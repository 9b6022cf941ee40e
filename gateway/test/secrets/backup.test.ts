import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { withStore } from "../api/store-file.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";
import { scaigrid, type CommandOptions } from "../start/command.ts";
import { foundIn, Load, plant } from "./planted.ts";

const PLANTED = 6;
const TEST_MS_MAX = 150_000;
/** The store in the folder, whichever engine other tests run on. */
const ENV = { SCAIGRID_DATABASE_URL: "", SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0" };
const usageRows = z.array(z.object({ id: z.string(), row: z.string() }));

describe("scaigrid backup and restore", () => {
  const root = mkdtempSync(join(tmpdir(), "scaigrid-backup-"));
  const fake = new FaultUpstream();
  let gateway: Gateway;
  let secrets: readonly string[];
  let slug: string;
  beforeAll(async () => {
    gateway = await startGateway({ env: ENV });
    ({ secrets, slug } = await plant(gateway, fake, PLANTED));
  }, TEST_MS_MAX);
  afterAll(async () => {
    await gateway.stop();
    fake.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const at = (name: string) => join(root, name);
  const backup = (name: string, env: CommandOptions["env"] = {}) =>
    scaigrid(["backup", at(name)], { env: { SCAIGRID_DATA_DIR: gateway.dataDir, ...env } });
  const restore = (name: string, to: string, env: CommandOptions["env"] = {}) =>
    scaigrid(["restore", at(name)], { env: { SCAIGRID_DATA_DIR: at(to), ...env } });
  /** Usage as it stands in the store of a data folder, by id. */
  const usageIn = (dataDir: string) =>
    withStore({ dataDir }, (store) => {
      const sql = "select id, json_array(request_id, status, tenant_pico, cost_pico) as row from usage";
      return new Map(usageRows.parse(store.query(sql).all()).map(({ id, row }) => [id, row]));
    });
  const chat = (node: Gateway) =>
    node.api("POST", "/v1/inference/chat", {
      key: gateway.firstKey,
      body: { model: slug, messages: [{ role: "user", content: "hello" }] },
    });

  test(
    "a backup under load restores to an installation that works, with the usage up to it",
    async () => {
      const load = new Load([gateway], gateway.firstKey, slug);
      while ((load.statuses.get(200) ?? 0) < 30) await Bun.sleep(5);
      // In flight while the copy is made, and for long after.
      const open = await gateway.chatStream({
        model: "scailabs/poolnoodle-omni",
        messages: [{ role: "user", content: "word ".repeat(200) }],
        metadata: { simulate: JSON.stringify({ token_ms: 200 }) },
      });
      await open.nextContent();
      const before = await usageIn(gateway.dataDir);
      const ended = await backup("under-load");
      expect([ended.code, ended.out]).toEqual([0, `${at("under-load")}\n`]);
      expect(ended.err).toContain("secret.key");
      await chat(gateway);
      expect(Object.keys(await load.stop())).toEqual(["200"]);
      expect(gateway.output.logs.filter((line) => line["level"] === "error")).toEqual([]);
      expect(statSync(at("under-load")).mode & 0o777).toBe(0o700);
      expect(statSync(join(at("under-load"), "scaigrid.db")).mode & 0o777).toBe(0o600);
      expect(foundIn(at("under-load"), secrets)).toBe(0);

      expect(await restore("under-load", "restored")).toMatchObject({ code: 0, out: `${at("restored")}\n` });
      const copy = await startGateway({
        dataDir: at("restored"),
        env: ENV,
        node: { adminKey: gateway.adminKey },
      });
      try {
        const [original, restored] = [await usageIn(gateway.dataDir), await usageIn(at("restored"))];
        expect(before.size).toBeGreaterThanOrEqual(30);
        // All that had been settled before the copy began, row for row.
        for (const [id, row] of before) expect(restored.get(id)).toBe(row);
        // What was open then is settled by the copy for what had been delivered; nothing else is there.
        const more = [...restored].filter(([id, row]) => original.get(id) !== row);
        expect(more.filter(([, row]) => row.includes(open.requestId))).toHaveLength(1);
        for (const [, row] of more) expect(row).toContain('"interrupted"');
        expect((await chat(copy)).status).toBe(200);
        expect(fake.log.records.at(-1)?.headers["authorization"]).toBe(`Bearer ${secrets[0]}`);
        expect((await copy.api("GET", "/v1/providers?limit=100")).status).toBe(200);
      } finally {
        await copy.stop();
        open.leave();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "a backup at rest has the same totals, of a stopped gateway as well",
    async () => {
      const summary = (node: Gateway) =>
        node.api("GET", "/v1/accounting/usage/summary", { key: gateway.firstKey });
      expect((await chat(gateway)).status).toBe(200);
      const totals = pick((await summary(gateway)).body, "data");
      expect(pick(totals, "0.request_count")).toBeGreaterThan(0);
      await gateway.terminate();
      expect((await backup("at-rest")).code).toBe(0);
      const rested = await restore("at-rest", "rested");
      expect([rested.code, rested.err]).toEqual([
        0,
        expect.stringContaining(`SCAIGRID_DATA_DIR=${at("rested")}.`),
      ]);
      const copy = await startGateway({
        dataDir: at("rested"),
        env: ENV,
        node: { adminKey: gateway.adminKey },
      });
      expect(pick((await summary(copy)).body, "data")).toEqual(totals);
      await copy.stop();
      await gateway.restart();
    },
    TEST_MS_MAX,
  );

  test("without the secret key, or with another one, restoring is refused and leaves nothing", async () => {
    expect((await backup("keyless")).code).toBe(0);
    const key = join(at("keyless"), "secret.key");
    const hex = await Bun.file(key).text();
    rmSync(key);
    const lost = await restore("keyless", "lost");
    expect([lost.code, lost.err]).toEqual([1, expect.stringContaining("the secret key of this backup")]);
    const wrong = await restore("keyless", "lost", { SCAIGRID_SECRET_KEY: "ab".repeat(32) });
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("put its secret.key")]);
    expect(existsSync(at("lost"))).toBe(false);
    const found = await restore("keyless", "found", { SCAIGRID_SECRET_KEY: hex.trim() });
    expect([found.code, found.err]).toEqual([0, expect.stringContaining("SCAIGRID_SECRET_KEY set as it is")]);
  });

  test("nothing is overwritten: neither a folder with something in it nor one in use", async () => {
    mkdirSync(at("full"));
    writeFileSync(join(at("full"), "mine.txt"), "");
    const refused = [await backup("full"), await restore("at-rest", "full")];
    for (const { code, err } of refused)
      expect([code, err]).toEqual([1, expect.stringContaining("not empty")]);
    expect(readdirSync(at("full"))).toEqual(["mine.txt"]);
    const busy = await restore("at-rest", gateway.dataDir, { SCAIGRID_DATA_DIR: gateway.dataDir });
    expect([busy.code, busy.err]).toEqual([1, expect.stringContaining("in use by another")]);
  });

  test("what is no whole backup, no data folder or no SQLite is refused in words", async () => {
    const half = await restore("full", "new");
    expect([half.code, half.err]).toEqual([1, expect.stringContaining("is not a backup")]);
    const nothing = await backup("new", { SCAIGRID_DATA_DIR: at("nowhere") });
    expect([nothing.code, nothing.err]).toEqual([1, expect.stringContaining("SCAIGRID_DATA_DIR")]);
    const server = { SCAIGRID_DATABASE_URL: "postgres://me:hidden@127.0.0.1:5432/scaigrid" };
    const elsewhere = await backup("new", server);
    expect([elsewhere.code, elsewhere.err]).toEqual([1, expect.stringContaining("pg_dump")]);
    expect(elsewhere.err).not.toContain("hidden");
    expect(existsSync(at("new"))).toBe(false);
  });
});
