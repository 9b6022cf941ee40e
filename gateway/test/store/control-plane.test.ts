import { afterEach, expect, test } from "bun:test";
import type { PriceVersion } from "../../src/core/catalogue.ts";
import {
  loadBackend,
  loadBackends,
  loadModel,
  loadModels,
  loadPolicies,
  loadPolicy,
  loadProvider,
  loadProviders,
} from "../../src/store/catalogue/reader.ts";
import {
  createBackend,
  createModel,
  createPolicy,
  createProvider,
  deleteBackend,
  deleteModel,
  deletePolicy,
  deleteProvider,
  updateBackend,
  updateModel,
} from "../../src/store/catalogue/writer.ts";
import { changesSince, lastChange } from "../../src/store/changes/reader.ts";
import { WriteConflict } from "../../src/store/errors.ts";
import { findKey, findKeyByHash, listKeys, loadKey, loadKeys } from "../../src/store/keys/reader.ts";
import { createKey, revokeKey, touchKey, updateKey } from "../../src/store/keys/writer.ts";
import { loadPriceVersion, loadPriceVersions, priceHistory } from "../../src/store/prices/reader.ts";
import { createPriceVersion } from "../../src/store/prices/writer.ts";
import type { Store } from "../../src/store/store.ts";
import {
  findTenant,
  findUser,
  listTenants,
  listUsers,
  loadPartner,
  loadPartners,
  loadTenant,
  loadTenants,
  loadUser,
  loadUsers,
} from "../../src/store/tenancy/reader.ts";
import {
  createPartner,
  createTenant,
  createUser,
  deleteTenant,
  deleteUser,
  updatePartner,
  updateTenant,
  updateUser,
} from "../../src/store/tenancy/writer.ts";
import type { Write } from "../../src/store/write.ts";
import { describeEngines, rejection } from "./engines.ts";
import { apiKey, AT, backend, model, partner, policy, provider, tenant, user } from "./samples.ts";

const ANY = { level: "platform" } as const;

async function refused(store: Store, writes: readonly Write[]): Promise<WriteConflict> {
  const error = await rejection(store.commit(writes));
  if (error instanceof WriteConflict) return error;
  throw error;
}

describeEngines("control plane", (engine) => {
  let store: Store;
  afterEach(async () => {
    await store.close();
  });

  async function company() {
    store = await engine.open();
    const p = partner();
    const t = tenant(p.id);
    const u = user(t.id, { email: "a@example.org" });
    const k = apiKey(u.id, { expiresAt: AT + 5 });
    await store.commit([
      ...createPartner(p, AT),
      ...createTenant(t, AT),
      ...createUser(u, AT),
      ...createKey(k, AT),
    ]);
    return { p, t, u, k };
  }

  test("partner, tenant, user and key come back as they were written", async () => {
    const { p, t, u, k } = await company();
    expect(await loadPartners(store.read)).toEqual([p]);
    expect(await loadPartner(store.read, p.id)).toEqual(p);
    expect(await loadTenants(store.read)).toEqual([t]);
    expect(await loadTenant(store.read, t.id)).toEqual(t);
    expect(await loadUsers(store.read)).toEqual([u]);
    expect(await loadUser(store.read, u.id)).toEqual(u);
    expect(await loadKeys(store.read)).toEqual([k]);
    expect(await loadKey(store.read, k.id)).toEqual(k);
    expect(await findKeyByHash(store.read, k.hash)).toEqual(k);
    expect(await findKeyByHash(store.read, "0".repeat(64))).toBeUndefined();
  });

  test("the reader of a start reads the same, and its failures are the caller's", async () => {
    const { t, k } = await company();
    const read = await store.readAtStart(async (reader) => [
      await loadTenants(reader),
      await loadKeys(reader),
    ]);
    expect(read).toEqual([[t], [k]]);
    const failure = new Error("no more");
    expect(await rejection(store.readAtStart(() => Promise.reject(failure)))).toBe(failure);
  });

  test("catalogue and prices come back as they were written, credentials still sealed", async () => {
    store = await engine.open();
    const p = provider();
    const b = backend(p.id);
    const bare = backend(p.id);
    const m = model({ maxOutputTokens: 4_096, description: "d", systemPrompt: "s" });
    const r = policy(m.id, [b.id]);
    const version: PriceVersion = {
      id: "price_1",
      subject: { kind: "model", id: m.id },
      effectiveFrom: AT,
      rates: { input: 2_500_000n, output: 2n ** 60n },
    };
    await store.commit([
      ...createProvider(p, "v1.account", AT),
      ...createBackend(b, "v1.sealed", AT),
      ...createBackend(bare, null, AT),
      ...createModel(m, AT),
      ...createPolicy(r, AT),
      ...createPriceVersion(version, AT),
    ]);
    expect(await loadProviders(store.read)).toEqual([{ provider: p, sealed: "v1.account" }]);
    expect(await loadProvider(store.read, p.id)).toEqual({ provider: p, sealed: "v1.account" });
    const backends = await loadBackends(store.read);
    expect(backends).toContainEqual({ backend: b, sealed: "v1.sealed" });
    expect(backends).toContainEqual({ backend: bare });
    expect(await loadModels(store.read)).toEqual([m]);
    expect(await loadModel(store.read, m.id)).toEqual(m);
    expect(await loadPolicies(store.read)).toEqual([r]);
    expect(await loadPolicy(store.read, r.id)).toEqual(r);
    expect(await loadPriceVersions(store.read)).toEqual([version]);
    expect(await loadPriceVersion(store.read, "price_1")).toEqual(version);
    expect(await priceHistory(store.read, version.subject)).toEqual([version]);

    await store.commit(updateBackend({ ...b, status: "disabled" }, undefined, AT));
    expect((await loadBackend(store.read, b.id))?.sealed).toBe("v1.sealed");
    await store.commit(updateBackend(b, null, AT));
    expect(await loadBackend(store.read, b.id)).toEqual({ backend: b });
  });

  test("a taken slug is refused, named, and nothing of that commit stays", async () => {
    store = await engine.open();
    const first = model({ slug: "vendor/one" });
    await store.commit(createModel(first, AT));
    const before = await lastChange(store.read);
    const other = model({ slug: "vendor/two" });
    const error = await refused(store, [
      ...createModel(other, AT),
      ...createModel(model({ slug: "vendor/one" }), AT),
    ]);
    expect(error).toMatchObject({ kind: "taken", about: "model", constraint: "models.slug" });
    expect(await loadModels(store.read)).toEqual([first]);
    expect(await lastChange(store.read)).toBe(before);
    await store.commit(createModel(other, AT));
    const renamed = await refused(store, updateModel({ ...other, slug: "vendor/one" }, AT));
    expect(renamed).toMatchObject({ kind: "taken", constraint: "models.slug" });
  });

  test("a constraint over two columns has the same name on both engines", async () => {
    const { t } = await company();
    const error = await refused(store, createUser(user(t.id, { email: "a@example.org" }), AT));
    expect(error).toMatchObject({ kind: "taken", about: "user", constraint: "users.tenant_id,email" });
  });

  test("a parent that is missing, or still has children, is told apart", async () => {
    store = await engine.open();
    const p = provider();
    const m = model();
    await store.commit([...createProvider(p, null, AT), ...createBackend(backend(p.id), null, AT)]);
    await store.commit([...createModel(m, AT), ...createPolicy(policy(m.id, []), AT)]);
    expect(await refused(store, deleteProvider(p.id, AT))).toMatchObject({
      kind: "in_use",
      about: "provider",
    });
    expect(await refused(store, deleteModel(m.id, AT))).toMatchObject({ kind: "in_use", about: "model" });
    expect(await refused(store, createBackend(backend("prov_none"), null, AT))).toMatchObject({
      kind: "missing_parent",
      about: "backend",
    });
    expect(await loadProvider(store.read, p.id)).toEqual({ provider: p });
  });

  test("changing or deleting what is not there is refused and writes no change row", async () => {
    await company();
    const before = await lastChange(store.read);
    const absent = { kind: "missing" };
    expect(await refused(store, updateUser("user_none", {}, ANY, AT))).toMatchObject(absent);
    expect(await refused(store, updateTenant("tenant_none", {}, ANY, AT))).toMatchObject(absent);
    expect(await refused(store, deleteProvider("prov_none", AT))).toMatchObject(absent);
    expect(await refused(store, deletePolicy("route_none", AT))).toMatchObject(absent);
    expect(await lastChange(store.read)).toBe(before);
  });

  test("deleting a backend takes it out of the policies that name it", async () => {
    store = await engine.open();
    const p = provider();
    const [a, b] = [backend(p.id), backend(p.id)];
    const m = model();
    const r = policy(m.id, [a.id, b.id]);
    await store.commit([
      ...createProvider(p, null, AT),
      ...createBackend(a, null, AT),
      ...createBackend(b, null, AT),
      ...createModel(m, AT),
      ...createPolicy(r, AT),
    ]);
    await store.commit(deleteBackend(a.id, [r], AT));
    expect(await loadBackend(store.read, a.id)).toBeUndefined();
    expect((await loadPolicy(store.read, r.id))?.targets.map((target) => target.backend_id)).toEqual([b.id]);
  });

  test("what a key is narrowed to comes back as it was written, and is taken away by null", async () => {
    const { u } = await company();
    const k = apiKey(u.id, {
      scopes: ["models:use"],
      models: ["vendor/*"],
      allowedIps: ["192.0.2.0/24"],
      metadata: { team: "a" },
      replaces: "apikey_before",
    });
    await store.commit(createKey(k, AT));
    expect(await loadKey(store.read, k.id)).toEqual(k);
    const change = { scopes: null, models: ["a/b"], allowedIps: null, metadata: null };
    await store.commit(updateKey(k.id, change, ANY, AT));
    const { scopes: _s, allowedIps: _a, metadata: _m, ...rest } = k;
    expect(await loadKey(store.read, k.id)).toEqual({ ...rest, models: ["a/b"] });
    expect(await findKey(store.read, { level: "tenant", tenantId: "tenant_none" }, k.id)).toBeUndefined();
    const ids = async (page: object) =>
      (await listKeys(store.read, ANY, { limit: 10, ...page })).map((key) => key.id);
    expect(await ids({ madeBefore: AT })).toEqual([]);
    expect(await ids({ madeBefore: AT + 1, unusedSince: AT, q: "CI", userId: u.id })).toContain(k.id);
    await store.commit([touchKey(k.id, AT + 9)]);
    expect(await ids({ unusedSince: AT })).not.toContain(k.id);
  });

  test("keys are listed and changed within the scope only", async () => {
    const { p, t, u, k } = await company();
    const sibling = tenant(p.id);
    const stranger = user(sibling.id);
    const theirs = apiKey(stranger.id);
    await store.commit([...createTenant(sibling, AT), ...createUser(stranger, AT), ...createKey(theirs, AT)]);
    const ids = async (scope: Parameters<typeof listKeys>[1]) =>
      (await listKeys(store.read, scope, { limit: 10 })).map((key) => key.id).toSorted();
    const both = [k.id, theirs.id].toSorted();
    expect(await ids({ level: "platform" })).toEqual(both);
    expect(await ids({ level: "partner", partnerId: p.id })).toEqual(both);
    expect(await ids({ level: "partner", partnerId: "partner_none" })).toEqual([]);
    expect(await ids({ level: "tenant", tenantId: t.id })).toEqual([k.id]);
    expect(await ids({ level: "user", tenantId: t.id, userId: u.id })).toEqual([k.id]);
    expect(await ids({ level: "user", tenantId: sibling.id, userId: u.id })).toEqual([]);
    const users = await listUsers(store.read, { level: "tenant", tenantId: sibling.id }, { limit: 10 });
    expect(users).toEqual([stranger]);

    const mine = { level: "tenant", tenantId: t.id } as const;
    expect(await refused(store, revokeKey(theirs.id, mine, AT))).toMatchObject({ kind: "missing" });
    expect((await loadKey(store.read, theirs.id))?.status).toBe("active");
    await store.commit(revokeKey(k.id, mine, AT));
    await store.commit(revokeKey(k.id, mine, AT));
    await store.commit(updateKey(k.id, { name: "new", expiresAt: null }, mine, AT));
    const { expiresAt: _, ...never } = k;
    expect(await loadKey(store.read, k.id)).toEqual({ ...never, name: "new", status: "revoked" });
  });

  test("tenants and users are read, changed and deleted within the scope only", async () => {
    const { p, t, u } = await company();
    const other = partner();
    await store.commit(createPartner(other, AT));
    const theirs = { level: "partner", partnerId: other.id } as const;
    const ours = { level: "partner", partnerId: p.id } as const;
    for (const writes of [
      updateTenant(t.id, { displayName: "taken" }, theirs, AT),
      deleteTenant(t.id, theirs, AT),
      updatePartner(p.id, { displayName: "taken" }, theirs, AT),
      updatePartner(p.id, { displayName: "taken" }, { level: "tenant", tenantId: t.id }, AT),
      updateUser(u.id, { displayName: "taken" }, theirs, AT),
      deleteUser(u.id, theirs, AT),
    ]) {
      expect(await refused(store, writes)).toMatchObject({ kind: "missing" });
    }
    expect(await findTenant(store.read, theirs, t.id)).toBeUndefined();
    expect(await findUser(store.read, theirs, u.id)).toBeUndefined();
    expect(await findTenant(store.read, ours, t.id)).toEqual(t);
    expect(await findUser(store.read, ours, u.id)).toEqual(u);
    expect(await refused(store, deleteTenant(t.id, ours, AT))).toMatchObject({ kind: "in_use" });
    await store.commit(deleteUser(u.id, ours, AT));
    expect(await loadUser(store.read, u.id)).toBeUndefined();
    expect(await listUsers(store.read, ours, { limit: 10 })).toEqual([]);
    expect(await refused(store, updateUser(u.id, { status: "active" }, ours, AT))).toMatchObject({
      kind: "missing",
    });
    await store.commit(deleteTenant(t.id, ours, AT));
    expect(await loadTenants(store.read)).toEqual([]);
    expect(await loadKeys(store.read)).toEqual([]);
  });

  test("lists are searched without regard to case, and signs are signs", async () => {
    const { p, t } = await company();
    const named = user(t.id, { displayName: "Ada 100%_sure", email: "b@example.org" });
    await store.commit(createUser(named, AT));
    const scope = { level: "partner", partnerId: p.id } as const;
    for (const [q, hits] of [
      ["ADA", 1],
      ["B@EXAMPLE", 1],
      ["100%_", 1],
      ["1%0", 0],
      ["_da", 0],
    ] as const) {
      expect([q, (await listUsers(store.read, scope, { limit: 10, q })).length]).toEqual([q, hits]);
    }
    const named2 = await listTenants(store.read, scope, { limit: 10, q: t.slug.toUpperCase() });
    expect(named2).toEqual([t]);
  });

  test("the change log tells every change in order, and pages", async () => {
    const { p, t, u, k } = await company();
    const { changes, lastSeq } = await changesSince(store.read, 0n, 100);
    expect(changes.map((change) => [change.kind, change.entityId])).toEqual([
      ["partner", p.id],
      ["tenant", t.id],
      ["user", u.id],
      ["api_key", k.id],
    ]);
    expect(lastSeq).toBe(await lastChange(store.read));
    const page = await changesSince(store.read, changes[1]?.seq ?? 0n, 1);
    expect(page.changes.map((change) => change.entityId)).toEqual([u.id]);
    expect(await changesSince(store.read, lastSeq, 100)).toEqual({ changes: [], lastSeq });
  });

  test("whole tables longer than a page are read completely", async () => {
    const { u, k } = await company();
    const many = Array.from({ length: 5_001 }, (_, i) => apiKey(u.id, { hash: `${i}` }));
    await store.commit(many.flatMap((key) => createKey(key, AT)));
    const loaded = await loadKeys(store.read);
    expect(loaded.length).toBe(5_002);
    expect(new Set(loaded.map((key) => key.id))).toEqual(new Set([k.id, ...many.map((key) => key.id)]));
  });
});
