import { expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf } from "./started.ts";

describeApi("two administrators at one object", (api) => {
  async function person(name: string): Promise<{ path: string; version: string }> {
    const made = await api.gateway.api("POST", "/v1/users", {
      body: { display_name: name, kind: "service" },
    });
    const path = `/v1/users/${pickText(made.body, "data.id")}`;
    return { path, version: await versionOf(path) };
  }
  const versionOf = async (path: string) => (await api.gateway.api("GET", path)).headers.get("etag") ?? "";
  const change = (path: string, version: string, body: object, method = "PATCH") =>
    api.gateway.api(method, path, { body, headers: { "if-match": version } });

  test("a change to the version that was read goes through, and answers with the new version", async () => {
    const { path, version } = await person("before");
    expect(version).toMatch(/^"[0-9a-f]{32}"$/);
    expect(await versionOf(path)).toBe(version);
    const changed = await change(path, version, { display_name: "after" });
    expect([changed.status, pick(changed.body, "data.display_name")]).toEqual([200, "after"]);
    expect(changed.headers.get("etag")).toBe(await versionOf(path));
    expect(changed.headers.get("etag")).not.toBe(version);
  });

  test("a change to an older version is refused, says so, and changes nothing", async () => {
    const { path, version } = await person("first");
    await change(path, version, { display_name: "second" });
    const late = await change(path, version, { display_name: "third" });
    expect([late.status, codeOf(late)]).toEqual([409, "CONFLICT"]);
    expect(pickText(late.body, "error.message")).toContain("has changed since you read it");
    expect(late.headers.get("etag")).toBe(await versionOf(path));
    expect(pick((await api.gateway.api("GET", path)).body, "data.display_name")).toBe("second");
    const roles = await change(`${path}/roles`, version, { roles: ["tenant_viewer"] }, "PUT");
    expect(codeOf(roles)).toBe("CONFLICT");
  });

  test("of twenty at once with the same version one gets through", async () => {
    const { path, version } = await person("contested");
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) => change(path, version, { display_name: `by ${n}` })),
    );
    const won = replies.filter((reply) => reply.status === 200);
    expect(won).toHaveLength(1);
    expect(replies.filter((reply) => codeOf(reply) === "CONFLICT")).toHaveLength(19);
    const now = await api.gateway.api("GET", path);
    expect(pick(now.body, "data.display_name")).toBe(pick(won[0]?.body, "data.display_name"));
  });

  test("any version will do for *, and one of several, marked weak by a proxy or not", async () => {
    const { path, version } = await person("starred");
    expect((await change(path, "*", { display_name: "one" })).status).toBe(200);
    const present = await versionOf(path);
    expect((await change(path, `${version}, W/${present}`, { display_name: "two" })).status).toBe(200);
  });

  test("tenants and partners have versions too", async () => {
    const me = await api.gateway.api("GET", "/v1/me");
    for (const level of ["tenant", "partner"]) {
      const path = `/v1/${level}s/${pickText(me.body, `data.${level}.id`)}`;
      const version = await versionOf(path);
      expect((await change(path, version, { display_name: `A ${level}` })).status).toBe(200);
      expect(codeOf(await change(path, version, { display_name: "late" }))).toBe("CONFLICT");
    }
  });

  test("a call whose object has no version says so rather than ignore the condition", async () => {
    const reply = await change("/v1/api-keys", '"anything"', { name: "unconditional" }, "POST");
    expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", ["header.if-match"]]);
  });
});
