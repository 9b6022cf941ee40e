import { expect, test } from "bun:test";
import { SESSION_LIFE_MS } from "../../src/access/authenticate.ts";
import { endOldSessions } from "../../src/jobs/old-sessions.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import type { Write } from "../../src/store/write.ts";

const NOW = 1_800_000_000_000;

function session(id: string, createdAt: number): void {
  const value = { id, userId: "user_1", tokenHash: `hash of ${id}`, createdAt, lastSeenAt: NOW };
  snapshot.apply({ kind: "session", id, value });
}

const snapshot = new Snapshot();

test("sessions whose time is over are deleted, however recently they were used, and no others", async () => {
  session("sess_over", NOW - SESSION_LIFE_MS - 1);
  session("sess_young", NOW - SESSION_LIFE_MS);
  const committed: Write[] = [];
  await endOldSessions({
    snapshot,
    clock: { now: () => NOW, monotonic: () => 0 },
    commit: async (writes) => void committed.push(...writes),
  });
  const parameters = committed.flatMap(({ statement }) => statement.compile().parameters);
  expect(parameters).toContain("sess_over");
  expect(parameters).not.toContain("sess_young");
});
