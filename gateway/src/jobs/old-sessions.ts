import { SESSION_LIFE_MS } from "../access/authenticate.ts";
import { nextTurn } from "../base/next-turn.ts";
import type { Clock } from "../base/clock.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { endSession } from "../store/sign-in/writer.ts";
import type { Write } from "../store/write.ts";

/** Sessions of one commit: a few milliseconds of the event loop. */
const SESSIONS_AT_ONCE = 100;

export interface OldSessionsDeps {
  readonly snapshot: Snapshot;
  readonly clock: Clock;
  /** Rejects with WriteConflict and StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
}

/** Deletes browser sessions whose time is over: they open nothing any more, and would pile up for ever. */
export async function endOldSessions(deps: OldSessionsDeps): Promise<void> {
  const now = deps.clock.now();
  const over = [...deps.snapshot.sessions()].filter((session) => now - session.createdAt > SESSION_LIFE_MS);
  for (let i = 0; i < over.length; i += SESSIONS_AT_ONCE) {
    await deps.commit(over.slice(i, i + SESSIONS_AT_ONCE).flatMap(({ id }) => endSession(id, now)));
    await nextTurn();
  }
}
