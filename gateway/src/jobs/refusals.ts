import type { Clock } from "../base/clock.ts";
import type { AuditEntry } from "../core/audit.ts";
import { addAuditEntry } from "../store/audit/writer.ts";
import type { Conclude } from "../store/recording/capture.ts";
import type { Write } from "../store/write.ts";

export interface RefusalsDeps {
  readonly clock: Clock;
  readonly refusals: {
    due(nowMs: number, last?: boolean): { readonly entries: readonly AuditEntry[]; written(): void };
  };
  /** Rejects with StoreUnavailable. */
  commit(writes: readonly Write[], conclude: Conclude): Promise<void>;
}

/** Writes the audit entries of refusals that share one. What cannot be written now is written next time. */
export async function writeRefusals(deps: RefusalsDeps, last = false): Promise<void> {
  const due = deps.refusals.due(deps.clock.now(), last);
  if (due.entries.length === 0) return;
  await deps.commit(due.entries.map(addAuditEntry), () => []);
  due.written();
}
