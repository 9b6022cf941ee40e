import { pickText } from "../../harness/json.ts";
import type { TruthRecord } from "../../fakes/truth-log.ts";
import type { Ledger, UsageSeen } from "../records.ts";
import type { Prices } from "./prices.ts";
import type { Seen } from "./traffic.ts";

/** What an upstream says of one call. */
interface Truth {
  readonly sent: number;
  readonly finished: boolean;
}

/** What all calls of a gateway have spent: by what the tenant pays, and by what the partner does. */
export interface Spent {
  readonly tenant: bigint;
  readonly partner: bigint;
  readonly requests: number;
}

/** All that callers and the upstream know of the calls of a gateway, and what its records are held against. */
export class Witness {
  readonly #prices: Prices;
  readonly #seen = new Map<string, Seen>();
  readonly #truth = new Map<string, Truth>();

  constructor(prices: Prices) {
    this.#prices = prices;
  }

  /** Calls made, and those whose callers saw the whole answer. */
  get figures(): { readonly calls: number; readonly whole: number } {
    const whole = [...this.#seen.values()].filter(({ complete }) => complete).length;
    return { calls: this.#seen.size, whole };
  }

  /** Takes what is known of calls that are over. */
  hear(calls: Iterable<Seen>, log: Iterable<TruthRecord>): void {
    for (const each of calls) this.#seen.set(each.label, each);
    for (const { body, tokensSent, finished } of log) {
      const label = pickText(body, "messages.0.content");
      const before = this.#truth.get(label);
      this.#truth.set(label, { sent: tokensSent + (before?.sent ?? 0), finished });
    }
  }

  /** What the records come to. */
  spent({ usage }: Ledger): Spent {
    const rows = [...usage.values()].flat();
    return {
      tenant: rows.reduce((sum, { tenantPico }) => sum + tenantPico, 0n),
      partner: rows.reduce((sum, { partnerPico }) => sum + partnerPico, 0n),
      requests: rows.filter(({ delivered }) => delivered).length,
    };
  }

  /** What was recovered of answers, at prices that had been replaced by then. */
  outdated({ usage }: Ledger): number {
    const rows = [...usage.values()].flat();
    return rows.filter(
      (row) => row.status === "interrupted" && row.tokensOut > 0 && this.#prices.isOutdated(row),
    ).length;
  }

  /** The requests whose records are not as they must be. */
  faults({ usage }: Ledger): string[] {
    const found: string[] = [];
    for (const [label, records] of usage) {
      const [record] = records;
      const seen = this.#seen.get(label);
      if (records.length !== 1 || record === undefined || seen === undefined) {
        found.push(`${label}: ${records.length} records of ${seen === undefined ? "nobody" : "a call"}`);
        continue;
      }
      found.push(...this.#faultsOf(record, seen).map((fault) => `${label}: ${fault} (${record.status})`));
    }
    for (const label of this.#truth.keys())
      if (!usage.has(label)) found.push(`${label}: reached the upstream, has no record`);
    for (const { label, tokens } of this.#seen.values())
      if (tokens > 0 && !usage.has(label)) found.push(`${label}: was answered, has no record`);
    return found;
  }

  #faultsOf(record: UsageSeen, seen: Seen): string[] {
    const found: string[] = [];
    const { sent, finished } = this.#truth.get(seen.label) ?? { sent: 0, finished: false };
    const { status, tokensOut } = record;
    if (tokensOut > sent) found.push(`${tokensOut} charged, ${sent} sent`);
    if (seen.complete && !(status === "completed" && finished && tokensOut === sent && seen.tokens === sent))
      found.push(`whole for its caller with ${seen.tokens}, in the record with ${tokensOut} of ${sent}`);
    if (status === "completed" && tokensOut !== sent)
      found.push(`${tokensOut} charged for a whole answer, ${sent} sent`);
    const mispriced = this.#prices.faultOf(record, seen);
    if (mispriced !== undefined) found.push(mispriced);
    return found;
  }
}
