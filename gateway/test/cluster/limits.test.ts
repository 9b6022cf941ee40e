import { afterAll, beforeAll, expect, test } from "bun:test";
import { MESSAGES, SANDBOX } from "../api/started.ts";
import { withDatabase } from "../harness/database.ts";
import type { ApiReply } from "../harness/api.ts";
import { pick, pickText } from "../harness/json.ts";
import { describePart } from "../parts.ts";
import { type Cluster, startCluster } from "./cluster.ts";

const NODES = 3;
const LIMIT = 30;
const WAIT_MS_MAX = 20_000;

describePart("postgres", "limits that three nodes keep", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster(NODES, undefined, {
      SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0",
    });
  });
  afterAll(() => cluster.stop());

  const chat = (node: number, key: string): Promise<ApiReply> =>
    cluster
      .node(node)
      .api("POST", "/v1/inference/chat", { key, body: { model: SANDBOX, messages: MESSAGES } });

  /** A key with limits of its own, which every node knows. */
  async function key(name: string, limits: object): Promise<string> {
    const owner = pickText(
      (await cluster.node(0).api("GET", "/v1/me", { key: cluster.firstKey })).body,
      "data.user.id",
    );
    const body = { name, assigned_user_id: owner, rate_limits: limits };
    const made = await cluster.node(0).api("POST", "/v1/api-keys", { body });
    const text = pickText(made.body, "data.key");
    for (let node = 0; node < NODES; node++) {
      expect((await cluster.node(node).api("GET", "/v1/me", { key: text })).status).toBe(200);
    }
    return text;
  }

  test("let no more through than one would, and all of it where all calls come to one node", async () => {
    const one = await key("hot", { requests_per_minute: LIMIT });
    const started = performance.now();
    const refusals: ApiReply[] = [];
    /** How many of these calls were answered. */
    const ask = async (node: number, calls: number): Promise<number> => {
      let answered = 0;
      for (let call = 0; call < calls; call++) {
        const reply = await chat(node, one);
        if (reply.status === 200) answered++;
        else refusals.push(reply);
      }
      return answered;
    };
    let answered = 0;
    for (; answered < LIMIT; answered += await ask(1, 1)) {
      expect(performance.now() - started).toBeLessThan(WAIT_MS_MAX);
      await Bun.sleep(10);
    }
    expect(refusals.length).toBeGreaterThan(0);
    for (const { status, headers, body } of refusals) {
      expect([status, pick(body, "error.code")]).toEqual([429, "RATE_LIMITED"]);
      expect(headers.get("x-scaigrid-ratelimit-limit")).toBe(String(LIMIT));
    }
    // Told to come again when the shares have moved, not when the minute is over.
    expect(Number(refusals[0]?.headers.get("retry-after"))).toBeLessThanOrEqual(2);
    // The window is full: whichever node is asked now, until the first calls have left it.
    for (let node = 0; node < NODES; node++) answered += await ask(node, 15);
    expect(performance.now() - started < 55_000 ? answered : LIMIT).toBe(LIMIT);
    const rows = await withDatabase(cluster.database.url, (shell) =>
      shell.unsafe("select body from limit_shares"),
    );
    expect(rows).toHaveLength(1);
    const nodes = Object.values(pick(JSON.parse(pickText(rows, "0.body")), "nodes") ?? {});
    expect(nodes.reduce((sum: number, entry) => sum + Number(pick(entry, "0")), 0)).toBeLessThanOrEqual(
      LIMIT,
    );
  }, 60_000);

  test("count calls at the same time together as well", async () => {
    const one = await key("many", { concurrent_requests: 4 });
    const body = {
      model: SANDBOX,
      messages: [{ role: "user", content: "word ".repeat(500) }],
      metadata: { simulate: JSON.stringify({ token_ms: 50 }) },
    };
    const open: { readonly response: Response; readonly leave: AbortController }[] = [];
    const refused: string[] = [];
    const started = performance.now();
    while (open.length < 4) {
      expect(performance.now() - started).toBeLessThan(WAIT_MS_MAX);
      const leave = new AbortController();
      const response = await fetch(`${cluster.node(2).url}/v1/inference/chat`, {
        method: "POST",
        headers: { authorization: `Bearer ${one}`, "content-type": "application/json" },
        body: JSON.stringify({ ...body, stream: true }),
        signal: leave.signal,
      });
      if (response.status === 200) open.push({ response, leave });
      else {
        refused.push(pickText(await response.json(), "error.code"));
        await Bun.sleep(20);
      }
    }
    expect(new Set(refused)).toEqual(new Set(["RATE_LIMITED"]));
    for (let node = 0; node < NODES; node++) expect((await chat(node, one)).status).toBe(429);
    expect(open.every(({ response }) => !response.bodyUsed)).toBe(true);
    for (const { leave } of open) leave.abort();
    const again = async (): Promise<number> => (await chat(0, one)).status;
    while ((await again()) !== 200) {
      expect(performance.now() - started).toBeLessThan(2 * WAIT_MS_MAX);
      await Bun.sleep(50);
    }
  }, 60_000);
});
