import type { Clock } from "../base/clock.ts";
import type { RateLimiter } from "../limits/limiter.ts";
import type { Config } from "../config/config.ts";
import type { ReferenceReader } from "../config/references.ts";
import type { User } from "../core/tenancy.ts";
import type { PriceCatalogue } from "../providers/price-catalogue.ts";
import type { Health } from "../routing/health.ts";
import type { BudgetBook } from "../settlement/budgets/budget-book.ts";
import type { Activity } from "../snapshot/activity.ts";
import type { Freshness } from "../snapshot/freshness.ts";
import type { Routes } from "../snapshot/routes.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { Rotation } from "../store/secret-key/rotation.ts";
import type { Reader } from "../store/store.ts";
import type { Write } from "../store/write.ts";
import type { PoolUpstream } from "../upstream/pool/pool-upstream.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Place } from "./auth/browser.ts";
import type { ConfigFile } from "./config-file/config-file.ts";
import type { NodeState } from "./nodes/node-state.ts";
import type { Passwords } from "./auth/passwords.ts";

/** All that management endpoints work with; `main.ts` fills it. */
export interface AdminDeps {
  readonly clock: Clock;
  readonly config: Pick<
    Config,
    "allowPrivateUpstreams" | "currency" | "unpriced" | "rateLimits" | "tokenLimits" | "concurrencyLimits"
  >;
  readonly snapshot: Snapshot;
  readonly activity: Activity;
  /** Where other nodes change the control plane too. */
  readonly freshness?: Freshness;
  readonly read: Reader;
  /**
   * All of the statements or none, and with them the audit entry of the call; afterwards the control plane in memory
   * knows of them too. A call commits once. Rejects with WriteConflict and StoreUnavailable.
   */
  commit(writes: readonly Write[]): Promise<void>;
  /** What a credential comes to now, where it says in which variable or file the key is kept. */
  readonly readReference: ReferenceReader;
  /** Public prices and limits of known models; read at the first call. */
  readonly catalogue: () => Promise<PriceCatalogue>;
  /** Seals a secret for one row. */
  seal(plain: string, rowId: string): string;
  /** The way from one secret key to the next. */
  readonly rotation: Rotation;
  /** Where requests for models go. */
  readonly routes: Pick<Routes, "of" | "for">;
  /** What this node knows of backends. */
  readonly health: Health;
  /** Calls of a backend on this node that have not ended. */
  readonly backendCalls: (backendId: string) => number;
  /** A number in [0, 1): what chance has to say of a route. */
  readonly random: () => number;
  /** Where providers are asked for their models, through the egress guard. */
  readonly upstream: Upstream;
  /** What this process knows of the nodes of pools. */
  readonly pools: Pick<PoolUpstream, "views">;
  /** How this process fares. */
  readonly node: () => NodeState;
  readonly place: Place;
  readonly passwords: Passwords;
  /** Where the node has one. */
  readonly configFile?: Pick<ConfigFile, "state"> | undefined;
  /** Counts attempts to sign in. */
  readonly attempts: RateLimiter;
  /** Epoch milliseconds: usage that has settled before, on any node, is in the store. Waits a moment for this node's. */
  usageAsOf(): Promise<number>;
  /** Books what has settled so far. Rejects with StoreUnavailable. */
  bookUsage(): Promise<void>;
  readonly budgets: Pick<BudgetBook, "standings" | "over"> & {
    /** Makes new ones count what was used before. Rejects with StoreUnavailable: a job goes on with it. */
    arm(): Promise<void>;
  };
  /** Writes what has ended here so far, counted by minute. Rejects with StoreUnavailable. */
  keepTraffic(): Promise<void>;
  /** Writes what is queued, so that a trace can be read as soon as its request has ended. */
  readonly traces: { flush(): Promise<void> };
}

/** What endpoints for callers nobody knows yet work with. */
export interface PublicDeps extends AdminDeps {
  /** Puts the call on the record of this account: the one that is tried, or the one that has signed in. */
  attribute(user: User): void;
}
