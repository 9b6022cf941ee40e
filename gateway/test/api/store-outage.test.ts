import { expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { codeOf, describeApi, eventually, itemsOf } from "./started.ts";
import { withStoreLocked } from "./store-shell.ts";

describeApi("while the store takes no writes", (api) => {
  const ready = () => fetch(`${api.gateway.url}/health/ready`);

  test("nothing is sent upstream, nothing is lost, and it recovers by itself", async () => {
    const { slug } = await api.model("fake-ok?tokens=1");
    await withStoreLocked(api.gateway, async () => {
      const reply = await api.chat({ model: slug });
      expect([reply.status, codeOf(reply)]).toEqual([503, "DEPENDENCY_UNAVAILABLE"]);
      expect(pick(reply.body, "error.retry_after")).toBeNumber();
      expect(api.fake.log.records).toHaveLength(0);
      const stream = await api.stream({ model: slug });
      expect(stream.status).toBe(503);
      const change = await api.gateway.api("POST", "/v1/models", {
        body: { slug: "acme/late", context_window: 1, free: true },
      });
      expect(codeOf(change)).toBe("DEPENDENCY_UNAVAILABLE");
      const state = await ready();
      expect([state.status, pick(await state.json(), "status")]).toEqual([503, "not_ready"]);
      // Known keys and what is in memory are served all the same.
      expect((await api.gateway.api("GET", "/v1/models", { key: api.gateway.firstKey })).status).toBe(200);
      expect((await fetch(`${api.gateway.url}/health`)).status).toBe(200);
    });
    await eventually(
      "ready node",
      () => api.gateway.api("GET", "/health/ready"),
      ({ status }) => status === 200,
    );
    expect((await api.chat({ model: slug })).status).toBe(200);
    expect(itemsOf(await api.gateway.api("GET", `/v1/accounting/usage?model=${slug}`))).toHaveLength(1);
  });

  test("a finished answer that cannot be settled is not handed out, and settled once at no cost", async () => {
    const { slug } = await api.model("fake-ok?tokens=5&gate=settle");
    const before = api.fake.log.records.length;
    const call = api.chat({ model: slug });
    await api.fake.log.waitFor("call", ({ plan }) => plan.includes("gate=settle"));
    await withStoreLocked(api.gateway, async () => {
      api.fake.gates.open("settle");
      expect(codeOf(await call)).toBe("DEPENDENCY_UNAVAILABLE");
    });
    expect(api.fake.log.records).toHaveLength(before + 1);
    const path = `/v1/accounting/usage?model=${slug}`;
    const usage = await eventually(
      "usage record",
      () => api.gateway.api("GET", path),
      (reply) => itemsOf(reply).length > 0,
    );
    const settled = { status: "failed", error_code: "DEPENDENCY_UNAVAILABLE", cost: "0" };
    expect(itemsOf(usage)).toMatchObject([settled]);
    // Recovery finds nothing left to settle.
    await api.gateway.restart();
    expect(itemsOf(await api.gateway.api("GET", path))).toMatchObject([settled]);
  });
});
