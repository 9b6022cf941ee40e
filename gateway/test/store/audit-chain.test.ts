import { afterEach, expect, test } from "bun:test";
import { newId } from "../../src/base/ids.ts";
import type { AuditEntry } from "../../src/core/audit.ts";
import { sealAudit } from "../../src/jobs/seal-audit.ts";
import { CHAIN_START, checkLinks } from "../../src/store/audit/chain.ts";
import { chainHead, countUnsealed, foreignEntries, linkedRows } from "../../src/store/audit/chain-reader.ts";
import { addAuditEntry } from "../../src/store/audit/writer.ts";
import type { Store } from "../../src/store/store.ts";
import { build, type Statement } from "../../src/store/write.ts";
import { describeEngines } from "./engines.ts";
import { AT } from "./samples.ts";

function entry(n: number): AuditEntry {
  return {
    id: newId("audit", AT + n),
    at: AT + n,
    action: "user.update",
    actorType: "user",
    actorEmail: "ada@example.com",
    resourceType: "user",
    resourceId: `user_${n}`,
    status: "SUCCESS",
    count: 1,
    changes: { display_name: ['a\u2028 "quoted"', `name ${n}`] },
  };
}

describeEngines("the sealed chain", (engine) => {
  let store: Store;
  afterEach(async () => {
    await store.close();
  });

  async function sealed(count: number): Promise<readonly AuditEntry[]> {
    store = await engine.open();
    const entries = Array.from({ length: count }, (_, n) => entry(n));
    for (const each of entries) await store.commit([addAuditEntry(each)]);
    await sealAudit(store);
    return entries;
  }

  const tamper = (...statements: readonly Statement[]) =>
    store.commit(statements.map((statement) => ({ statement, about: "audit" as const })));

  async function found(): Promise<readonly string[]> {
    const { findings } = checkLinks(CHAIN_START, await linkedRows(store.read, 0n, 1_000));
    const foreign = await foreignEntries(store.read, 10);
    return [...findings, ...foreign].map(({ kind, seq, auditId }) =>
      `${kind} ${seq} ${auditId ?? ""}`.trim(),
    );
  }

  test("holds every entry in the order in which it was sealed, and is whole", async () => {
    const entries = await sealed(120);
    expect(await countUnsealed(store.read)).toBe(0);
    const linked = await linkedRows(store.read, 0n, 1_000);
    expect(linked.map(({ link }) => link.audit_id)).toEqual(entries.map(({ id }) => id));
    expect(await found()).toEqual([]);
  });

  test("goes on from its head, and an entry that comes late is sealed after younger ones", async () => {
    await sealed(3);
    const head = await chainHead(store.read);
    const late = { ...entry(0), id: newId("audit", AT - 5_000) };
    await store.commit([addAuditEntry(late)]);
    await sealAudit(store);
    expect((await chainHead(store.read)).seq).toBe(head.seq + 1n);
    expect(await found()).toEqual([]);
  });

  test("tells an entry that was changed by its number and its id, whatever was changed", async () => {
    const [, second] = await sealed(3);
    const id = second?.id ?? "";
    for (const set of [
      { actor_email: null },
      { actor_email: "eve@example.com" },
      { changes: "{}" },
      { count: 2n },
    ]) {
      await tamper(build.updateTable("audit_log").set(set).where("id", "=", id));
      expect(await found()).toEqual([`changed 2 ${id}`]);
    }
  });

  test("tells deleted entries, alone and together with their links", async () => {
    const [first, second] = await sealed(4);
    await tamper(build.deleteFrom("audit_log").where("id", "=", first?.id ?? ""));
    expect(await found()).toEqual([`deleted 1 ${first?.id}`]);
    await tamper(
      build.deleteFrom("audit_log").where("id", "=", second?.id ?? ""),
      build.deleteFrom("audit_chain").where("seq", "=", 2n),
    );
    expect(await found()).toEqual([`deleted 1 ${first?.id}`, "missing 2"]);
  });

  test("tells entries that have changed places, in the log or in the chain", async () => {
    const [first, second] = await sealed(3);
    await tamper(
      build
        .updateTable("audit_log")
        .set({ sealed_seq: 2n })
        .where("id", "=", first?.id ?? ""),
      build
        .updateTable("audit_log")
        .set({ sealed_seq: 1n })
        .where("id", "=", second?.id ?? ""),
    );
    expect(await found()).toEqual(expect.arrayContaining([`moved 1 ${first?.id}`, `moved 2 ${second?.id}`]));
    const linked = await linkedRows(store.read, 0n, 2);
    const [a, b] = linked.map(({ link }) => link);
    if (!a || !b) throw new Error("no links");
    await tamper(
      build
        .updateTable("audit_chain")
        .set({ audit_id: b.audit_id, row_hash: b.row_hash })
        .where("seq", "=", 1n),
      build
        .updateTable("audit_chain")
        .set({ audit_id: a.audit_id, row_hash: a.row_hash })
        .where("seq", "=", 2n),
    );
    expect(await found()).toEqual([`broken 1 ${second?.id}`, `broken 2 ${first?.id}`]);
  });

  test("tells an entry that was slipped in as if it had been sealed", async () => {
    await sealed(2);
    const forged = entry(7);
    await store.commit([addAuditEntry(forged)]);
    await tamper(build.updateTable("audit_log").set({ sealed_seq: 2n }).where("id", "=", forged.id));
    expect(await found()).toEqual([`foreign 2 ${forged.id}`]);
  });

  test("is one chain, however many seal at the same time", async () => {
    await sealed(0);
    for (let n = 0; n < 60; n++) await store.commit([addAuditEntry(entry(n))]);
    await Promise.all(Array.from({ length: 4 }, () => sealAudit(store)));
    await sealAudit(store);
    expect((await chainHead(store.read)).seq).toBe(60n);
    expect(await found()).toEqual([]);
  });
});
