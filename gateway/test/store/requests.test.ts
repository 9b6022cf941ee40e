import { afterEach, beforeEach, expect, test } from "bun:test";
import { newId } from "../../src/base/ids.ts";
import type { Scope } from "../../src/core/scope.ts";
import { findTraces } from "../../src/store/requests/reader.ts";
import { deleteTracesBefore, insertTrace } from "../../src/store/requests/writer.ts";
import type { Store } from "../../src/store/store.ts";
import { describeEngines } from "./engines.ts";
import { AT, PAYER, trace } from "./samples.ts";

const ALL: Scope = { level: "platform" };

describeEngines("request traces", (engine) => {
  let store: Store;
  beforeEach(async () => {
    store = await engine.open();
  });
  afterEach(async () => {
    await store.close();
  });

  test("a trace is found by each of its four ids and comes back whole", async () => {
    const full = trace({
      clientRequestId: "client-1",
      traceId: "0af7651916cd43dd8448eb211c80319c",
      upstreamId: "chatcmpl-1",
      errorCode: "BACKEND_ERROR",
      errorReason: "500 from upstream",
      userAgent: "curl/8",
    });
    await store.commit([insertTrace(full), insertTrace(trace())]);
    for (const id of [full.requestId, "client-1", "0af7651916cd43dd8448eb211c80319c", "chatcmpl-1"]) {
      expect(await findTraces(store.read, ALL, id, 5)).toEqual([full]);
    }
    expect(await findTraces(store.read, ALL, "chatcmpl-2", 5)).toEqual([]);
  });

  test("every candidate comes back in its place, with its own fate and reason", async () => {
    const told = (ids: string, taken: boolean, reason: string) =>
      ids.split("").map((id) => ({ backendId: `be_${id}`, taken, reason }));
    const candidates = [
      ...told("abc", true, "priority 1, weight 100"),
      ...told("d", false, "its circuit is open"),
      ...told("e", true, "priority 1, weight 100"),
      ...told("fg", false, "priority 1, weight 100"),
    ];
    const full = trace({ candidates });
    await store.commit([insertTrace(full)]);
    expect((await findTraces(store.read, ALL, full.requestId, 1))[0]?.candidates).toEqual(candidates);
  });

  test("ids that callers choose may repeat: newest first, and only within the scope", async () => {
    const mine = trace({ requestId: newId("req", AT), clientRequestId: "same" });
    const later = trace({ requestId: newId("req", AT + 1), clientRequestId: "same" });
    const foreign = trace({ clientRequestId: "same", payer: { ...PAYER, tenantId: "tenant_B" } });
    await store.commit([mine, later, foreign].map(insertTrace));
    const tenant: Scope = { level: "tenant", tenantId: "tenant_A" };
    const found = await findTraces(store.read, tenant, "same", 5);
    expect(found.map((one) => one.requestId)).toEqual([later.requestId, mine.requestId]);
    expect(await findTraces(store.read, tenant, foreign.requestId, 5)).toEqual([]);
    expect((await findTraces(store.read, ALL, "same", 5)).length).toBe(3);
    expect((await findTraces(store.read, ALL, "same", 1)).length).toBe(1);
  });

  test("retention deletes the oldest first, a step at a time", async () => {
    const old = [1, 2, 3].map((ms) => trace({ requestId: newId("req", AT + ms) }));
    const kept = trace({ requestId: newId("req", AT + 10) });
    await store.commit([...old, kept].map(insertTrace));
    await store.commit([deleteTracesBefore(AT + 10, 2)]);
    const left = async () => {
      const rows = await store.read
        .selectFrom("requests")
        .select("request_id")
        .orderBy("request_id")
        .execute();
      return rows.map((row) => row.request_id);
    };
    expect(await left()).toEqual([old[2]?.requestId ?? "", kept.requestId]);
    await store.commit([deleteTracesBefore(AT + 10, 2)]);
    expect(await left()).toEqual([kept.requestId]);
  });
});
