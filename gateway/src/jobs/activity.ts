import { nextTurn } from "../base/next-turn.ts";
import type { Activity } from "../snapshot/activity.ts";
import type { Store } from "../store/store.ts";

/** Rows of one commit: a few milliseconds of the event loop. */
const ROWS_AT_ONCE = 200;

/** Writes when keys and sessions were last used: what is noted at the call, in steps that let calls in between. */
export async function keepActivity(store: Pick<Store, "commit">, activity: Activity): Promise<void> {
  for (let left = activity.noted; left > 0; left -= ROWS_AT_ONCE) {
    await store.commit(activity.takeWrites(Math.min(left, ROWS_AT_ONCE)));
    await nextTurn();
  }
}
