import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startPostgres } from "../../../scripts/testing/postgres.ts";
import type { Postgres } from "../../../scripts/testing/postgres.ts";
import { codeOf, eventually, itemsOf, MESSAGES, requestIdOf, SANDBOX } from "../api/started.ts";
import { withDatabase } from "../harness/database.ts";
import type { Gateway } from "../harness/gateway.ts";
import { mintTestKey } from "../harness/keys.ts";
import { pick, pickText } from "../harness/json.ts";
import { describePart } from "../parts.ts";
import { poll } from "../durability/poll.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { Load } from "./load.ts";

/** Milliseconds. */
const OUTAGE_MS = 3_000;
const BACK_MS = 10_000;
/** The longest a node takes to end whose store does not answer. */
const STOP_MS = 30_000;
/** The longest a caller waits for a frozen store to be given up. */
const GIVEN_UP_MS = 13_000;
/** Each would wait for seconds if it had to find out by itself. */
const CALLS_WHILE_FROZEN = 20;

// The server of the other tests must not be stopped: this suite has one of its own, where there can be one.
describePart("postgres", "a store that fails", () => {
  let server: Postgres;
  let cluster: Cluster;
  beforeAll(async () => {
    server = await startPostgres();
    cluster = await startCluster(2, server.url);
  });
  afterAll(async () => {
    await cluster.stop();
    await server.stop();
  });

  const ready = async (node: Gateway) => {
    const response = await fetch(`${node.url}/health/ready`);
    return { status: response.status, checks: pick(await response.json(), "checks") };
  };
  const stream = { model: SANDBOX, messages: [{ role: "user", content: "word ".repeat(100) }] };
  const paced = { ...stream, metadata: { simulate: JSON.stringify({ token_ms: 40 }) } };

  const isReached = (node: Gateway) =>
    eventually(
      "reached store",
      () => node.api("GET", "/health/ready"),
      (reply) => pick(reply.body, "checks.database") === "ok",
      BACK_MS,
    );

  /** What the database says of all settled requests, beside what the callers counted. */
  const settledRows = () =>
    withDatabase(cluster.database.url, async (database) => {
      const rows: unknown = await database.unsafe(
        "select count(*) as n, count(distinct request_id) as different from usage",
      );
      return [Number(pick(rows, "0.n")), Number(pick(rows, "0.different"))];
    });

  describe("by stopping", () => {
    test("costs known callers nothing: their calls go on, and not one record is missing afterwards", async () => {
      const load = new Load(cluster.nodes, cluster.firstKey);
      const [node] = [cluster.node(0)];
      const open = await node.chatStream(paced, { key: cluster.firstKey });
      expect(await open.nextContent()).toBeDefined();
      await eventually(
        "load",
        () => node.api("GET", "/health"),
        () => load.answered > 50,
      );
      await server.down();
      const before = load.answered;
      const whileDown = performance.now();
      // A key that this node has never seen may be one that another node has just made.
      const strange = await node.api("GET", "/v1/me", { key: mintTestKey() });
      expect([strange.status, codeOf(strange)]).toEqual([503, "DEPENDENCY_UNAVAILABLE"]);
      expect(strange.headers.get("retry-after")).not.toBeNull();
      const malformed = await node.api("GET", "/v1/me", { key: `sgk_${"x".repeat(49)}` });
      expect(malformed.status).toBe(401);
      for (const path of ["/v1/api-keys", "/v1/accounting/usage", "/v1/requests"]) {
        const reply = await node.api("GET", path);
        expect([path, reply.status, codeOf(reply)]).toEqual([path, 503, "DEPENDENCY_UNAVAILABLE"]);
      }
      const change = await node.api("POST", "/v1/api-keys", { body: { name: "late" } });
      expect([change.status, codeOf(change)]).toEqual([503, "DEPENDENCY_UNAVAILABLE"]);
      expect((await node.api("GET", "/v1/models")).status).toBe(200);
      await Bun.sleep(Math.max(0, OUTAGE_MS - (performance.now() - whileDown)));
      expect(await ready(node)).toEqual({ status: 200, checks: { database: "unreachable", journal: "ok" } });
      expect(load.answered).toBeGreaterThan(before + 50);
      const lag = /^scaigrid_accounting_lag_seconds (\S+)$/m.exec(
        await (await fetch(`${node.url}/metrics`)).text(),
      );
      expect(Number(lag?.[1]) * 1000).toBeGreaterThan(OUTAGE_MS / 2);
      await server.up();
      for (const each of cluster.nodes) await isReached(each);
      await load.stop();
      const end = await open.end();
      expect(end.doneCount).toBe(1);
      expect(load.refusals).toEqual([]);
      // One more than the load: the stream.
      const expected = load.answered + 1;
      await eventually(
        "complete usage",
        () => cluster.node(1).api("GET", "/v1/accounting/usage/summary"),
        (reply) => pick(reply.body, "data.0.request_count") === expected,
        BACK_MS,
      );
      expect(await settledRows()).toEqual([expected, expected]);
      const made = await node.api("POST", "/v1/api-keys", { body: { name: "after" } });
      expect(made.status).toBe(201);
      const elsewhere = await cluster.node(1).api("GET", "/v1/me", { key: pickText(made.body, "data.key") });
      expect(elsewhere.status).toBe(200);
      for (const each of cluster.nodes) {
        expect(each.output.logs.filter((line) => line["event"] === "bug")).toEqual([]);
      }
      console.log(JSON.stringify({ answered: load.answered, whileDown: load.answered - before }));
    }, 60_000);

    test("refuses those alone whose budgets block, and counts what the others used meanwhile", async () => {
      const [node] = [cluster.node(0)];
      const callers: { readonly key: string; readonly budget: string }[] = [];
      for (const hard_action of ["block", "notify"]) {
        const budget = { period: "total", request_limit: 3, hard_action };
        const made = await node.api("POST", "/v1/api-keys", { body: { name: hard_action, budget } });
        const key = pickText(made.body, "data.key");
        const me = await node.api("GET", "/v1/me", { key });
        callers.push({ key, budget: pickText(me.body, "data.budgets.0.id") });
      }
      const ask = async (place: number) => {
        const body = { model: SANDBOX, messages: MESSAGES };
        const reply = await node.api("POST", "/v1/inference/chat", { key: callers[place]?.key ?? "", body });
        return codeOf(reply) ?? reply.status;
      };
      // A store that has begun anew may be one that lacks its last commits: it is told first what is in flight.
      const askUntilServed = () => poll("an answer under a budget", async () => (await ask(0)) === 200);
      await askUntilServed();
      expect(await ask(1)).toBe(200);
      await server.down();
      expect([await ask(0), await ask(1)]).toEqual(["DEPENDENCY_UNAVAILABLE", 200]);
      await server.up();
      for (const each of cluster.nodes) await isReached(each);
      await askUntilServed();
      expect(await ask(1)).toBe(200);
      for (const [place, requests] of [2, 3].entries()) {
        await eventually(
          "counted requests",
          () => node.api("GET", `/v1/accounting/budgets/${callers[place]?.budget}`),
          ({ body }) =>
            pick(body, "data.spent.requests") === requests && pick(body, "data.reserved.requests") === 0,
          BACK_MS,
        );
      }
    }, 60_000);

    test("keeps what was revoked revoked", async () => {
      const node = cluster.node(0);
      const made = await node.api("POST", "/v1/api-keys", { body: { name: "gone" } });
      const key = pickText(made.body, "data.key");
      await node.api("DELETE", `/v1/api-keys/${pickText(made.body, "data.id")}`);
      await server.down();
      const reply = await node.api("GET", "/v1/me", { key });
      expect([reply.status, codeOf(reply)]).toEqual([401, "AUTH_TOKEN_INVALID"]);
      await server.up();
      for (const each of cluster.nodes) await isReached(each);
    }, 30_000);
  });

  describe("by stopping before a node does", () => {
    test("keeps nobody from a stop in good order: what could not be delivered waits for the next start", async () => {
      const node = await cluster.join();
      await server.down();
      const body = { model: SANDBOX, messages: MESSAGES };
      const reply = await node.api("POST", "/v1/inference/chat", { key: cluster.firstKey, body });
      expect(reply.status).toBe(200);
      await node.terminate();
      await server.up();
      await node.restart();
      const usage = await node.api("GET", "/v1/accounting/usage?limit=1000");
      const records = itemsOf(usage).filter((item) => item["request_id"] === requestIdOf(reply));
      expect(records).toMatchObject([{ status: "completed" }]);
      for (const each of cluster.nodes) await isReached(each);
    }, 60_000);
  });

  describe("by freezing", () => {
    test("is given up by whoever waits for it, while known callers are served", async () => {
      const node = cluster.node(0);
      server.freeze();
      try {
        const startedMs = performance.now();
        const chat = { model: SANDBOX, messages: MESSAGES };
        const key = cluster.firstKey;
        const served = await node.api("POST", "/v1/inference/chat", { key, body: chat });
        expect(served.status).toBe(200);
        expect(performance.now() - startedMs).toBeLessThan(1_000);
        const refused = await Promise.all([
          node.api("GET", "/v1/me", { key: mintTestKey() }),
          node.api("POST", "/v1/api-keys", { body: { name: "late" } }),
        ]);
        for (const reply of refused) {
          expect([reply.status, codeOf(reply)]).toEqual([503, "DEPENDENCY_UNAVAILABLE"]);
        }
        expect(performance.now() - startedMs).toBeLessThan(GIVEN_UP_MS);
        expect((await ready(node)).status).toBe(200);
      } finally {
        server.thaw();
      }
      await isReached(node);
      const made = await node.api("POST", "/v1/api-keys", { body: { name: "thawed" } });
      expect(made.status).toBe(201);
    }, 60_000);

    test("costs one call under a budget that blocks a wait, and the others none: they are refused at once", async () => {
      const node = cluster.node(0);
      const budget = { period: "total", request_limit: 100, hard_action: "block" };
      const made = await node.api("POST", "/v1/api-keys", { body: { name: "held", budget } });
      const key = pickText(made.body, "data.key");
      const ask = async () =>
        (await node.api("POST", "/v1/inference/chat", { key, body: { model: SANDBOX, messages: MESSAGES } }))
          .status;
      await poll("an answer under a budget", async () => (await ask()) === 200);
      server.freeze();
      try {
        const startedMs = performance.now();
        for (let call = 0; call < CALLS_WHILE_FROZEN; call++) expect(await ask()).toBe(503);
        expect(performance.now() - startedMs).toBeLessThan(GIVEN_UP_MS);
      } finally {
        server.thaw();
      }
      await poll("an answer under a budget", async () => (await ask()) === 200);
    }, 60_000);

    test("keeps no node from ending in good order, soon, with every record in its journal", async () => {
      const node = await cluster.join();
      const chat = { model: SANDBOX, messages: MESSAGES };
      const [before] = await settledRows();
      server.freeze();
      try {
        const served = await node.api("POST", "/v1/inference/chat", { key: cluster.firstKey, body: chat });
        expect(served.status).toBe(200);
        const startedMs = performance.now();
        process.kill(node.pid, "SIGTERM");
        await node.exited(STOP_MS);
        expect(performance.now() - startedMs).toBeLessThan(STOP_MS);
      } finally {
        server.thaw();
      }
      await node.restart();
      await poll("record in the store", async () => (await settledRows())[0] === (before ?? 0) + 1);
    }, 90_000);
  });
});
