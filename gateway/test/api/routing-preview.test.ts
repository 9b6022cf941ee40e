import { expect, test } from "bun:test";
import { isObject, pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi } from "./started.ts";

type Seen = Readonly<Record<string, unknown>>;

function candidatesOf(body: unknown): readonly Seen[] {
  const found = pick(body, "data.candidates");
  return Array.isArray(found) ? found.filter(isObject) : [];
}

describeApi("the preview of a route", (api) => {
  const preview = (policyId: string, body: object = {}) =>
    api.gateway.api("POST", `/v1/routing-policies/${policyId}/preview`, { body });

  test("tells which backend a request would get and why, in what order the others, and sends nothing", async () => {
    const plans = ["fake-ok?tokens=1", "fake-ok?tokens=2", "fake-ok?tokens=3"];
    const { policyId, backendIds, slug } = await api.model("fake-ok", { plans });
    const before = api.fake.log.records.length;
    const { status, body } = await preview(policyId);
    expect(status).toBe(200);
    expect(pick(body, "data")).toMatchObject({
      policy_id: policyId,
      model: slug,
      strategy: "priority",
      backend_id: backendIds[0],
      reason: "the only open backend of priority 1",
    });
    expect(candidatesOf(body).map(({ backend_id, order }) => [backend_id, order])).toEqual(
      backendIds.map((id, i) => [id, i + 1]),
    );
    expect(candidatesOf(body)[1]).toMatchObject({
      uri: "custom:fake-ok?tokens=2",
      reason: "priority 2, weight 100",
      circuit_state: "closed",
      in_flight: 0,
    });
    expect(api.fake.log.records).toHaveLength(before);
  });

  test("gives shares by weight, and passes by what cannot do it or is switched off", async () => {
    const { policyId, backendIds, providerId } = await api.model("fake-ok", {
      plans: ["fake-ok", "fake-ok"],
    });
    const [heavy, light] = backendIds;
    const blind = await api.gateway.api("POST", "/v1/backends", {
      body: { provider_id: providerId, upstream_model: "blind", capabilities: ["chat"], free: true },
    });
    const blindId = pickText(blind.body, "data.id");
    await api.gateway.api("PATCH", `/v1/routing-policies/${policyId}`, {
      body: {
        strategy: "weighted",
        targets: [
          { backend_id: heavy, weight: 75 },
          { backend_id: light, weight: 25 },
          { backend_id: blindId, weight: 1_000 },
        ],
      },
    });
    const seen = candidatesOf((await preview(policyId, { needs: ["vision"], stream: true })).body);
    const by = new Map(seen.map((each) => [each["backend_id"], each]));
    expect([by.get(heavy)?.["share"], by.get(light)?.["share"]]).toEqual([0.75, 0.25]);
    expect(by.get(blindId)).toMatchObject({ reason: "it does not offer vision" });
    expect(by.get(blindId)).not.toHaveProperty("order");
    await api.gateway.api("PATCH", `/v1/backends/${heavy}`, { body: { status: "disabled" } });
    const after = (await preview(policyId, { needs: ["vision"] })).body;
    expect(pick(after, "data.backend_id")).toBe(light);
    expect(JSON.stringify(candidatesOf(after))).toContain("the backend is disabled");
  });

  test("refuses what no request can ask of a backend, with what one can, and the nearest of that", async () => {
    const { policyId } = await api.model("fake-ok");
    const refused = await preview(policyId, { needs: ["tools", "visoin", "telepathy"] });
    expect(refused.status).toBe(422);
    expect(pick(refused.body, "error.details")).toEqual([
      { field: "needs[1]", message: 'must be one of "tools", "vision"; did you mean vision?' },
      { field: "needs[2]", message: 'must be one of "tools", "vision"' },
    ]);
  });

  test("sticks to one backend for each user", async () => {
    const { policyId, backendIds } = await api.model("fake-ok", { plans: ["fake-ok", "fake-ok", "fake-ok"] });
    const targets = backendIds.map((backend_id) => ({ backend_id }));
    await api.gateway.api("PATCH", `/v1/routing-policies/${policyId}`, {
      body: { strategy: "weighted", sticky: "user", targets },
    });
    const got = new Set<unknown>();
    for (let user = 0; user < 12; user++) {
      const first = pick((await preview(policyId, { user: `u${user}` })).body, "data.backend_id");
      expect(pick((await preview(policyId, { user: `u${user}` })).body, "data.backend_id")).toBe(first);
      got.add(first);
    }
    expect(got.size).toBeGreaterThan(1);
  });

  test("shows the fallbacks, after the model's own backends", async () => {
    const fallback = await api.model("fake-ok");
    const { policyId } = await api.model("fake-ok", { policy: { fallback_models: [fallback.slug] } });
    const seen = candidatesOf((await preview(policyId)).body);
    expect(seen.at(-1)).toMatchObject({ backend_id: fallback.backendIds[0], model: fallback.slug, order: 2 });
  });

  test("is for those who manage routing, of a policy that is there", async () => {
    const { policyId } = await api.model("fake-ok");
    const path = `/v1/routing-policies/${policyId}/preview`;
    const refused = await api.gateway.api("POST", path, { key: api.gateway.firstKey, body: {} });
    expect(codeOf(refused)).toBe("AUTHZ_PERMISSION_DENIED");
    expect(codeOf(await preview("route_00000000000000000000000000"))).toBe("NOT_FOUND");
  });
});
