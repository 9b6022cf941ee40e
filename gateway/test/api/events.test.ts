import { expect, test } from "bun:test";
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

  test("says whose each event is", async () => {
    const me = await api.gateway.api("GET", "/v1/me", { key: api.gateway.firstKey });
    const tenant = pickText(me.body, "data.tenant.id");
    const owners = await withShell(api.gateway, (store) =>
      store.all("select distinct tenant_id from events where type like 'user.%'"),
    );
    expect(owners).toEqual([{ tenant_id: tenant }]);
  });
});
