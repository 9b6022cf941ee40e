import type { Clock } from "../base/clock.ts";
import { nextTurn } from "../base/next-turn.ts";
import { lastChange, needlessChanges } from "../store/changes/reader.ts";
import { dropChanges } from "../store/changes/writer.ts";
import type { Reader } from "../store/store.ts";
import type { Write } from "../store/write.ts";

/** Entries that are looked at together, and at most deleted in one commit: a millisecond of the event loop. */
const ENTRIES_AT_ONCE = 500;
/** A session that is older opens nothing any more, on whichever node: it need not hear of its end. */
const SESSIONS_KEPT_MS = 7 * 86_400_000;

export interface CompactChangesDeps {
  readonly clock: Pick<Clock, "now">;
  readonly read: Reader;
  /** Rejects with StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
}

/**
 * Deletes what the change log need not say: an entry tells a node to read an object again, and the last one of that object
 * says the same to every node, however far behind. So the log is as long as there are objects, and no node ever finds its
 * place in it gone. Rejects with StoreUnavailable: the next call goes on.
 */
export async function compactChanges(deps: CompactChangesDeps): Promise<void> {
  const { clock, read } = deps;
  const sessionsBefore = clock.now() - SESSIONS_KEPT_MS;
  // The newest stays, whatever it is: its number is how nodes know that the store has lost nothing.
  const end = await lastChange(read);
  for (let after = 0n; after < end;) {
    const stretch = { after, before: end, limit: ENTRIES_AT_ONCE, sessionsBefore };
    const { needless, last } = await needlessChanges(read, stretch);
    if (needless.length > 0) await deps.commit([dropChanges(needless)]);
    if (last === undefined) return;
    after = last;
    await nextTurn();
  }
}
