import { afterEach, expect, test } from "bun:test";
import {
  createBackend,
  createProvider,
  deleteBackend,
  updateProvider,
} from "../../src/store/catalogue/writer.ts";
import { createKey, updateKey } from "../../src/store/keys/writer.ts";
import { createPriceVersion } from "../../src/store/prices/writer.ts";
import { type Recorded, recorded } from "../../src/store/recording/recorded.ts";
import { loadSetting } from "../../src/store/settings/reader.ts";
import { putSetting } from "../../src/store/settings/writer.ts";
import { putPassword } from "../../src/store/sign-in/writer.ts";
import type { Store } from "../../src/store/store.ts";
import { createPartner, createTenant, createUser } from "../../src/store/tenancy/writer.ts";
import type { Write } from "../../src/store/write.ts";
import { describeEngines, rejection } from "./engines.ts";
import { apiKey, AT, backend, partner, provider, tenant, user } from "./samples.ts";

const LATER = AT + 1_000;

describeEngines("what a commit did", (engine) => {
  let store: Store;
  afterEach(async () => {
    await store.close();
  });

  async function doneBy(writes: readonly Write[]): Promise<readonly Recorded[]> {
    let done: readonly Recorded[] = [];
    await store.commit(writes, (effects) => {
      done = effects.map(recorded);
      return [];
    });
    return done;
  }

  async function somebody() {
    store = await engine.open();
    const p = partner();
    const t = tenant(p.id);
    const u = user(t.id);
    return { u, t, writes: [...createPartner(p, AT), ...createTenant(t, AT), ...createUser(u, AT)] };
  }

  test("is told row by row, with whom it belongs to", async () => {
    const { u, t, writes } = await somebody();
    const [made, madeTenant, madeUser] = await doneBy(writes);
    expect(made).toMatchObject({ kind: "partner", verb: "created", changes: { display_name: [null, "P"] } });
    expect(madeTenant?.owner).toEqual({ partnerId: t.partnerId, tenantId: t.id });
    expect(madeUser).toMatchObject({ id: u.id, owner: { tenantId: t.id, userId: u.id } });
    expect(madeUser?.changes["roles"]).toEqual([null, ["tenant_admin"]]);
  });

  test("is told of an update as it was and as it is, read in the same transaction", async () => {
    const { u, writes } = await somebody();
    const key = apiKey(u.id, { expiresAt: LATER });
    await store.commit([...writes, ...createKey(key, AT)]);
    const change = { name: "renamed", expiresAt: null };
    const [done] = await doneBy(updateKey(key.id, change, { level: "platform" }, AT));
    expect(done).toEqual({
      kind: "api_key",
      id: key.id,
      owner: { userId: u.id },
      verb: "updated",
      changes: { name: ["ci", "renamed"], expires_at: [new Date(LATER).toISOString(), null] },
    });
  });

  test("never tells a secret, in whichever way it is written", async () => {
    const { u, writes } = await somebody();
    const p = provider();
    const first = await doneBy([
      ...writes,
      ...createProvider(p, "sealed one", AT),
      putPassword(u.id, "$argon", AT),
    ]);
    const second = await doneBy([...updateProvider(p, "sealed two", AT), putPassword(u.id, "$other", AT)]);
    const told = JSON.stringify([first, second]);
    expect(told).not.toMatch(/sealed|argon|other/);
    expect(second.map(({ changes }) => changes)).toContainEqual({
      credentials: ["[redacted]", "[redacted]"],
    });
  });

  test("tells deleted rows and prices in the words of the API", async () => {
    store = await engine.open();
    const p = provider();
    const b = backend(p.id, { free: true });
    await store.commit([...createProvider(p, null, AT), ...createBackend(b, null, AT)]);
    const rates = { input: 2_500_000n };
    const version = {
      id: "price_1",
      subject: { kind: "backend", id: b.id },
      effectiveFrom: AT,
      rates,
    } as const;
    const [priced] = await doneBy(createPriceVersion(version, AT));
    expect(priced?.changes["prices"]).toEqual([null, { input_per_mtok: "2.5" }]);
    const [gone] = await doneBy(deleteBackend(b.id, [], AT));
    expect(gone).toMatchObject({ verb: "deleted", changes: { free: [true, null], uri: [b.uri, null] } });
  });

  test("what it concludes with is in the same transaction", async () => {
    store = await engine.open();
    const p = provider();
    const failed = store.commit(createProvider(p, null, AT), () => [
      putSetting("told", "yes"),
      { ...putSetting("told", "twice"), expectRows: 7 },
    ]);
    expect(await rejection(failed)).toMatchObject({ name: "WriteConflict" });
    expect(await loadSetting(store.read, "told")).toBeUndefined();
    expect(await store.read.selectFrom("providers").select("id").execute()).toEqual([]);
  });
});
