import { expect, test } from "bun:test";
import { keepActivity } from "../../src/jobs/activity.ts";
import { Activity } from "../../src/snapshot/activity.ts";
import type { Write } from "../../src/store/write.ts";

const KEYS = 1_050;
const SESSIONS = 75;
const AT_ONCE = 100;

function noted(): Activity {
  const activity = new Activity();
  for (let n = 0; n < KEYS; n++) activity.keyUsed(`apikey_${n % 7}_${n}`, n);
  for (let n = 0; n < SESSIONS; n++) activity.sessionUsed(`sess_${n}`, n);
  return activity;
}

/** The ids that writes are about, in their order. */
function idsOf(writes: readonly Write[]): string[] {
  return writes.map(({ statement }) => {
    const text = JSON.stringify(statement.toOperationNode(), (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    );
    return /(?:apikey|sess)_[0-9_]+/.exec(text)?.[0] ?? "";
  });
}

test("last uses are written in small commits, with turns of the event loop between them", async () => {
  const sizes: number[] = [];
  let turns = 0;
  let open = true;
  const turn = (): void => {
    turns++;
    if (open) setTimeout(turn, 0);
  };
  setTimeout(turn, 0);
  const ids: string[] = [];
  await keepActivity({
    activity: noted(),
    async commit(writes) {
      sizes.push(writes.length);
      const batch = idsOf(writes);
      // Keys first, then sessions, each in order: two nodes that note the same ones must not wait for each other.
      expect(batch).toEqual(batch.toSorted());
      ids.push(...batch);
    },
  });
  open = false;
  expect(sizes.every((size) => size <= AT_ONCE)).toBe(true);
  expect(turns).toBeGreaterThanOrEqual(sizes.length - 1);
  expect(new Set(ids).size).toBe(KEYS + SESSIONS);
  expect(ids).toHaveLength(KEYS + SESSIONS);
});

test("what is used while it is written waits for the next time", async () => {
  const activity = noted();
  let commits = 0;
  await keepActivity({
    activity,
    async commit() {
      activity.keyUsed(`apikey_late_${commits++}`, 1);
    },
  });
  expect(commits).toBe(Math.ceil((KEYS + SESSIONS) / AT_ONCE));
  expect(activity.noted).toBe(commits);
});
