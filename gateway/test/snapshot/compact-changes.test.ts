import { expect, test } from "bun:test";
import { compactChanges } from "../../src/jobs/compact-changes.ts";
import { ControlPlane } from "../../src/snapshot/control-plane.ts";
import { changesSince, lastChange } from "../../src/store/changes/reader.ts";
import { unchangedSince } from "../../src/store/changes/writer.ts";
import { createKey, revokeKey } from "../../src/store/keys/writer.ts";
import { createSession, endSession } from "../../src/store/sign-in/writer.ts";
import type { Store } from "../../src/store/store.ts";
import {
  createPartner,
  createTenant,
  createUser,
  deleteUser,
  updateUser,
} from "../../src/store/tenancy/writer.ts";
import { describeEngines, rejection } from "../store/engines.ts";
import { apiKey, AT, partner, tenant, user } from "../store/samples.ts";

const ANY = { level: "platform" } as const;
const DAY_MS = 86_400_000;
const SECRETS = {
  unseal: (sealed: string) => sealed,
  settingsChanged: () => Promise.resolve(),
  onLocked: () => undefined,
  readReference: () => ({}),
};

describeEngines("a change log that is compacted", (engine) => {
  const compact = (store: Store, now: number) =>
    compactChanges({ clock: { now: () => now }, read: store.read, commit: (writes) => store.commit(writes) });

  async function company() {
    const store = await engine.open();
    const above = partner();
    const within = tenant(above.id);
    const [kept, gone] = [user(within.id), user(within.id)];
    const key = apiKey(kept.id);
    await store.commit([
      ...createPartner(above, AT),
      ...createTenant(within, AT),
      ...createUser(kept, AT),
      ...createUser(gone, AT),
      ...createKey(key, AT),
    ]);
    return { store, kept, gone, key };
  }
  const entries = async (store: Store) => (await changesSince(store.read, 0n, 5_000)).changes;

  test("is as long as there are objects, and a node that is far behind learns all that has changed", async () => {
    const { store, kept, gone, key } = await company();
    const behind = await ControlPlane.load(store, SECRETS);
    const renamed = Array.from({ length: 600 }, (_, n) =>
      updateUser(kept.id, { displayName: `name ${n}` }, ANY, AT + n),
    );
    await store.commit(renamed.flat());
    await store.commit(revokeKey(key.id, ANY, AT));
    await store.commit(deleteUser(gone.id, ANY, AT));
    const last = await lastChange(store.read);
    await compact(store, AT);
    const left = await entries(store);
    const names = left.map(({ kind, entityId }) => `${kind} ${entityId}`);
    expect(left.length).toBeLessThan(10);
    expect(names).toEqual([...new Set(names)]);
    expect(await lastChange(store.read)).toBe(last);
    await behind.catchUp();
    const { snapshot } = behind;
    expect(snapshot.userById(kept.id)?.displayName).toBe("name 599");
    expect(snapshot.userById(gone.id)).toBeUndefined();
    expect(snapshot.keyById(key.id)?.status).toBe("revoked");
    // Nobody changes what was changed since they have seen it.
    const late = store.commit([unchangedSince("user", kept.id, last - 10n, AT)]);
    expect(await rejection(late)).toMatchObject({ kind: "stale" });
    await store.close();
  });

  test("forgets sessions that open nothing any more, never its newest entry, and gives no number twice", async () => {
    const { store, kept } = await company();
    const session = { userId: kept.id, createdAt: AT, lastSeenAt: AT };
    await store.commit(createSession({ ...session, id: "sess_1", tokenHash: "1" }, AT));
    await store.commit(endSession("sess_1", AT));
    await store.commit(createSession({ ...session, id: "sess_2", tokenHash: "2" }, AT));
    const last = await lastChange(store.read);
    await compact(store, AT + 8 * DAY_MS);
    const sessions = (await entries(store)).filter(({ kind }) => kind === "session");
    expect(sessions.map(({ entityId, seq }) => [entityId, seq])).toEqual([["sess_2", last]]);
    await store.commit(updateUser(kept.id, { displayName: "x" }, ANY, AT));
    expect(await lastChange(store.read)).toBeGreaterThan(last);
    await store.close();
  });
});
