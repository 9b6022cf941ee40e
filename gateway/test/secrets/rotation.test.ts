import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { withStore } from "../api/store-file.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { withDatabase } from "../harness/database.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";
import { describePart } from "../parts.ts";
import { scaigrid } from "../start/command.ts";
import { foundIn, Load, opens, plant, plantMany, type Sealed } from "./planted.ts";

const PLANTED = 50;
/** More than are sealed anew between two looks of a test. */
const MANY = 1_500;
const TEST_MS_MAX = 150_000;
/** The store in the folder, whichever engine other tests run on. */
const IN_FOLDER = { SCAIGRID_DATABASE_URL: "", SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0" };
const SEALED_SQL =
  "select id, credentials from providers where credentials is not null " +
  "union all select id, credentials from backends where credentials is not null";

const rows = z.array(z.object({ id: z.string(), credentials: z.string() }));
const versionsOf = (sealed: readonly Sealed[]) =>
  new Set(sealed.map(({ credentials }) => credentials.split(".")[0]));

/** Waits until `look` gives true; each look lets everybody else run first. */
async function until(look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + TEST_MS_MAX / 2;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error("it did not come to pass");
    await Bun.sleep(1);
  }
}

describe("scaigrid secrets rotate, with the key in a file", () => {
  const fake = new FaultUpstream();
  let gateway: Gateway;
  let secrets: readonly string[];
  let slug: string;
  beforeAll(async () => {
    gateway = await startGateway({ env: IN_FOLDER });
    ({ secrets, slug } = await plant(gateway, fake, PLANTED));
  }, TEST_MS_MAX);
  afterAll(async () => {
    await gateway.stop();
    fake.stop();
  });

  const rotate = () =>
    scaigrid(["secrets", "rotate", "--json"], { env: { SCAIGRID_DATA_DIR: gateway.dataDir } });
  const sealed = () => withStore(gateway, (store) => rows.parse(store.query(SEALED_SQL).all()));
  const keysInFile = () =>
    readFileSync(join(gateway.dataDir, "secret.key"), "utf8")
      .trim()
      .split("\n")
      .map((line) => Uint8Array.fromHex(line));
  const onlyKey = () => {
    const [key, ...more] = keysInFile();
    if (key === undefined || more.length > 0) throw new Error("the file does not hold one key");
    return key;
  };

  test(
    "replaces the key under load without a failed request; the former one opens nothing",
    async () => {
      const former = onlyKey();
      const load = new Load([gateway], gateway.firstKey, slug);
      await until(async () => (load.statuses.get(200) ?? 0) > 20);
      const ended = await rotate();
      expect([ended.code, JSON.parse(ended.out)]).toEqual([0, { version: 2, resealed: PLANTED }]);
      const before = load.statuses.get(200) ?? 0;
      await until(async () => (load.statuses.get(200) ?? 0) > before + 20);
      expect(Object.keys(await load.stop())).toEqual(["200"]);
      const used = new Set(fake.log.records.map(({ headers }) => headers["authorization"]));
      expect([...used]).toEqual([`Bearer ${secrets[0]}`]);

      const now = await sealed();
      expect(now).toHaveLength(PLANTED);
      expect(now.filter((each) => opens(former, each))).toEqual([]);
      expect(now.filter((each) => opens(onlyKey(), each))).toHaveLength(PLANTED);
      expect(foundIn(gateway.dataDir, secrets)).toBe(0);
    },
    TEST_MS_MAX,
  );

  test(
    "killed in the middle, both keys open until the next start has come to the end",
    async () => {
      const former = onlyKey();
      await gateway.terminate();
      await withStore(gateway, (store) => plantMany(store, MANY, former, 2));
      await gateway.restart();
      const call = gateway.api("POST", "/v1/secret-key/rotations").catch(() => undefined);
      await until(async () => versionsOf(await sealed()).size === 2);
      await gateway.kill();
      await call;
      expect(versionsOf(await sealed())).toEqual(new Set(["v2", "v3"]));
      expect(keysInFile()).toHaveLength(2);

      await gateway.restart();
      const load = new Load([gateway], gateway.firstKey, slug);
      await until(async () => keysInFile().length === 1);
      expect(Object.keys(await load.stop())).toEqual(["200"]);
      const now = await sealed();
      expect(versionsOf(now)).toEqual(new Set(["v3"]));
      expect(now.filter((each) => opens(former, each))).toEqual([]);
      expect(now.filter((each) => opens(onlyKey(), each))).toHaveLength(PLANTED + MANY);
      await gateway.restart();
    },
    TEST_MS_MAX,
  );

  test("is for those who run the installation, and is on record", async () => {
    const refused = await gateway.api("POST", "/v1/secret-key/rotations", { key: gateway.firstKey });
    expect(pick(refused.body, "error.code")).toBe("AUTHZ_PERMISSION_DENIED");
    const log = await gateway.api("GET", "/v1/audit-log?action=secret_key.rotate&status=SUCCESS");
    expect(pick(log.body, "data.items.0.actor_type")).toBe("service");
  });
});

describePart("postgres", "scaigrid secrets rotate, with the key in the environment of two nodes", () => {
  const fake = new FaultUpstream();
  const [former, next] = [randomBytes(32), randomBytes(32)];
  const BOTH = {
    SCAIGRID_SECRET_KEY: next.toString("hex"),
    SCAIGRID_SECRET_KEY_PREVIOUS: former.toString("hex"),
  };
  let cluster: Cluster;
  let secrets: readonly string[];
  let slug: string;
  beforeAll(async () => {
    cluster = await startCluster(1, undefined, { SCAIGRID_SECRET_KEY: former.toString("hex") });
    ({ secrets, slug } = await plant(cluster.node(0), fake, PLANTED));
  }, TEST_MS_MAX);
  afterAll(async () => {
    await cluster.stop();
    fake.stop();
  });

  const rotate = (node: Gateway) => node.api("POST", "/v1/secret-key/rotations");
  const sealed = () =>
    withDatabase(cluster.database.url, async (sql) => rows.parse(await sql.unsafe(SEALED_SQL)));

  /** Every row of every table, as text. */
  const dump = () =>
    withDatabase(cluster.database.url, async (sql) => {
      const tables = z
        .array(z.object({ name: z.string() }))
        .parse(
          await sql.unsafe(
            "select table_name as name from information_schema.tables where table_schema = 'public'",
          ),
        );
      const texts: string[] = [];
      for (const { name } of tables) {
        texts.push(JSON.stringify(await sql.unsafe(`select t::text from "${name}" t`)));
      }
      return texts.join("\n");
    });

  test("is refused while no node has a new key, in words that say what to do", async () => {
    const refused = await rotate(cluster.node(0));
    expect([refused.status, pick(refused.body, "error.code")]).toEqual([409, "CONFLICT"]);
    expect(String(pick(refused.body, "error.hint"))).toContain("SCAIGRID_SECRET_KEY_PREVIOUS");
  });

  test(
    "goes over to the new key under load on both nodes; each key alone is refused or enough",
    async () => {
      const nodes = [await cluster.join({ env: BOTH }), await cluster.join({ env: BOTH })];
      await cluster.node(0).terminate();
      const [one, other] = nodes;
      if (one === undefined || other === undefined) throw new Error("there are two");
      const load = new Load(nodes, cluster.firstKey, slug);
      // As many calls at once as somebody impatient makes: one rotation all the same.
      const replies = await Promise.all([rotate(one), rotate(other), rotate(one)]);
      replies.push(await rotate(other));
      expect(replies.map(({ status, text }) => [status, text])).toEqual(
        replies.map(() => [200, expect.stringContaining('"complete":true')]),
      );
      const before = load.statuses.get(200) ?? 0;
      await until(async () => (load.statuses.get(200) ?? 0) > before + 20);
      expect(Object.keys(await load.stop())).toEqual(["200"]);
      const now = await sealed();
      expect(now).toHaveLength(PLANTED);
      expect(versionsOf(now)).toEqual(new Set(["v2"]));
      expect(now.filter((each) => opens(former, each))).toEqual([]);
      expect(now.filter((each) => opens(next, each))).toHaveLength(PLANTED);

      // The other node seals with the new key as well.
      const connection_config = { api_key: "sk-later" };
      const later = { type: "custom", name: "later", base_url: fake.url, connection_config };
      expect((await other.api("POST", "/v1/providers", { body: later })).status).toBe(201);
      expect(versionsOf(await sealed())).toEqual(new Set(["v2"]));
      const text = await dump();
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
      expect(text).toContain("v2.");

      const alone = await cluster.join({ env: { SCAIGRID_SECRET_KEY: next.toString("hex") } });
      const body = { model: slug, messages: [{ role: "user", content: "hello" }] };
      const chat = await alone.api("POST", "/v1/inference/chat", { key: cluster.firstKey, body });
      expect(chat.status).toBe(200);
      const old = await scaigrid(["up"], {
        env: {
          SCAIGRID_DATABASE_URL: cluster.database.url,
          SCAIGRID_SECRET_KEY: former.toString("hex"),
          SCAIGRID_DATA_DIR: alone.dataDir,
          SCAIGRID_PORT: "0",
        },
      });
      expect([old.code, old.err]).toEqual([1, expect.stringContaining("another secret key")]);
    },
    TEST_MS_MAX,
  );
});
