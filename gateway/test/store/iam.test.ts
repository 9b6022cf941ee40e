import { afterEach, expect, test } from "bun:test";
import type { CustomRole, Group, RoleMapping } from "../../src/core/iam.ts";
import type { ModelAccessRule, ModelGroup } from "../../src/core/model-access.ts";
import { WriteConflict } from "../../src/store/errors.ts";
import * as readers from "../../src/store/iam/reader.ts";
import * as writers from "../../src/store/iam/writer.ts";
import * as accessReaders from "../../src/store/model-access/reader.ts";
import * as accessWriters from "../../src/store/model-access/writer.ts";
import type { Store } from "../../src/store/store.ts";
import {
  createPartner,
  createTenant,
  createUser,
  deleteTenant,
  deleteUser,
} from "../../src/store/tenancy/writer.ts";
import { describeEngines, rejection } from "./engines.ts";
import { AT, partner, tenant, user } from "./samples.ts";

const ANY = { level: "platform" } as const;

describeEngines("custom roles, groups and access lists", (engine) => {
  let store: Store;
  afterEach(async () => {
    await store.close();
  });

  async function filled() {
    store = await engine.open();
    const p = partner();
    const [t, other] = [tenant(p.id), tenant(p.id)];
    const u = user(t.id);
    const own = { tenantId: t.id, createdAt: AT };
    const role: CustomRole = { id: "role_1", ...own, slug: "r", name: "R", permissions: ["models:use"] };
    const group: Group = { id: "group_1", ...own, name: "G", description: "d", memberIds: [u.id] };
    const mapping: RoleMapping = {
      id: "map_1",
      ...own,
      groupId: group.id,
      customRoleId: role.id,
      autoRevoke: false,
    };
    const models: ModelGroup = { id: "mg_1", ...own, name: "M", models: ["a/*"] };
    const rule: ModelAccessRule = {
      id: "access_1",
      ...own,
      subjectKind: "group",
      subjectId: group.id,
      effect: "block",
      modelGroupId: models.id,
    };
    await store.commit([
      ...createPartner(p, AT),
      ...createTenant(t, AT),
      ...createTenant(other, AT),
      ...createUser(u, AT),
      ...writers.createCustomRole(role, AT),
      ...writers.createGroup(group, AT),
      ...writers.addMember(group.id, u.id, AT),
      ...writers.addMember(group.id, u.id, AT),
      ...writers.createRoleMapping(mapping, AT),
      ...accessWriters.createModelGroup(models, AT),
      ...accessWriters.createModelAccess(rule, AT),
    ]);
    return { t, other, u, role, group, mapping, models, rule };
  }

  test("come back as they were written, all at once and one by one", async () => {
    const { role, group, mapping, models, rule } = await filled();
    const { read } = store;
    expect(await readers.loadCustomRoles(read)).toEqual([role]);
    expect(await readers.loadGroups(read)).toEqual([group]);
    expect(await readers.loadRoleMappings(read)).toEqual([mapping]);
    expect(await accessReaders.loadModelGroups(read)).toEqual([models]);
    expect(await accessReaders.loadModelAccess(read)).toEqual([rule]);
    expect(await readers.findGroup(read, group.id)).toEqual(group);
    expect(await readers.findCustomRole(read, role.id)).toEqual(role);
    expect(await readers.findRoleMapping(read, mapping.id)).toEqual(mapping);
    expect(await accessReaders.findModelGroup(read, models.id)).toEqual(models);
    expect(await accessReaders.findModelAccess(read, rule.id)).toEqual(rule);
  });

  test("are read, changed and deleted within the scope only", async () => {
    const { other, role, group, mapping, models, rule } = await filled();
    const theirs = { level: "tenant", tenantId: other.id } as const;
    const { read } = store;
    expect(await readers.findGroup(read, group.id, theirs)).toBeUndefined();
    expect(await readers.listGroups(read, theirs, { limit: 9 })).toEqual([]);
    expect(await readers.listCustomRoles(read, theirs, { limit: 9 })).toEqual([]);
    expect(await readers.listRoleMappings(read, theirs, { limit: 9 })).toEqual([]);
    expect(await accessReaders.listModelGroups(read, theirs, { limit: 9 })).toEqual([]);
    expect(await accessReaders.listModelAccess(read, theirs, { limit: 9 })).toEqual([]);
    for (const writes of [
      writers.updateCustomRole(role.id, { name: "x" }, theirs, AT),
      writers.deleteCustomRole(role.id, theirs, AT),
      writers.updateGroup(group.id, { name: "x" }, theirs, AT),
      writers.deleteGroup(group.id, theirs, AT),
      writers.deleteRoleMapping(mapping.id, theirs, AT),
      accessWriters.updateModelGroup(models.id, { name: "x" }, theirs, AT),
      accessWriters.deleteModelGroup(models.id, theirs, AT),
      accessWriters.deleteModelAccess(rule.id, theirs, AT),
    ]) {
      expect(await rejection(store.commit(writes))).toMatchObject({ kind: "missing" });
    }
    expect(await readers.loadGroups(read)).toEqual([group]);
  });

  test("groups are found by part of their name in whatever case, and by their name letter by letter", async () => {
    const { t, group } = await filled();
    const doctors: Group = { ...group, id: "group_2", name: "Ärzte_Nord 100%", memberIds: [] };
    await store.commit(writers.createGroup(doctors, AT));
    const named = async (q: string, page: object = {}) =>
      (await readers.listGroups(store.read, ANY, { limit: 9, q, ...page })).map(({ id }) => id);
    expect(await named("RZTE_nord")).toEqual([doctors.id]);
    expect(await named(doctors.name)).toEqual([doctors.id]);
    expect(await named(doctors.name, { tenantId: t.id })).toEqual([doctors.id]);
    expect(await named(doctors.name, { tenantId: "tenant_other" })).toEqual([]);
    expect(await named("e%n")).toEqual([]);
    expect(await named("description")).toEqual([]);
  });

  test("what is in use stays; a name is taken once in a tenant", async () => {
    const { t, role, group, models } = await filled();
    for (const writes of [
      writers.deleteCustomRole(role.id, ANY, AT),
      writers.deleteGroup(group.id, ANY, AT),
      accessWriters.deleteModelGroup(models.id, ANY, AT),
    ]) {
      expect(await rejection(store.commit(writes))).toMatchObject({ kind: "in_use" });
    }
    const again = { ...group, id: "group_2", tenantId: t.id };
    const error = await rejection(store.commit(writers.createGroup(again, AT)));
    expect(error).toBeInstanceOf(WriteConflict);
    expect(error).toMatchObject({ kind: "taken", constraint: "groups.tenant_id,name" });
  });

  test("go with their tenant, and memberships with their user", async () => {
    const { t, u, group } = await filled();
    await store.commit(deleteUser(u.id, ANY, AT));
    expect((await readers.findGroup(store.read, group.id))?.memberIds).toEqual([]);
    await store.commit(deleteTenant(t.id, ANY, AT));
    expect(await readers.loadGroups(store.read)).toEqual([]);
    expect(await accessReaders.loadModelAccess(store.read)).toEqual([]);
  });
});
