import { afterAll, beforeAll, expect, test } from "bun:test";
import { withDatabase } from "../harness/database.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";
import { describePart } from "../parts.ts";
import { cookieOf, freshToken, Stranger } from "../api/people.ts";
import { codeOf, itemsOf, MESSAGES, SANDBOX } from "../api/started.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { Load } from "./load.ts";

/** Within which a change is in force on every node. */
const EFFECT_MS = 5_000;
const NODES = 3;

describePart("postgres", "three nodes on one database", () => {
  let cluster: Cluster;
  let load: Load;
  beforeAll(async () => {
    cluster = await startCluster(NODES);
    load = new Load(cluster.nodes, cluster.firstKey);
  });
  afterAll(async () => {
    await load.stop();
    await cluster.stop();
  });

  /** Milliseconds until every node answers that status to that key. */
  async function effectMs(ask: (node: Gateway) => Promise<number>, status: number): Promise<number> {
    const started = performance.now();
    await Promise.all(
      cluster.nodes.map(async (node) => {
        while ((await ask(node)) !== status) {
          if (performance.now() - started > EFFECT_MS)
            throw new Error(`not ${status} within ${EFFECT_MS} ms`);
          await Bun.sleep(10);
        }
      }),
    );
    return performance.now() - started;
  }

  const me = (key: string) => async (node: Gateway) => (await node.api("GET", "/v1/me", { key })).status;

  /** A tenant with one user who holds one key, made on the node at that place. */
  async function tenantWithKey(at: number, slug: string) {
    const node = cluster.node(at);
    const tenant = await node.api("POST", "/v1/tenants", { body: { slug, display_name: slug } });
    const tenantId = pickText(tenant.body, "data.id");
    const body = { display_name: "Robot", kind: "service", roles: ["tenant_user"], tenant_id: tenantId };
    const user = await node.api("POST", "/v1/users", { body });
    const userId = pickText(user.body, "data.id");
    const key = await node.api("POST", "/v1/api-keys", { body: { name: "ci", assigned_user_id: userId } });
    expect(key.status).toBe(201);
    return {
      tenantId,
      userId,
      keyId: pickText(key.body, "data.id"),
      key: pickText(key.body, "data.key"),
    };
  }

  test("start at once on an empty database as one installation", async () => {
    expect(cluster.firstKeys).toBe(1);
    const count = (table: string, where = "true") =>
      withDatabase(cluster.database.url, async (database) => {
        const rows: unknown = await database.unsafe(`select count(*) as n from ${table} where ${where}`);
        return Number(pick(rows, "0.n"));
      });
    expect(await count("partners")).toBe(1);
    expect(await count("tenants")).toBe(1);
    expect(await count("models")).toBe(1);
    expect(await count("api_keys")).toBe(2);
    expect(await count("users", `roles like '%super_admin%'`)).toBe(1);
    expect(await count("claims")).toBe(1);
    const links = cluster.nodes.filter(({ output }) => output.text.includes("/admin/claim#token="));
    expect(links.length).toBeGreaterThan(0);
  });

  test("know a key that another node has made as soon as it says so", async () => {
    for (let round = 0; round < NODES; round++) {
      const { key } = await tenantWithKey(round, `seen-${round}`);
      const asked = cluster.nodes.map(async (node) => (await node.api("GET", "/v1/me", { key })).status);
      expect(await Promise.all(asked)).toEqual([200, 200, 200]);
    }
  });

  test("refuse a revoked key within 5 s under load, and cut what it has in flight", async () => {
    const { key, keyId } = await tenantWithKey(0, "revoked");
    // The sandbox says it all back, a word each 20 ms.
    const messages = [{ role: "user", content: "word ".repeat(2_000) }];
    const body = { model: SANDBOX, messages, metadata: { simulate: JSON.stringify({ token_ms: 20 }) } };
    const streams = await Promise.all(cluster.nodes.map((node) => node.chatStream(body, { key })));
    expect(streams.map((stream) => stream.status)).toEqual([200, 200, 200]);
    expect((await cluster.node(0).api("DELETE", `/v1/api-keys/${keyId}`)).status).toBeLessThan(300);
    const tookMs = await effectMs(me(key), 401);
    expect(tookMs).toBeLessThan(EFFECT_MS);
    const ended = await Promise.all(
      streams.map((stream) => Promise.race([stream.end().then(() => true), Bun.sleep(EFFECT_MS)])),
    );
    expect(ended).toEqual([true, true, true]);
    console.log(JSON.stringify({ revoked: Math.round(tookMs) }));
  });

  test("apply a change of roles and a suspended user within 5 s under load", async () => {
    const { key, userId } = await tenantWithKey(1, "roles");
    const users = async (node: Gateway) => (await node.api("GET", "/v1/users", { key })).status;
    expect(await users(cluster.node(2))).toBe(403);
    const roles = { body: { roles: ["tenant_admin"] } };
    expect((await cluster.node(0).api("PUT", `/v1/users/${userId}/roles`, roles)).status).toBe(200);
    const grown = await effectMs(users, 200);
    const suspended = { body: { status: "suspended" } };
    expect((await cluster.node(2).api("PATCH", `/v1/users/${userId}`, suspended)).status).toBe(200);
    const cut = await effectMs(me(key), 401);
    const active = { body: { status: "active" } };
    expect((await cluster.node(1).api("PATCH", `/v1/users/${userId}`, active)).status).toBe(200);
    const back = await effectMs(me(key), 200);
    console.log(
      JSON.stringify({ roles: Math.round(grown), suspended: Math.round(cut), back: Math.round(back) }),
    );
  });

  test("refuse the callers of a suspended tenant within 5 s under load", async () => {
    const { key, tenantId } = await tenantWithKey(2, "suspended");
    const chat = async (node: Gateway) => {
      const body = { model: SANDBOX, messages: MESSAGES };
      return (await node.api("POST", "/v1/inference/chat", { key, body })).status;
    };
    expect(await Promise.all(cluster.nodes.map(chat))).toEqual([200, 200, 200]);
    const suspended = { body: { status: "suspended" } };
    expect((await cluster.node(1).api("PATCH", `/v1/tenants/${tenantId}`, suspended)).status).toBe(200);
    const tookMs = await effectMs(chat, 403);
    expect(codeOf(await cluster.node(0).api("GET", "/v1/me", { key }))).toBe("TENANT_SUSPENDED");
    console.log(JSON.stringify({ tenant: Math.round(tookMs) }));
  });

  test("keep a session alive on each node that is used on one of them alone", async () => {
    const stranger = new Stranger(() => cluster.node(0).url);
    const cookie = cookieOf(await stranger.claim(await freshToken(cluster.node(0)), "ada@example.com"));
    const meOn = async (node: Gateway) => (await new Stranger(() => node.url).with({ cookie }).me()).status;
    expect(await Promise.all(cluster.nodes.map(meOn))).toEqual([200, 200, 200]);
    const now = Date.now();
    const used = (msAgo: number) =>
      withDatabase(cluster.database.url, async (database) => {
        await database`update sessions set created_at = ${BigInt(now - 3_600_000)}, last_seen_at = ${BigInt(now - msAgo)}`;
      });
    await used(31 * 60_000);
    const joined = await cluster.join();
    expect(await meOn(joined)).toBe(401);
    // As another node notes a use: that is no entry of the change log.
    await used(0);
    expect(await meOn(joined)).toBe(200);
  });

  test("go on hearing of changes where announcements are lost or do not come at all: they ask", async () => {
    // Behind a pooler nothing is announced.
    await cluster.join({ env: { SCAIGRID_DATABASE_POOLER: "on" } });
    await withDatabase(cluster.database.url, (database) =>
      database.unsafe(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'",
      ),
    );
    const { key, keyId } = await tenantWithKey(0, "unheard");
    expect((await cluster.node(1).api("DELETE", `/v1/api-keys/${keyId}`)).status).toBeLessThan(300);
    await effectMs(me(key), 401);
  });

  test("show on each node what was used on all of them, within 5 s and to the last request", async () => {
    await load.stop();
    const asked = async (node: Gateway) => {
      const reply = await node.api("GET", "/v1/accounting/usage/summary?group_by=api_key");
      const rows: unknown = pick(reply.body, "data");
      const own = Array.isArray(rows) ? rows.find((row) => pick(row, "request_count") === load.answered) : {};
      return own === undefined ? 0 : 200;
    };
    await effectMs(asked, 200);
    expect(load.refusals).toEqual([]);
    expect(load.answered).toBeGreaterThan(100);
    const page = await cluster.node(0).api("GET", "/v1/requests?limit=5");
    expect(itemsOf(page)).toHaveLength(5);
  });
});
