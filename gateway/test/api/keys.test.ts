import { describe, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { mintTestKey } from "../harness/keys.ts";
import { MESSAGES, SANDBOX, codeOf, describeApi } from "./started.ts";

describeApi("an API key", (api) => {
  /** Both kinds of route: they read keys in different places of the code. */
  const ROUTES = [
    ["GET", "/v1/me", undefined],
    ["POST", "/v1/inference/chat", { model: SANDBOX, messages: MESSAGES }],
  ] as const;

  describe.each(ROUTES)("%s %s", (method, path, body) => {
    const call = (headers: Record<string, string>, query = "") =>
      api.gateway.api(method, path + query, { key: undefined, headers, body });
    const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

    test("is let in, whatever the case of the scheme", async () => {
      const key = api.gateway.firstKey;
      expect((await call(bearer(key))).status).toBe(200);
      expect((await call({ authorization: `bearer ${key}` })).status).toBe(200);
      expect((await call({ ...bearer(key), "x-api-key": key })).status).toBe(200);
    });

    test("that is missing is told apart from one that is wrong", async () => {
      const reply = await call({});
      expect([reply.status, codeOf(reply)]).toEqual([401, "AUTH_TOKEN_MISSING"]);
    });

    test("that is wrong gets one answer, whatever is wrong with it", async () => {
      const key = api.gateway.firstKey;
      const wrong = [
        bearer(mintTestKey()),
        bearer(key.slice(0, -1)),
        bearer(`${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`),
        bearer("sgk_short"),
        { authorization: `Basic ${key}` },
        { authorization: key },
        bearer(`${key}, Bearer ${key}`),
      ];
      const replies = await Promise.all(wrong.map((headers) => call(headers)));
      const bodies = replies.map((reply) => [reply.status, pick(reply.body, "error")]);
      expect(bodies.every(([status]) => status === 401)).toBe(true);
      expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
      expect(codeOf(replies[0] ?? (await call({})))).toBe("AUTH_TOKEN_INVALID");
    });

    test("beside another one is refused", async () => {
      const headers = { ...bearer(api.gateway.firstKey), "x-api-key": api.gateway.adminKey };
      const reply = await call(headers);
      expect([reply.status, codeOf(reply)]).toEqual([401, "AUTH_TOKEN_INVALID"]);
      expect(pickText(reply.body, "error.hint")).toContain("Two different keys");
    });

    test("in the query is not accepted, and the answer says where it belongs", async () => {
      const reply = await call({}, `?api_key=${api.gateway.firstKey}`);
      expect([reply.status, codeOf(reply)]).toEqual([401, "AUTH_TOKEN_MISSING"]);
      expect(pickText(reply.body, "error.hint")).toContain("Authorization: Bearer");
      expect(reply.text).not.toContain(api.gateway.firstKey);
    });
  });
});
