import { expect, test } from "bun:test";
import { FAILURES_IN_A_ROW } from "../../src/routing/circuit.ts";
import type { ApiReply } from "../harness/api.ts";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, requestIdOf } from "./started.ts";
import { withShell } from "./store-shell.ts";

describeApi("the outbox", (api) => {
  /** Type and payload of the events that a call has caused, in order. */
  async function causedBy(reply: ApiReply): Promise<readonly (readonly [string, unknown])[]> {
    const rows = await withShell(api.gateway, (store) =>
      store.all("select type, tenant_id, partner_id, payload from events order by id"),
    );
    return rows
      .map((row) => [pickText(row, "type"), JSON.parse(pickText(row, "payload"))] as const)
      .filter(([, payload]) => pick(payload, "request_id") === requestIdOf(reply));
  }
  const typesOf = async (reply: ApiReply) => (await causedBy(reply)).map(([type]) => type);
  const call = (method: string, path: string, body?: object) =>
    api.gateway.api(method, path, { ...(body && { body }) });

  test("has the life of a key, without a character of it", async () => {
    const made = await call("POST", "/v1/api-keys", { name: "told of" });
    const path = `/v1/api-keys/${pickText(made.body, "data.id")}`;
    expect(await causedBy(made)).toEqual([
      [
        "api_key.created",
        expect.objectContaining({ resource_type: "api_key", resource_id: pickText(made.body, "data.id") }),
      ],
    ]);
    expect(JSON.stringify(await causedBy(made))).not.toContain(pickText(made.body, "data.key"));
    expect(await typesOf(await call("PATCH", path, { name: "renamed" }))).toEqual([]);
    expect(await typesOf(await call("DELETE", path))).toEqual(["api_key.revoked"]);
    expect(await typesOf(await call("DELETE", path))).toEqual([]);
  });

  test("has the life of a user, and of the keys that go with them", async () => {
    const made = await call("POST", "/v1/users", { display_name: "told of", kind: "service" });
    const path = `/v1/users/${pickText(made.body, "data.id")}`;
    expect(await typesOf(made)).toEqual(["user.created"]);
    expect(await typesOf(await call("PATCH", path, { display_name: "other" }))).toEqual(["user.updated"]);
    expect(await typesOf(await call("PATCH", path, { display_name: "other" }))).toEqual([]);
    expect(await typesOf(await call("DELETE", path))).toContain("user.deleted");
  });

  test("has the life of a model", async () => {
    const body = { slug: "acme/told-of", context_window: 1_000, free: true };
    const made = await call("POST", "/v1/models", body);
    const path = `/v1/models/${pickText(made.body, "data.id")}`;
    expect(await typesOf(made)).toEqual(["model.created"]);
    expect(await typesOf(await call("PATCH", path, { description: "x" }))).toEqual(["model.updated"]);
    expect(await typesOf(await call("PATCH", path, { status: "deprecated" }))).toEqual(["model.deprecated"]);
    expect(await typesOf(await call("DELETE", path))).toEqual(["model.deleted"]);
  });

  test("has nothing of what was refused", async () => {
    const refused = await call("POST", "/v1/api-keys", { name: "" });
    expect(codeOf(refused)).toBe("VALIDATION_ERROR");
    expect(await typesOf(refused)).toEqual([]);
  });

  /** Types and payloads of the events about one thing, once there are so many. */
  async function about(id: string | undefined, count: number): Promise<readonly unknown[]> {
    const deadline = performance.now() + 15_000;
    for (;;) {
      const rows = await withShell(api.gateway, (store) =>
        store.all("select type, payload from events order by id"),
      );
      const told = rows
        .map((row) => [pickText(row, "type"), JSON.parse(pickText(row, "payload"))] as const)
        .filter(([, payload]) => pick(payload, "resource_id") === id);
      if (told.length >= count || performance.now() > deadline) return told;
      await Bun.sleep(50);
    }
  }

  test("has one event of a backend that became unhealthy and one of its recovery, whatever the number of calls", async () => {
    const { slug, backendIds, providerId } = await api.model("fake-status?code=503");
    for (let i = 0; i < 2 * FAILURES_IN_A_ROW; i++) await api.chat({ model: slug });
    const down = { provider_id: providerId, fault: "unavailable" };
    const unhealthy = ["backend.unhealthy", expect.objectContaining(down)];
    expect(await about(backendIds[0], 1)).toEqual([unhealthy]);
    await call("PATCH", `/v1/backends/${backendIds[0]}`, { upstream_model: "fake-ok" });
    expect((await api.chat({ model: slug })).status).toBe(200);
    expect(await about(backendIds[0], 2)).toEqual([
      unhealthy,
      ["backend.recovered", expect.objectContaining({ unhealthy_since: expect.any(String) })],
    ]);
  });

  test("has one event of a provider that refuses our credentials; log and metric tell the operator", async () => {
    const { slug, backendIds, providerId } = await api.model("fake-status?code=401");
    for (let i = 0; i < 3; i++) expect((await api.chat({ model: slug })).status).toBe(502);
    const refused = { backend_id: backendIds[0], http_status: 401 };
    const told = [["provider.auth_failed", expect.objectContaining(refused)]];
    expect(await about(providerId, 1)).toEqual(told);
    await api.chat({ model: slug });
    const logged = api.gateway.output.logs.filter((log) => log["event"] === "credentials_refused");
    expect(logged).toMatchObject([{ provider_id: providerId, backend_id: backendIds[0] }]);
    const { text } = await call("GET", "/metrics");
    expect(text).toContain(`scaigrid_backend_credentials_refused_total{backend_id="${backendIds[0]}"} 4`);
    await call("PATCH", `/v1/backends/${backendIds[0]}`, { upstream_model: "fake-ok" });
    expect((await api.chat({ model: slug })).status).toBe(200);
    await call("PATCH", `/v1/backends/${backendIds[0]}`, { upstream_model: "fake-status?code=401" });
    await api.chat({ model: slug });
    expect(await about(providerId, 2)).toEqual([...told, ...told]);
  });

  test("says whose each event is", async () => {
    const me = await api.gateway.api("GET", "/v1/me", { key: api.gateway.firstKey });
    const tenant = pickText(me.body, "data.tenant.id");
    const owners = await withShell(api.gateway, (store) =>
      store.all("select distinct tenant_id from events where type like 'user.%'"),
    );
    expect(owners).toEqual([{ tenant_id: tenant }]);
  });
});
