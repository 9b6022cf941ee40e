import { nextTurn } from "../base/next-turn.ts";
import type { Activity } from "../snapshot/activity.ts";
import type { Write } from "../store/write.ts";

/** Rows of one commit: a millisecond or two of the event loop. */
const ROWS_AT_ONCE = 100;

export interface ActivityDeps {
  readonly activity: Activity;
  /** Rejects with StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
}

/** Writes when keys and sessions were last used: what is noted at the call, in steps that let calls in between. */
export async function keepActivity(deps: ActivityDeps): Promise<void> {
  const { activity } = deps;
  for (let left = activity.noted; left > 0; left -= ROWS_AT_ONCE) {
    await deps.commit(activity.takeWrites(Math.min(left, ROWS_AT_ONCE)));
    await nextTurn();
  }
}
