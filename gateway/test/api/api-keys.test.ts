import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf, traceOf } from "./started.ts";
import { dumpOf } from "./store-shell.ts";

/** Milliseconds within which a revoked key's requests in flight must have ended. */
const CUT_WITHIN_MS = 5_000;
const FAR = "2099-01-01T00:00:00Z";

describeApi("the keys of a user", (api) => {
  const own = (method: string, path: string, body?: object, key = api.gateway.firstKey) =>
    api.gateway.api(method, path, { key, ...(body && { body }) });

  async function made(name: string, more: object = {}): Promise<{ id: string; key: string }> {
    const reply = await own("POST", "/v1/api-keys", { name, ...more });
    expect(reply.status).toBe(201);
    return { id: pickText(reply.body, "data.id"), key: pickText(reply.body, "data.key") };
  }

  const found = async (id: string) =>
    itemsOf(await own("GET", "/v1/api-keys")).find((item) => item["id"] === id);

  test("a new one is shown once, works at once, and is told by its ends afterwards", async () => {
    const { id, key } = await made("shown once", { expires_at: FAR });
    expect((await own("GET", "/v1/me", undefined, key)).status).toBe(200);
    const list = await own("GET", "/v1/api-keys");
    expect(list.text).not.toContain(key);
    expect(itemsOf(list).find((item) => item["id"] === id)).toMatchObject({
      name: "shown once",
      prefix: expect.stringMatching(/^sgk_/),
      last4: key.slice(-4),
      status: "active",
      expires_at: "2099-01-01T00:00:00.000Z",
    });
  });

  test("counts the requests of its last day and says when it was last used", async () => {
    const { id, key } = await made("counted");
    expect((await found(id))?.["last_used_at"]).toBeUndefined();
    await api.chat({}, { key });
    const item = await found(id);
    expect(item).toMatchObject({ requests_24h: 1 });
    expect(Date.parse(String(item?.["last_used_at"]))).toBeGreaterThan(Date.now() - 60_000);
  });

  test("are listed newest first, page after page, each once", async () => {
    for (const n of [1, 2, 3]) await made(`paged ${n}`);
    const names: unknown[] = [];
    let cursor: unknown;
    do {
      const query = typeof cursor === "string" ? `&cursor=${cursor}` : "";
      const page = await own("GET", `/v1/api-keys?limit=1${query}`);
      names.push(...itemsOf(page).map(({ name }) => name));
      cursor = pick(page.body, "pagination.next_cursor");
    } while (typeof cursor === "string");
    expect(names.slice(0, 3)).toEqual(["paged 3", "paged 2", "paged 1"]);
    expect(new Set(names).size).toBe(names.length);
  });

  test("are one's own, and with scope=tenant everybody's for those who manage users", async () => {
    const administrator = await api.gateway.api("POST", "/v1/api-keys", {
      body: { name: "of another user" },
    });
    const id = pickText(administrator.body, "data.id");
    expect(await found(id)).toBeUndefined();
    const all = itemsOf(await own("GET", "/v1/api-keys?scope=tenant"));
    expect(all.find((item) => item["id"] === id)).toMatchObject({ name: "of another user" });
    expect(codeOf(await own("GET", "/v1/api-keys?scope=world"))).toBe("VALIDATION_ERROR");
  });

  test("one can be renamed, and its expiry set and taken away", async () => {
    const { id } = await made("before");
    const renamed = await own("PATCH", `/v1/api-keys/${id}`, { name: "after", expires_at: FAR });
    expect(pick(renamed.body, "data")).toMatchObject({
      name: "after",
      expires_at: "2099-01-01T00:00:00.000Z",
    });
    const unlimited = await own("PATCH", `/v1/api-keys/${id}`, { expires_at: null });
    expect(pick(unlimited.body, "data.name")).toBe("after");
    expect(pick(unlimited.body, "data.expires_at")).toBeUndefined();
    expect(await found(id)).toMatchObject({ name: "after" });
  });

  test("a revoked one is refused from then on, and stays in the list", async () => {
    const { id, key } = await made("to be revoked");
    const reply = await own("DELETE", `/v1/api-keys/${id}`);
    expect(pick(reply.body, "data")).toEqual({ id, deleted: true });
    expect(codeOf(await own("GET", "/v1/me", undefined, key))).toBe("AUTH_TOKEN_INVALID");
    expect(codeOf(await api.chat({}, { key }))).toBe("AUTH_TOKEN_INVALID");
    expect(await found(id)).toMatchObject({ status: "revoked" });
  });

  test("a revoked one's requests in flight are cut", async () => {
    const { id, key } = await made("in flight");
    const { slug } = await api.model("fake-ok?tokens=50&gate=never-opened&gate_after=2");
    const stream = await api.stream({ model: slug }, { key });
    await stream.nextContent();
    const revokedAtMs = performance.now();
    await own("DELETE", `/v1/api-keys/${id}`);
    const end = await stream.end();
    expect(performance.now() - revokedAtMs).toBeLessThan(CUT_WITHIN_MS);
    expect(end).toMatchObject({ doneCount: 1, broken: false });
    expect(pick(end.error, "code")).toBe("AUTH_TOKEN_INVALID");
    const settled = (trace: unknown) => pick(trace, "usage.tokens_out") !== undefined;
    const { body } = await traceOf(api.gateway, stream.requestId, settled);
    expect(pick(body, "data")).toMatchObject({ outcome: "failed", error_code: "AUTH_TOKEN_INVALID" });
    expect(pick(body, "data.usage")).toMatchObject({ status: "failed", tokens_out: 2 });
  });

  test("one is in no answer but the first, in no log and in no file", async () => {
    const { id, key } = await made("nowhere");
    await api.chat({}, { key });
    const replies = [
      await own("PATCH", `/v1/api-keys/${id}`, { name: "nowhere else" }),
      await own("GET", "/v1/api-keys"),
      await own("GET", `/v1/api-keys/${id}`),
      await own("GET", "/v1/me", undefined, key),
      await own("DELETE", `/v1/api-keys/${id}`),
    ];
    for (const { text } of replies) expect(text).not.toContain(key.slice(8, -4));
    expect(api.gateway.output.text).not.toContain(key.slice(8, -4));
    if (api.gateway.databaseUrl !== undefined)
      expect(await dumpOf(api.gateway)).not.toContain(key.slice(8, -4));
    else
      for (const name of ["scaigrid.db", "scaigrid.db-wal"]) {
        const bytes = await Bun.file(join(api.gateway.dataDir, name)).bytes();
        expect(Buffer.from(bytes).includes(key.slice(8, -4))).toBe(false);
      }
  });

  const MISSING = "apikey_01JZX3K9QFT4M7W2N8C5D6E0AB";
  test.each([
    ["PATCH", { name: "x" }],
    ["DELETE", undefined],
  ])("%s of one that does not exist says no more than NOT_FOUND", async (method, body) => {
    const reply = await own(method, `/v1/api-keys/${MISSING}`, body);
    expect([reply.status, codeOf(reply)]).toEqual([404, "NOT_FOUND"]);
  });

  test("a tenant's administrator reaches no key of somebody who may do more", async () => {
    const made = await api.gateway.api("POST", "/v1/api-keys", { body: { name: "operator's" } });
    const [id, key] = [pickText(made.body, "data.id"), pickText(made.body, "data.key")];
    for (const reply of [
      await own("PATCH", `/v1/api-keys/${id}`, { expires_at: FAR }),
      await own("DELETE", `/v1/api-keys/${id}`),
    ]) {
      expect([reply.status, codeOf(reply)]).toEqual([404, "NOT_FOUND"]);
    }
    expect((await own("GET", "/v1/me", undefined, key)).status).toBe(200);
  });

  describe("are refused by their field", () => {
    test.each([
      ["without a name", {}, "name"],
      ["with an empty name", { name: "  " }, "name"],
      ["with a control character in the name", { name: "a\u0007" }, "name"],
      ["with a name of 201 characters", { name: "a".repeat(201) }, "name"],
      ["with an expiry in the past", { name: "x", expires_at: "2020-01-01T00:00:00Z" }, "expires_at"],
      ["with an expiry that is no date", { name: "x", expires_at: "tomorrow" }, "expires_at"],
      ["with an unknown field", { name: "x", colour: "red" }, "colour"],
    ])("%s", async (_name, body, field) => {
      const reply = await own("POST", "/v1/api-keys", body);
      expect([reply.status, codeOf(reply), fieldsOf(reply)]).toEqual([422, "VALIDATION_ERROR", [field]]);
    });
  });
});
