import { expect, test } from "bun:test";
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
});
