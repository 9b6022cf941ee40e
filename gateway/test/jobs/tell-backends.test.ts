import { expect, test } from "bun:test";
import { BackendTeller } from "../../src/jobs/tell-backends.ts";
import { FAILURES_IN_A_ROW } from "../../src/routing/circuit.ts";
import { Health } from "../../src/routing/health.ts";
import type { Store } from "../../src/store/store.ts";
import { describeEngines } from "../store/engines.ts";
import { AT } from "../store/samples.ts";
import { callOf } from "../upstream/support.ts";

const { backend, provider } = callOf();
const [BACKEND, PROVIDER] = [backend.id, provider.id];
const LONG_MS = 60_000;

/** A node with one backend, on a store, at a time that only the test moves. */
class TestNode {
  readonly health = new Health();
  readonly #store: Store;
  readonly #teller: BackendTeller;
  #nowMs = 0;
  #exists = true;

  constructor(store: Store, shared?: { readonly nodeId: string; readonly alive: readonly string[] }) {
    this.#store = store;
    this.#teller = new BackendTeller({
      clock: { now: () => AT + this.#nowMs, monotonic: () => this.#nowMs },
      snapshot: {
        backendById: () => (this.#exists ? backend : undefined),
        providerById: () => provider,
      },
      health: this.health,
      read: store.read,
      commit: (writes) => store.commit(writes),
      ...(shared && { shared: { nodeId: shared.nodeId, liveNodes: () => shared.alive } }),
    });
  }

  fails(times = FAILURES_IN_A_ROW): void {
    const { circuit } = this.health.backend(BACKEND);
    for (let i = 0; i < times; i++) circuit.failed(circuit.enter(this.#nowMs), this.#nowMs, 0.5);
    const outage = { backendId: BACKEND, providerId: PROVIDER, at: AT + this.#nowMs };
    if (circuit.stateAt(this.#nowMs) === "open") this.health.news.opened({ ...outage, fault: "network" });
  }

  answers(): void {
    this.#nowMs += LONG_MS;
    const { circuit, latency } = this.health.backend(BACKEND);
    latency.whole.measured(1, this.#nowMs);
    circuit.began(circuit.enter(this.#nowMs));
  }

  /** The provider refuses, or takes, a key. */
  refuses(credentials: object): void {
    const refusal = { providerId: PROVIDER, backendId: BACKEND, at: AT, httpStatus: 401 };
    this.health.news.refused(refusal, credentials);
  }

  deleted(): void {
    this.#exists = false;
  }

  /** Runs the job; gives all that was ever told. */
  async told(): Promise<readonly (readonly [string, Readonly<Record<string, unknown>>])[]> {
    await this.#teller.run();
    const rows = await this.#store.read.selectFrom("events").selectAll().orderBy("id").execute();
    return rows.map(({ type, payload }) => [type, JSON.parse(payload)]);
  }

  async types(): Promise<readonly string[]> {
    return (await this.told()).map(([type]) => type);
  }
}

describeEngines("events of backends", (engine) => {
  async function withStore(body: (store: Store) => Promise<void>): Promise<void> {
    const store = await engine.open();
    await body(store);
    await store.close();
  }

  test("tell once that one is unhealthy, however often it fails, and once that it has recovered", () =>
    withStore(async (store) => {
      const node = new TestNode(store);
      node.fails(FAILURES_IN_A_ROW - 1);
      expect(await node.told()).toEqual([]);
      node.fails(1);
      const about = { resource_type: "backend", resource_id: BACKEND, provider_id: PROVIDER };
      const unhealthy = ["backend.unhealthy", { ...about, fault: "network" }] as const;
      expect(await node.told()).toEqual([unhealthy]);
      node.fails();
      expect(await node.told()).toEqual([unhealthy]);
      node.answers();
      const since = { unhealthy_since: new Date(AT).toISOString() };
      const both = [unhealthy, ["backend.recovered", { ...about, ...since }] as const];
      expect(await node.told()).toEqual(both);
      node.answers();
      expect(await node.told()).toEqual(both);
      node.fails();
      expect(await node.types()).toEqual(["backend.unhealthy", "backend.recovered", "backend.unhealthy"]);
    }));

  test("say nothing of the recovery of one that was only changed, until it answers, nor of one that is gone", () =>
    withStore(async (store) => {
      const node = new TestNode(store);
      node.fails();
      expect(await node.types()).toEqual(["backend.unhealthy"]);
      node.health.forget(BACKEND);
      expect(await node.types()).toEqual(["backend.unhealthy"]);
      node.answers();
      expect(await node.types()).toEqual(["backend.unhealthy", "backend.recovered"]);
      node.fails();
      node.deleted();
      expect(await node.types()).toEqual(["backend.unhealthy", "backend.recovered"]);
    }));

  test("tell of the recovery of what a process saw fail that is no more, and of none that a living node sees", () =>
    withStore(async (store) => {
      const former = new TestNode(store, { nodeId: "former", alive: ["former", "other"] });
      former.fails();
      await former.told();
      const other = new TestNode(store, { nodeId: "other", alive: ["former", "other"] });
      other.answers();
      expect(await other.types()).toEqual(["backend.unhealthy"]);
      const next = new TestNode(store, { nodeId: "next", alive: ["next", "other"] });
      expect(await next.types()).toEqual(["backend.unhealthy"]);
      next.answers();
      expect((await next.told()).map(([type, { node_id }]) => [type, node_id])).toEqual([
        ["backend.unhealthy", "former"],
        ["backend.recovered", "next"],
      ]);
    }));

  test("tell once that a provider refuses our credentials, and again when it has taken them between", () =>
    withStore(async (store) => {
      const node = new TestNode(store);
      const [key, other] = [{ apiKey: "one" }, { apiKey: "two" }];
      for (const each of [key, other, key]) node.refuses(each);
      const refused = [
        "provider.auth_failed",
        { resource_type: "provider", resource_id: PROVIDER, backend_id: BACKEND, http_status: 401 },
      ] as const;
      expect(await node.told()).toEqual([refused]);
      const { news } = node.health;
      // The other key is still refused.
      news.accepted(PROVIDER, key);
      node.refuses(key);
      expect(await node.told()).toEqual([refused]);
      for (const each of [key, other]) news.accepted(PROVIDER, each);
      expect(news.hasRefusals).toBe(false);
      node.refuses(other);
      expect(await node.types()).toEqual(["provider.auth_failed", "provider.auth_failed"]);
      news.forgetProvider(PROVIDER);
      node.refuses(other);
      expect(await node.types()).toHaveLength(3);
    }));
});
