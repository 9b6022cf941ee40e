import type { Payer } from "../../core/accounting.ts";
import type { Budget } from "../../core/budget.ts";
import type { WindowStanding } from "../../escrow/escrow.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { Authority } from "./authority.ts";

type People = Pick<Snapshot, "budgets" | "iam" | "keyById" | "tenantById" | "partnerById">;

/** Which budgets a request is under, and how they stand. */
export class BudgetBook {
  readonly authority: Authority;
  readonly #snapshot: People;
  readonly #replacedBy = (keyId: string): string | undefined => this.#snapshot.keyById(keyId)?.replaces;

  constructor(snapshot: People, authority: Authority) {
    this.#snapshot = snapshot;
    this.authority = authority;
  }

  /** Every budget over a request of this payer, the nearest first. */
  over(payer: Payer): readonly Budget[] {
    const { budgets, iam } = this.#snapshot;
    return budgets.over(payer, iam.groupsOf(payer.userId), this.#replacedBy);
  }

  /** How budgets stand, by their ids. May reject with StoreUnavailable. */
  async standings(budgets: readonly Budget[]): Promise<ReadonlyMap<string, WindowStanding>> {
    const found = await this.authority.standings(budgets);
    const byId = new Map<string, WindowStanding>();
    for (const [place, { id }] of budgets.entries()) {
      const standing = found[place];
      if (standing !== undefined) byId.set(id, standing);
    }
    return byId;
  }
}

/** The time zone in whose calendar a budget's windows roll: its tenant's, or its partner's. */
export function budgetZone(
  { tenantId, partnerId }: Budget,
  snapshot: Pick<Snapshot, "tenantById" | "partnerById">,
): string {
  const level = tenantId === undefined ? snapshot.partnerById(partnerId) : snapshot.tenantById(tenantId);
  return level?.timeZone ?? "UTC";
}
