import type { SQL } from "bun";
import { within } from "../../base/within.ts";
import { CHANGES_CHANNEL } from "./commit.ts";

/** Once it is there, the runtime keeps the subscription up by itself; until then it is ours to ask again. */
const TRY_AGAIN_MS = 5_000;
/** The longest an end waits for a server that may be away. */
const END_MS = 500;

/**
 * Calls `heard` for each announcement of a commit, and each time that announcements can be heard (again). Where the
 * server cannot be reached now it is tried again. The returned function ends it.
 */
export async function listen(pool: SQL, heard: () => void): Promise<() => Promise<void>> {
  let ended = false;
  let timer: Timer | undefined;
  let subscription: SQL.ListenSubscription | undefined;
  const subscribe = async (): Promise<void> => {
    try {
      subscription = await pool.listen(CHANGES_CHANNEL, heard, heard);
    } catch {
      // The outage is told of by those who ask; nothing is missed, since they ask every second.
      if (!ended) timer = setTimeout(() => void subscribe(), TRY_AGAIN_MS);
    }
  };
  await within(TRY_AGAIN_MS, subscribe(), () => new Error("no answer")).catch(() => undefined);
  return async () => {
    ended = true;
    clearTimeout(timer);
    const ending = subscription?.unlisten() ?? Promise.resolve();
    await within(END_MS, ending, () => new Error("no answer")).catch(() => undefined);
  };
}
