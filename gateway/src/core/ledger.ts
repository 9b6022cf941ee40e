import type { Pico } from "../base/money.ts";
import type { Amounts, SettlementStatus } from "./accounting.ts";

/** Usage is rolled up in quarters of an hour: the days and hours of every time zone in use are made of them. */
export const BUCKET_MS = 900_000;

/**
 * How long after its end a month stays open. What is booked later of something admitted in it is a line of the month
 * that is open then, and names the closed one.
 */
export const MONTH_CLOSES_MS = 86_400_000;

/**
 * What a movement is about:
 * - `sale`: what the tenant pays its partner
 * - `purchase`: what the partner pays the platform
 * - `upstream`: what the provider charges the platform
 * - `probe`: what the provider charges the platform for its own probes
 * - `absorbed`: what was used beyond the bound, or was set aside and absorbed, which nobody pays
 * - `tenant_adjustment`, `partner_adjustment`: a correction of what one of them owes
 */
export const MOVEMENTS = [
  "sale",
  "purchase",
  "upstream",
  "probe",
  "absorbed",
  "tenant_adjustment",
  "partner_adjustment",
] as const;
export type MovementKind = (typeof MOVEMENTS)[number];

export const ACCOUNT_OWNERS = ["tenant", "partner", "backend", "platform"] as const;
export type AccountOwner = (typeof ACCOUNT_OWNERS)[number];

export const ACCOUNTS = ["receivable", "revenue", "cost", "adjustments", "absorbed", "probes"] as const;
export type Account = (typeof ACCOUNTS)[number];

/** One side of a movement: an account of whoever the movement names as that owner. */
export type Side = readonly [owner: AccountOwner, account: Account];

/**
 * Which account each kind of movement adds its amount to, and which it takes it from: so every movement sums to zero.
 * What is owed to a provider stands in its backend's `receivable` as less than nothing.
 */
export const SIDES: Readonly<Record<MovementKind, { readonly to: Side; readonly from: Side }>> = {
  sale: { to: ["tenant", "receivable"], from: ["partner", "revenue"] },
  purchase: { to: ["partner", "receivable"], from: ["backend", "revenue"] },
  upstream: { to: ["backend", "cost"], from: ["backend", "receivable"] },
  probe: { to: ["platform", "probes"], from: ["backend", "receivable"] },
  absorbed: { to: ["tenant", "absorbed"], from: ["partner", "absorbed"] },
  tenant_adjustment: { to: ["tenant", "receivable"], from: ["tenant", "adjustments"] },
  partner_adjustment: { to: ["partner", "receivable"], from: ["partner", "adjustments"] },
};

/** An amount on its way from one account to another. */
export interface Movement {
  readonly id: string;
  readonly kind: MovementKind;
  readonly partnerId: string;
  readonly tenantId?: string | undefined;
  readonly backendId?: string | undefined;
  /** The statement it is a line of (`2026-11`, in the calendar of the tenant, or of the partner). */
  readonly month: string;
  /** The month it is about: an earlier one where that was closed already. */
  readonly forMonth: string;
  readonly amount: Pico;
}

/** A correction of what a tenant, or a partner, owes: booked as a movement of its own. */
export interface Adjustment {
  readonly id: string;
  readonly partnerId: string;
  /** Absent = the partner itself. */
  readonly tenantId?: string;
  readonly month: string;
  readonly forMonth: string;
  /** Less than nothing is a credit. */
  readonly amount: Pico;
  readonly reason: string;
  readonly createdBy: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** A run of settled requests that are booked together: those with numbers above `after`, up to `last`. */
export interface Run {
  readonly after: bigint;
  readonly last: bigint;
  /** How many numbers wait in it where several requests share one. */
  readonly waiting: number;
  readonly rows: number;
  /** Epoch milliseconds: when the first of them was settled, by the clock of whoever waits. */
  readonly waitsSince: number;
}

/** The requests of a run that are alike in everything reports ask for. */
export interface RunSums {
  /** Epoch milliseconds at which their quarter of an hour began: that of their admission. */
  readonly bucket: number;
  readonly partnerId: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly keyId: string;
  readonly modelSlug: string;
  readonly backendId: string;
  readonly status: SettlementStatus;
  readonly requests: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly amounts: Amounts;
  readonly absorbed: Pico;
}

/** How finely a cell tells requests apart: by all of them; without user and key; by tenant alone. */
export const CELL_LEVELS = { detail: 0n, model: 1n, tenant: 2n } as const;

/** Sums of one cell of the roll-ups, to be added to what is there. */
export interface Cell extends Omit<RunSums, "status"> {
  readonly level: bigint;
  readonly status: SettlementStatus | "";
  /** The bucket in which they were booked, where that was long after their own; else 0. */
  readonly lateBucket: number;
}

/** What booking a run comes to. */
export interface Booking {
  readonly run: Run;
  /** Epoch milliseconds. */
  readonly bookedAt: number;
  readonly movements: readonly Movement[];
  readonly cells: readonly Cell[];
}
