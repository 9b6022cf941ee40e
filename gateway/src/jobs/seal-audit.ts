import { linksAfter } from "../store/audit/chain.ts";
import { chainHead, unsealedEntries } from "../store/audit/chain-reader.ts";
import { sealEntries } from "../store/audit/writer.ts";
import { WriteConflict } from "../store/errors.ts";
import type { Reader } from "../store/store.ts";
import type { Write } from "../store/write.ts";

/** Entries of one commit: a few milliseconds of the event loop. */
const ENTRIES_AT_ONCE = 50;
/** Commits of one run; what is left is for the next. */
const COMMITS_MAX = 40;

export interface SealingDeps {
  readonly read: Reader;
  /** Rejects with WriteConflict and StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
}

/** Seals what has been written since the last run into the chain of the audit log. */
export async function sealAudit(deps: SealingDeps): Promise<void> {
  for (let commits = 0; commits < COMMITS_MAX; commits++) {
    // In this order: an entry that somebody else has sealed meanwhile makes the commit fail, not the chain.
    const head = await chainHead(deps.read);
    const entries = await unsealedEntries(deps.read, ENTRIES_AT_ONCE);
    if (entries.length === 0) return;
    try {
      await deps.commit(sealEntries(linksAfter(head, entries)));
    } catch (error) {
      // Another node was first: what it has left is for the next run.
      if (error instanceof WriteConflict) return;
      throw error;
    }
  }
}
