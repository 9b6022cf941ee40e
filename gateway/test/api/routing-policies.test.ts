import { describe, expect, test } from "bun:test";
import { FAILOVER_CLASSES } from "../../src/core/fault.ts";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf } from "./started.ts";

const UNKNOWN = "00000000000000000000000000";

describeApi("routing policies", (api) => {
  const make = (body: object) => api.gateway.api("POST", "/v1/routing-policies", { body });
  async function freeModel(slug: string): Promise<string> {
    const made = await api.gateway.api("POST", "/v1/models", {
      body: { slug, context_window: 1000, free: true },
    });
    return pickText(made.body, "data.id");
  }

  test("are made with documented defaults, listed and deleted; a model without one serves nobody", async () => {
    const { backendIds } = await api.model("fake-ok?tokens=1");
    const model_id = await freeModel("acme/routed");
    const made = await make({ model_id, targets: [{ backend_id: backendIds[0] }] });
    expect(made.status).toBe(201);
    expect(pick(made.body, "data")).toMatchObject({
      model_id,
      strategy: "priority",
      targets: [{ backend_id: backendIds[0], priority: 1, weight: 100, enabled: true }],
      retry: { attempts: 3, same_backend: 1 },
      failover_on: FAILOVER_CLASSES,
      midstream: "error",
      sticky: "none",
      fallback_models: [],
      fallback_price: "asked",
    });
    const id = pickText(made.body, "data.id");
    expect(id).toMatch(/^route_/);
    expect(itemsOf(await api.gateway.api("GET", "/v1/routing-policies"))[0]?.["id"]).toBe(id);
    expect((await api.chat({ model: "acme/routed" })).status).toBe(200);
    expect((await api.gateway.api("DELETE", `/v1/routing-policies/${id}`)).status).toBe(200);
    expect(codeOf(await api.chat({ model: "acme/routed" }))).toBe("MODEL_UNAVAILABLE");
    expect(codeOf(await api.gateway.api("DELETE", `/v1/routing-policies/${id}`))).toBe("NOT_FOUND");
  });

  test("there is one per model", async () => {
    const { modelId, backendIds } = await api.model("fake-ok");
    const reply = await make({ model_id: modelId, targets: [{ backend_id: backendIds[0] }] });
    expect([reply.status, codeOf(reply)]).toEqual([409, "CONFLICT"]);
  });

  test("name a model and a backend that exist", async () => {
    const { backendIds, modelId } = await api.model("fake-ok");
    const noModel = await make({ model_id: `model_${UNKNOWN}`, targets: [{ backend_id: backendIds[0] }] });
    expect(codeOf(noModel)).toBe("MODEL_NOT_FOUND");
    const noBackend = await make({ model_id: modelId, targets: [{ backend_id: `be_${UNKNOWN}` }] });
    expect(codeOf(noBackend)).toBe("BACKEND_NOT_FOUND");
  });

  const BAD: readonly (readonly [string, object, string])[] = [
    ["no target", { targets: [] }, "targets"],
    ["an unknown strategy", { strategy: "dice" }, "strategy"],
    ["a negative weight", { targets: [{ backend_id: "be_x", weight: -1 }] }, "targets[0].weight"],
    ["eleven attempts", { retry: { attempts: 11 } }, "retry.attempts"],
    ["a failover on what no other backend would take", { failover_on: ["bad_request"] }, "failover_on[0]"],
    ["an unknown way with streams", { midstream: "hope" }, "midstream"],
    ["an unknown field of a target", { targets: [{ backend_id: "be_x", wight: 1 }] }, "targets[0].wight"],
  ];
  test.each(BAD)("with %s cannot be made", async (_name, change, field) => {
    const reply = await make({ model_id: "model_x", targets: [{ backend_id: "be_x" }], ...change });
    expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", [field]]);
  });

  test("with a target that is switched off serve nobody", async () => {
    const { backendIds } = await api.model("fake-ok");
    const model_id = await freeModel("acme/off");
    await make({ model_id, targets: [{ backend_id: backendIds[0], enabled: false }] });
    expect(codeOf(await api.chat({ model: "acme/off" }))).toBe("MODEL_UNAVAILABLE");
    const shown = await api.gateway.api("GET", "/v1/models/acme/off");
    expect(pick(shown.body, "data.health_status")).toBe("unhealthy");
  });

  describe("a change", () => {
    async function made(): Promise<{ path: string; modelId: string; backendIds: readonly string[] }> {
      const { backendIds, modelId, policyId } = await api.model("fake-ok", { plans: ["fake-ok", "fake-ok"] });
      return { path: `/v1/routing-policies/${policyId}`, modelId, backendIds };
    }
    const patch = (path: string, body: object) => api.gateway.api("PATCH", path, { body });

    test("of some fields leaves the others, and is in force for the next request", async () => {
      const { path, modelId, backendIds } = await made();
      const [first, second] = backendIds;
      const changed = await patch(path, {
        strategy: "weighted",
        targets: [{ backend_id: first, weight: 0 }, { backend_id: second }],
        midstream: "buffer",
      });
      expect(pick(changed.body, "data")).toMatchObject({
        model_id: modelId,
        strategy: "weighted",
        midstream: "buffer",
        retry: { attempts: 3, same_backend: 1 },
        sticky: "none",
      });
      const { body } = await api.gateway.api("GET", `/v1/models/${modelId}`);
      const reply = await api.gateway.api("POST", "/v1/inference/chat", {
        body: { model: pickText(body, "data.slug"), messages: [{ role: "user", content: "hello" }] },
      });
      expect([reply.status, reply.headers.get("x-scaigrid-backend")]).toEqual([200, second ?? ""]);
    });

    test("of the whole takes back what is left out", async () => {
      const { path, modelId, backendIds } = await made();
      await patch(path, { strategy: "latency", sticky: "user", failover_on: ["network"] });
      const targets = [{ backend_id: backendIds[1], priority: 3 }];
      const replaced = await api.gateway.api("PUT", path, { body: { model_id: modelId, targets } });
      expect(pick(replaced.body, "data")).toMatchObject({
        strategy: "priority",
        sticky: "none",
        failover_on: FAILOVER_CLASSES,
        targets: [{ backend_id: backendIds[1], priority: 3, weight: 100, enabled: true }],
      });
      expect(pick((await api.gateway.api("GET", path)).body, "data")).toEqual(pick(replaced.body, "data"));
    });

    test("cannot give a policy to another model", async () => {
      const { path, backendIds } = await made();
      const body = { model_id: "model_other", targets: [{ backend_id: backendIds[0] }] };
      const reply = await api.gateway.api("PUT", path, { body });
      expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", ["model_id"]]);
    });

    test("of a version that is no more is refused", async () => {
      const { path } = await made();
      const etag = (await api.gateway.api("GET", path)).headers.get("etag") ?? "";
      await patch(path, { strategy: "weighted" });
      const late = await api.gateway.api("PATCH", path, {
        body: { strategy: "latency" },
        headers: { "if-match": etag },
      });
      expect([late.status, codeOf(late)]).toEqual([409, "CONFLICT"]);
    });

    test("that names what is not there, or twice, says where", async () => {
      const { path, backendIds, modelId } = await made();
      const [first] = backendIds;
      const own = pickText((await api.gateway.api("GET", `/v1/models/${modelId}`)).body, "data.slug");
      const twice = await patch(path, { targets: [{ backend_id: first }, { backend_id: first }] });
      expect(fieldsOf(twice)).toEqual(["targets[1].backend_id"]);
      const fallbacks = await patch(path, { fallback_models: ["acme/nothing", own] });
      expect(fieldsOf(fallbacks)).toEqual(["fallback_models[0]", "fallback_models[1]"]);
      expect(fieldsOf(await patch(path, { failover_on: ["auth", "auth"] }))).toEqual(["failover_on"]);
      expect(codeOf(await patch(path, { targets: [{ backend_id: `be_${UNKNOWN}` }] }))).toBe(
        "BACKEND_NOT_FOUND",
      );
      expect(codeOf(await patch(`/v1/routing-policies/route_${UNKNOWN}`, {}))).toBe("NOT_FOUND");
      const missing = { model_id: modelId, targets: [{ backend_id: first }] };
      const gone = await api.gateway.api("PUT", `/v1/routing-policies/route_${UNKNOWN}`, { body: missing });
      expect(codeOf(gone)).toBe("NOT_FOUND");
    });
  });
});
