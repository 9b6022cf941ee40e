/** A pool node that failed rests so long before it is asked again, twice as long after each further failure. */
const REST_MIN_MS = 5_000;
const REST_MAX_MS = 60_000;
/** Answers of 5xx in a row after which a node counts as failed; one that cannot be reached counts at once. */
const ERRORS_MAX = 3;

/** How a call to a node ended, as far as the node's health is concerned. */
export type NodeOutcome = "answered" | "busy" | "error" | "unreachable";

/** What is known of one node. */
export interface NodeView {
  readonly url: string;
  readonly healthy: boolean;
  /** Calls sent and not yet ended. */
  readonly inFlight: number;
  /** Why it rests, for operators. */
  readonly reason: string | undefined;
}

interface Node {
  readonly url: string;
  inFlight: number;
  /** Errors in a row. */
  errors: number;
  /** Rests in a row. */
  rests: number;
  /** Milliseconds; 0 = it does not rest. */
  restsUntilMs: number;
  reason: string | undefined;
  /** When it was chosen last, as a running number: of equals the one that has waited longest is next. */
  chosen: number;
}

/**
 * The nodes of a pool: which of them gets the next call. The healthy one with the fewest calls in flight; of nodes that
 * rest, the one whose rest ends first, so that a pool without a healthy node is tried all the same. Pure: times are
 * milliseconds of a monotonic clock that the caller reads.
 */
export class NodePool {
  #nodes: readonly Node[] = [];
  #chosen = 0;

  constructor(urls: readonly string[]) {
    this.replace(urls);
  }

  /** Other nodes from now on; what is known of those that stay is kept. */
  replace(urls: readonly string[]): void {
    this.#nodes = urls.map((url) => this.#node(url) ?? fresh(url));
  }

  /** The node for the next call, which counts it as in flight; undefined when all are in `tried`. */
  take(nowMs: number, tried: ReadonlySet<string> = new Set()): string | undefined {
    let best: Node | undefined;
    for (const node of this.#nodes) {
      if (!tried.has(node.url) && (best === undefined || isBefore(node, best, nowMs))) best = node;
    }
    if (best === undefined) return undefined;
    best.inFlight++;
    best.chosen = ++this.#chosen;
    return best.url;
  }

  /** A call has ended. `reason` says why, where it failed. */
  ended(url: string, outcome: NodeOutcome, nowMs: number, reason: string | undefined): void {
    const node = this.#node(url);
    if (node === undefined) return;
    if (node.inFlight > 0) node.inFlight--;
    this.heard(url, outcome, nowMs, reason);
  }

  /** What a look at a node, or a call's end, tells of it. */
  heard(url: string, outcome: NodeOutcome, nowMs: number, reason: string | undefined): void {
    const node = this.#node(url);
    if (node === undefined || outcome === "busy") return;
    if (outcome === "answered") {
      node.errors = 0;
      node.rests = 0;
      node.restsUntilMs = 0;
      node.reason = undefined;
      return;
    }
    node.errors++;
    if (outcome === "error" && node.errors < ERRORS_MAX && node.restsUntilMs === 0) return;
    // Calls that were under way when it failed tell nothing new.
    if (node.restsUntilMs > nowMs) return;
    node.restsUntilMs = nowMs + Math.min(REST_MIN_MS * 2 ** node.rests, REST_MAX_MS);
    node.rests++;
    node.reason = reason;
  }

  views(nowMs: number): readonly NodeView[] {
    return this.#nodes.map((node) => ({
      url: node.url,
      healthy: node.restsUntilMs <= nowMs && node.rests === 0,
      inFlight: node.inFlight,
      reason: node.reason,
    }));
  }

  #node(url: string): Node | undefined {
    return this.#nodes.find((node) => node.url === url);
  }
}

function fresh(url: string): Node {
  return { url, inFlight: 0, errors: 0, rests: 0, restsUntilMs: 0, reason: undefined, chosen: 0 };
}

function isBefore(one: Node, other: Node, nowMs: number): boolean {
  const rests = Math.max(one.restsUntilMs - nowMs, 0) - Math.max(other.restsUntilMs - nowMs, 0);
  if (rests !== 0) return rests < 0;
  if (one.inFlight !== other.inFlight) return one.inFlight < other.inFlight;
  return one.chosen < other.chosen;
}
