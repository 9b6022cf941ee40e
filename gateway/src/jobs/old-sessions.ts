import { SESSION_LIFE_MS } from "../access/authenticate.ts";
import type { AdminDeps } from "../admin/deps.ts";
import { endSession } from "../store/sign-in/writer.ts";

/** Sessions of one commit: a few milliseconds of the event loop. */
const SESSIONS_AT_ONCE = 100;

/** Deletes browser sessions whose time is over: they open nothing any more, and would pile up for ever. */
export async function endOldSessions({
  snapshot,
  clock,
  commit,
}: Pick<AdminDeps, "snapshot" | "clock" | "commit">): Promise<void> {
  const now = clock.now();
  const over = [...snapshot.sessions()].filter((session) => now - session.createdAt > SESSION_LIFE_MS);
  for (let i = 0; i < over.length; i += SESSIONS_AT_ONCE) {
    await commit(over.slice(i, i + SESSIONS_AT_ONCE).flatMap(({ id }) => endSession(id, now)));
  }
}
