import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Postgres, startPostgres } from "../../../scripts/testing/postgres.ts";
import { poll } from "../durability/poll.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { TcpProxy } from "../fakes/tcp-proxy.ts";
import { withDatabase } from "../harness/database.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";
import { makeBudget, model, type Spender, spender } from "../money/rounds.ts";
import { type Cluster, startCluster } from "./cluster.ts";

/** Long: `npm run test:cluster`. Otherwise outages of a minute last three seconds. */
export const IS_LONG = process.env["SCAIGRID_TEST_CLUSTER"] === "long";
export const OUTAGE_MS = IS_LONG ? 60_000 : 3_000;
export const PAUSE_MS = IS_LONG ? 10_000 : 3_000;
const CALL_MS = 90_000;
const MESSAGES = [{ role: "user", content: "twelve bytes" }];
/** The cost of one answer, in thousandths: a hundred tokens of `PRICES`. */
const PLAN = "fake-ok?tokens=100";

/** Notes each admission, and each that leaves a budget that blocks with more than its limit. */
const WATCH = [
  "create table test_breaches (budget_id text, came_to numeric, cost_limit numeric)",
  "create sequence test_admissions",
  `create function test_watch() returns trigger language plpgsql as $body$
  declare
    budget budgets;
    came_to numeric := new.spent_units::numeric * 1000000000000 + new.spent_pico + new.retired_pico + new.held_pico;
  begin
    -- By an admission, not by what a node tells a server that has lost it.
    if new.held_pico > old.held_pico and current_query() like '%scaigrid_hold_budgets%' then
      perform nextval('test_admissions');
      select * into budget from budgets where id = new.budget_id;
      if budget.hard_action = 'block' and budget.armed_at is not null
        and came_to > budget.cost_limit::numeric * 1000000000000 then
        insert into test_breaches values (new.budget_id, came_to, budget.cost_limit::numeric * 1000000000000);
      end if;
    end if;
    return null;
  end
  $body$`,
  "create trigger test_watch after update on budget_windows for each row execute function test_watch()",
];

/** What callers were told, by status or code, and what is left of it to be looked at. */
export type Tally = Record<string, number>;

/**
 * Three gateways on a PostgreSQL of their own, and a watch over its budgets. The first is asked to manage; the second and
 * the third are behind a network that can fail.
 */
export class Stage {
  readonly server: Postgres;
  readonly cluster: Cluster;
  readonly networks: readonly TcpProxy[];
  readonly fake = new FaultUpstream();
  readonly #copies: string[] = [];
  #admissionsBefore = 0;

  private constructor(server: Postgres, cluster: Cluster, networks: readonly TcpProxy[]) {
    this.server = server;
    this.cluster = cluster;
    this.networks = networks;
  }

  static async open(): Promise<Stage> {
    const server = await startPostgres();
    const { hostname: host, port } = new URL(server.url);
    const target = { host, port: Number(port) };
    const networks = await Promise.all([1, 2].map(() => TcpProxy.start(target)));
    const cluster = await startCluster(1, server.url, {
      SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0,address:0",
    });
    const joining = networks.map((network) => {
      const url = new URL(cluster.database.url);
      url.port = String(network.port);
      return cluster.join({ env: { SCAIGRID_DATABASE_URL: url.href } });
    });
    await Promise.all(joining);
    const stage = new Stage(server, cluster, networks);
    await stage.sql(...WATCH);
    return stage;
  }

  get nodes(): readonly [Gateway, Gateway, Gateway] {
    const { cluster } = this;
    return [cluster.node(0), cluster.node(1), cluster.node(2)];
  }

  /** That of the second or the third node. */
  network(index: 1 | 2): TcpProxy {
    const network = this.networks[index - 1];
    if (network === undefined) throw new Error(`there is no network ${index}`);
    return network;
  }

  async close(): Promise<void> {
    for (const network of this.networks) network.state = "open";
    await this.cluster.stop();
    for (const network of this.networks) network.stop();
    this.fake.stop();
    await this.server.stop();
    for (const path of this.#copies) rmSync(path, { recursive: true, force: true });
  }

  /** Runs statements as an administrator's shell would; the rows of the last. */
  sql(...statements: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return withDatabase(this.cluster.database.url, async (database) => {
      let rows: unknown = [];
      for (const statement of statements) rows = await database.unsafe(statement);
      return Array.isArray(rows) ? [...rows] : [];
    });
  }

  async number(query: string): Promise<number> {
    const [row] = await this.sql(query);
    return Number(Object.values(row ?? {})[0] ?? 0);
  }

  /** Somebody under a budget of so many thousandths that blocks, which is armed; and a model that costs one an answer. */
  async spender(thousandths: number, plan = PLAN): Promise<Blocked> {
    await this.ready();
    const who = await spender(this.nodes);
    const slug = await model(this.nodes, this.fake, plan);
    const budgetId = await makeBudget(this.nodes, "user", who.userId, String(thousandths / 1_000));
    return { ...who, slug, budgetId };
  }

  /** Somebody under no budget. */
  async free(slug: string): Promise<Pick<Blocked, "key" | "slug">> {
    return { key: (await spender(this.nodes)).key, slug };
  }

  /** A stream of the first node that is in the middle of its answer, which goes on for some seconds. */
  async stream({ key }: Pick<Blocked, "key">): Promise<{ finish(): Promise<number> }> {
    const gate = crypto.randomUUID();
    const slug = await model(this.nodes, this.fake, `fake-ok?tokens=100&gate=${gate}`);
    const body = { model: slug, messages: MESSAGES, max_tokens: 100, stream: true };
    const opening = this.cluster.node(0).chatStream(body, { key });
    await poll("a stream in flight", () => this.fake.log.records.some(({ plan }) => plan.endsWith(gate)));
    return {
      finish: async () => {
        this.fake.gates.open(gate);
        return (await (await opening).end()).doneCount;
      },
    };
  }

  /** Every node reaches the store, and budgets that block take requests. */
  async ready(): Promise<void> {
    await poll("a store that takes requests again", async () => {
      const reached = this.nodes.map((node) => node.api("GET", "/health/ready").then(({ text }) => text));
      return (await Promise.all(reached)).every((text) => text.includes('"database":"ok"'));
    });
    await poll("a store that all have told", () =>
      this.number("select scaigrid_admits()::int").then(Boolean),
    );
  }

  /** How many admissions the watch has seen since it was last asked. */
  async admissions(): Promise<number> {
    const seen = await this.number("select last_value from test_admissions");
    const before = this.#admissionsBefore;
    this.#admissionsBefore = seen;
    return seen - before;
  }

  /**
   * Waits until nothing is held, and compares: the counters with the usage, the number of records with the number of
   * requests, and what the watch has seen. Throws with what differs.
   */
  async demandExact(): Promise<void> {
    await poll("nothing held any more", async () => (await this.held()) === 0);
    const differing = await this.sql(
      "select * from (select w.budget_id, w.spent_units::numeric * 1000000000000 + w.spent_pico as counted, " +
        "(select coalesce(sum((part ->> 'pico')::numeric), 0) from usage cross join lateral " +
        "json_array_elements(usage.budgets::json) as part where part ->> 'id' = w.budget_id) as used, " +
        "w.held_pico + w.held_tokens + w.held_requests as held, " +
        "w.retired_pico + w.retired_tokens + w.retired_requests as retired from budget_windows as w) as windows " +
        "where counted <> used or held <> 0 or retired <> 0",
    );
    if (differing.length > 0) throw new Error(`counters and usage differ: ${told(differing)}`);
    const breaches = await this.sql("select * from test_breaches");
    if (breaches.length > 0) throw new Error(`admitted beyond the limit: ${told(breaches)}`);
  }

  held(): Promise<number> {
    return this.number("select count(*) from budget_holds");
  }

  /** Spent by a budget, in thousandths. */
  async spent(budgetId: string): Promise<number> {
    const pico = await this.number(
      `select coalesce(sum(spent_units::numeric * 1000000000000 + spent_pico), 0) from budget_windows where budget_id = '${budgetId}'`,
    );
    return pico / 1e9;
  }

  /** A copy of the data folder of a node, as it is now; it goes with the stage. */
  copyFolder(node: Gateway): string {
    const path = mkdtempSync(join(tmpdir(), "scaigrid-copy-"));
    cpSync(node.dataDir, path, { recursive: true });
    this.#copies.push(path);
    return path;
  }
}

function told(rows: readonly object[]): string {
  return JSON.stringify(rows, (_key, value) => (typeof value === "bigint" ? String(value) : value));
}

/** Somebody under a budget that blocks. */
export interface Blocked extends Spender {
  readonly slug: string;
  readonly budgetId: string;
}

/** Callers who ask, again and again, until they are told to stop. */
export class Callers {
  readonly tally: Tally = {};
  /** The longest that anybody has waited for an answer. */
  slowestMs = 0;
  #stopped = false;
  readonly #calls: Promise<unknown>;

  constructor(nodes: readonly Gateway[], who: Pick<Blocked, "key" | "slug">, perNode: number) {
    this.#calls = Promise.all(
      nodes.flatMap((node) => Array.from({ length: perNode }, () => this.#call(node, who))),
    );
  }

  get answered(): number {
    return Object.values(this.tally).reduce((sum, count) => sum + count, 0);
  }

  count(name: string | number): number {
    return this.tally[name] ?? 0;
  }

  async stop(): Promise<Tally> {
    this.#stopped = true;
    await this.#calls;
    return this.tally;
  }

  async #call(node: Gateway, { key, slug }: Pick<Blocked, "key" | "slug">): Promise<void> {
    while (!this.#stopped) {
      const outcome = await ask(node, key, slug, (ms) => {
        this.slowestMs = Math.max(this.slowestMs, ms);
      });
      this.tally[outcome] = (this.tally[outcome] ?? 0) + 1;
      if (outcome !== "200") await Bun.sleep(10);
    }
  }
}

/** One call: `200`, the code of a refusal, or `no answer` where the process has died. */
export async function ask(
  node: Pick<Gateway, "url">,
  key: string,
  slug: string,
  tookMs: (ms: number) => void = () => undefined,
): Promise<string> {
  const startedMs = performance.now();
  try {
    const response = await fetch(`${node.url}/v1/inference/chat`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: slug, messages: MESSAGES, max_tokens: 100 }),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const body: unknown = await response.json();
    tookMs(performance.now() - startedMs);
    return response.status === 200 ? "200" : String(pick(body, "error.code") ?? response.status);
  } catch {
    return "no answer";
  }
}
