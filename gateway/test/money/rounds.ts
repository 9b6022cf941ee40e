import type { ApiReply } from "../harness/api.ts";
import { startCluster } from "../cluster/cluster.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";
import { addCaller, addKey, addPartner, addTenant, madeId } from "../api/tenancy.ts";
import { codeOf } from "../api/started.ts";
import type { FaultUpstream } from "../fakes/fault-upstream.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { type Watch, watchHolds } from "./watch.ts";

/** More of them: `npm run test:money`, or `SCAIGRID_TEST_MONEY_ROUNDS=20 npm run test:money`. */
export const ROUNDS = Number(process.env["SCAIGRID_TEST_MONEY_ROUNDS"] ?? 1);
export const CALLERS = 500;
export const BUDGETS = "/v1/accounting/budgets";

/** An answer of a hundred tokens costs a thousandth, its prompt nothing. */
export const PRICES = { input_per_mtok: "0", output_per_mtok: "10" };
const MESSAGES = [{ role: "user", content: "twelve bytes" }];
const CALL_MS = 60_000;
const CALM_MS = 30_000;
const ASK_AGAIN_MS = 50;

/** So many rounds go on side by side where there are many: half of a round is waiting, for a budget or a flush. */
const SIDE_BY_SIDE = ROUNDS > 3 ? 3 : 1;

/** Goes through so many rounds, numbered from 1. After a failure no more are begun, and it is thrown once all are over. */
export async function eachRound(
  rounds: number,
  round: (n: number) => Promise<void>,
  sideBySide = SIDE_BY_SIDE,
): Promise<void> {
  let begun = 0;
  const lane = async (): Promise<void> => {
    try {
      while (begun < rounds) await round(++begun);
    } finally {
      begun = rounds;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: sideBySide }, lane));
  for (const each of lanes) if (each.status === "rejected") throw each.reason;
}

/** What these tests do with a gateway. */
export type Node = Pick<Gateway, "api" | "url" | "dataDir" | "databaseUrl" | "terminate" | "restart">;
/** The gateways of one installation; what is to be managed is asked of the first. */
export type Nodes = readonly [Node, ...Node[]];

/** Each administrator may manage so much in a minute, on three nodes a third of it on each: rounds take several. */
const ADMINISTRATORS = ROUNDS > 3 ? 40 : 4;

/** The same gateways, managed by as many administrators in turn as the rounds take. */
async function managed(...gateways: readonly [Gateway, ...Gateway[]]): Promise<Nodes> {
  const [first] = gateways;
  const keys = [first.adminKey];
  for (let n = 0; n < ADMINISTRATORS; n++)
    keys.push((await addCaller(first, { roles: ["super_admin"] })).key);
  let turn = 0;
  const nodeOf = (gateway: Gateway): Node => ({
    get url() {
      return gateway.url;
    },
    dataDir: gateway.dataDir,
    databaseUrl: gateway.databaseUrl,
    api: (method, path, call) => gateway.api(method, path, { key: keys[turn++ % keys.length], ...call }),
    terminate: () => gateway.terminate(),
    restart: () => gateway.restart(),
  });
  return [nodeOf(first), ...gateways.slice(1).map(nodeOf)];
}

/** Gateways to be spent at, and whoever watches their store where that decides. */
export interface Installation {
  readonly nodes: Nodes;
  readonly watch: Watch | undefined;
  stop(): Promise<void>;
}

const ENV = { SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0,address:0" };

export async function oneNode(): Promise<Installation> {
  const gateway = await startGateway({ env: ENV });
  return { nodes: await managed(gateway), watch: undefined, stop: () => gateway.stop() };
}

export async function threeNodes(): Promise<Installation> {
  const cluster = await startCluster(3, undefined, ENV);
  const watch = await watchHolds(cluster.database.url);
  const nodes = await managed(cluster.node(0), cluster.node(1), cluster.node(2));
  return { nodes, watch, stop: () => cluster.stop() };
}

/** Somebody with a key, and everything above them. */
export interface Spender {
  readonly key: string;
  readonly keyId: string;
  readonly userId: string;
  readonly tenantId: string;
  readonly partnerId: string;
}

/** Somebody new, in a tenant and a partner of their own. */
export async function spender([first]: Nodes): Promise<Spender> {
  const partnerId = await addPartner(first, `p-${Bun.randomUUIDv7()}`);
  const tenantId = await addTenant(first, partnerId, `t-${Bun.randomUUIDv7()}`);
  const { userId } = await addCaller(first, { roles: ["tenant_user"], tenantId });
  const key = await addKey(first, userId);
  const me = await first.api("GET", "/v1/me", { key });
  return { key, keyId: pickText(me.body, "data.api_key.id"), userId, tenantId, partnerId };
}

/** A model whose answers are as the plan says. */
export async function model(nodes: Nodes, fake: FaultUpstream, plan: string): Promise<string> {
  return (await addFakeBackend(nodes[0], fake, { plans: [plan], prices: PRICES })).slug;
}

export async function makeBudget(
  [first]: Nodes,
  scope: string,
  scope_id: string,
  cost_limit: string,
  period = "total",
): Promise<string> {
  const body = { scope, scope_id, period, cost_limit };
  const id = madeId(await first.api("POST", BUDGETS, { body }));
  // Every node knows of it by then.
  const state = async () => (await first.api("GET", `${BUDGETS}/${id}`)).body;
  while (pick(await state(), "data.state") === "arming") await Bun.sleep(ASK_AGAIN_MS);
  return id;
}

/** `callers` calls at once, over all nodes in turn. `onAnswer` hears of each answer. */
export function together(
  nodes: Nodes,
  callers: number,
  { key }: Spender,
  slug: string,
  onAnswer: () => unknown = () => undefined,
): Promise<ApiReply[]> {
  return Promise.all(
    Array.from({ length: callers }, async (_, n) => {
      const node = nodes[n % nodes.length] ?? nodes[0];
      const body = { model: slug, messages: MESSAGES, max_tokens: 100 };
      const reply = await node.api("POST", "/v1/inference/chat", { key, body, timeoutMs: CALL_MS });
      onAnswer();
      return reply;
    }),
  );
}

/** How often each outcome was seen: `200`, or the code of a refusal. */
export function tally(replies: readonly ApiReply[]): Readonly<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (const reply of replies) {
    const name = String(reply.status === 200 ? 200 : codeOf(reply));
    seen[name] = (seen[name] ?? 0) + 1;
  }
  return seen;
}

/**
 * How a budget stands once nothing is in flight: what it has spent and holds, in thousandths. What has settled on other
 * nodes is on its way for a moment: it may hold until then, and no longer.
 */
export async function standing([first]: Nodes, id: string): Promise<{ spent: number; reserved: number }> {
  const deadline = performance.now() + CALM_MS;
  for (;;) {
    const { body } = await first.api("GET", `${BUDGETS}/${id}`);
    const thousandths = (path: string) => Math.round(Number(pick(body, path)) * 1_000_000) / 1_000;
    const found = { spent: thousandths("data.spent.cost"), reserved: thousandths("data.reserved.cost") };
    if (found.reserved === 0 || performance.now() > deadline) return found;
    await Bun.sleep(ASK_AGAIN_MS);
  }
}
