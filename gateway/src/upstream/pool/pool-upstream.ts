import type { Clock } from "../../base/clock.ts";
import type { Provider } from "../../core/catalogue.ts";
import { FaultError } from "../../core/fault.ts";
import { NodePool, type NodeOutcome, type NodeView } from "../../routing/pool.ts";
import { listUpstreamModels } from "../list-models.ts";
import type { Upstream, UpstreamCall, UpstreamReply } from "../upstream.ts";
import { PooledReply } from "./pooled-reply.ts";

/** Milliseconds a look at a node may take. */
const LOOK_MS = 5_000;
const LOOK_MODELS_MAX = 1;

/** One provider's nodes. */
interface Pool {
  provider: Provider;
  readonly nodes: NodePool;
  /** The provider as each node sees it; one object each, since the transport remembers by it where calls go. */
  readonly asSeenBy: Map<string, Provider>;
}

/**
 * Calls to providers that are several servers of one's own with the same models: each goes to the healthy node with the
 * fewest calls in flight. A call that no connection took goes to the next node; whatever else fails is told to whoever
 * called, and its node rests.
 */
export class PoolUpstream implements Upstream {
  readonly #http: Upstream;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #pools = new Map<string, Pool>();

  constructor(http: Upstream, clock: Pick<Clock, "monotonic">) {
    this.#http = http;
    this.#clock = clock;
  }

  async send(call: UpstreamCall): Promise<UpstreamReply> {
    const pool = this.#poolOf(call.provider);
    const tried = new Set<string>();
    let last: FaultError | undefined;
    for (;;) {
      const url = pool.nodes.take(this.#clock.monotonic(), tried);
      if (url === undefined) throw last ?? noNodes(call.provider);
      tried.add(url);
      try {
        return await this.#sendTo(url, call, pool);
      } catch (error) {
        if (!(error instanceof FaultError) || error.fault.neverSent !== true) throw error;
        last = error;
      }
    }
  }

  /** What is known of a provider's nodes; nothing healthier than it was last time anyone asked. */
  views(provider: Provider): readonly NodeView[] {
    return this.#poolOf(provider).nodes.views(this.#clock.monotonic());
  }

  /** Looks at every node of these providers, and forgets the others. The call costs nothing. */
  async look(providers: readonly PoolMember[]): Promise<void> {
    const kept = new Set(providers.map(({ provider }) => provider.id));
    for (const id of this.#pools.keys()) if (!kept.has(id)) this.#pools.delete(id);
    await Promise.all(
      providers.flatMap((member) =>
        (member.provider.nodes ?? []).map((url) => this.#lookAt(url, member, this.#poolOf(member.provider))),
      ),
    );
  }

  async #sendTo(url: string, call: UpstreamCall, { nodes, asSeenBy }: Pool): Promise<UpstreamReply> {
    const ended = (outcome: NodeOutcome, reason: string | undefined): void =>
      nodes.ended(url, outcome, this.#clock.monotonic(), reason);
    let reply: UpstreamReply;
    try {
      reply = await this.#http.send({ ...call, provider: asSeenBy.get(url) ?? call.provider });
    } catch (error) {
      ended(...outcomeOf(error));
      throw error;
    }
    const { status } = reply;
    return new PooledReply(reply, (end) => {
      if (end === "left") ended("busy", undefined);
      else if (end !== "whole") ended(...outcomeOf(end));
      else ended(status >= 500 ? "error" : status === 429 ? "busy" : "answered", `answered ${status}`);
    });
  }

  async #lookAt(url: string, { provider, credentials, path }: PoolMember, pool: Pool): Promise<void> {
    const { nodes, asSeenBy } = pool;
    try {
      await listUpstreamModels(this.#http, {
        provider: asSeenBy.get(url) ?? provider,
        credentials,
        path,
        timeoutMs: LOOK_MS,
        modelsMax: LOOK_MODELS_MAX,
        controller: new AbortController(),
      });
      nodes.heard(url, "answered", this.#clock.monotonic(), undefined);
    } catch (error) {
      nodes.heard(url, ...lookOutcome(error, this.#clock.monotonic()));
    }
  }

  #poolOf(provider: Provider): Pool {
    const urls = provider.nodes ?? [];
    const known = this.#pools.get(provider.id);
    // Providers are replaced, never changed.
    if (known?.provider === provider) return known;
    const pool: Pool = known ?? { provider, nodes: new NodePool(urls), asSeenBy: new Map() };
    pool.provider = provider;
    pool.nodes.replace(urls);
    pool.asSeenBy.clear();
    for (const url of urls) pool.asSeenBy.set(url, { ...provider, baseUrl: url });
    this.#pools.set(provider.id, pool);
    return pool;
  }
}

/** A provider whose nodes are looked at. */
export interface PoolMember extends Pick<UpstreamCall, "provider" | "credentials"> {
  /** Of the list of models, below a node's URL. */
  readonly path: string;
}

function noNodes({ id }: Provider): FaultError {
  return new FaultError({ class: "unavailable", reason: `provider ${id} has no nodes` });
}

/** What a call that failed says of its node; one that our side ended says nothing. */
function outcomeOf(error: unknown): [outcome: NodeOutcome, reason: string | undefined] {
  if (!(error instanceof FaultError)) return ["busy", undefined];
  const { class: fault, reason } = error.fault;
  if (fault === "network") return ["unreachable", reason];
  return [fault === "rate_limited" ? "busy" : "error", reason];
}

/** A node that answers a look with a refusal of any kind is there; one that is silent is not. */
function lookOutcome(error: unknown, nowMs: number): [NodeOutcome, number, string | undefined] {
  const fault = error instanceof FaultError ? error.fault : undefined;
  const isGone = fault?.class === "network" || fault?.class === "timeout";
  return [isGone ? "unreachable" : "answered", nowMs, fault?.reason];
}
