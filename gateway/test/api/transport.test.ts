import { describe, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import type { RawReply } from "./raw-http.ts";
import { sendRaw } from "./raw-http.ts";
import { codeOf, describeApi, fieldsOf, requestIdOf } from "./started.ts";

describeApi("on the wire", (api) => {
  function raw(requestLine: string, headers: readonly string[] = [], body = ""): Promise<RawReply> {
    const host = headers.some((header) => /^host:/i.test(header)) ? [] : ["Host: localhost"];
    const all = [...host, ...headers, "Connection: close"];
    return sendRaw(api.gateway.url, `${requestLine} HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n${body}`);
  }
  const authorization = () => `Authorization: Bearer ${api.gateway.firstKey}`;

  describe("the Host header", () => {
    const BAD: readonly (readonly [string, readonly string[]])[] = [
      ["twice", ["Host: a.example", "Host: b.example"]],
      ["with a path", ["Host: a.example/v1"]],
      ["with a user", ["Host: user@a.example"]],
      ["with a blank", ["Host: a b"]],
      ["with a comma", ["Host: a,b"]],
      ["with a port that is none", ["Host: a.example:port"]],
      ["empty", ["Host: "]],
    ];
    test.each(BAD)("%s is refused, with a request id", async (_name, headers) => {
      const reply = await raw("GET /v1/models", [...headers, authorization()]);
      // What the runtime's own parser refuses never reaches us: bare, but refused.
      if (reply.status === 400) return expect(reply.text).not.toContain("poolnoodle");
      expect([reply.status, reply.code]).toEqual([422, "VALIDATION_ERROR"]);
      expect(pick(reply.body, "error.details.0.field")).toBe("header.host");
      expect(pick(reply.body, "meta.request_id")).toBe(requestIdOf(reply));
    });

    test.each(["localhost", "LOCALHOST:80", "127.0.0.1:9", "[::1]:9", "any.example", "any.example."])(
      "%s is as good as any other",
      async (host) => {
        const reply = await raw("GET /v1/models", [`Host: ${host}`, authorization()]);
        expect(reply.status).toBe(200);
      },
    );
  });

  test("an absolute target is the path in it, whichever host it names", async () => {
    // The runtime strips scheme and host before we see the request; what matters is that neither decides anything.
    for (const target of ["http://evil.example/v1/models", "https://evil.example:1/v1/models"]) {
      const stranger = await raw(`GET ${target}`);
      expect([stranger.status, stranger.code]).toEqual([401, "AUTH_TOKEN_MISSING"]);
      expect(stranger.text).not.toContain("evil.example");
      expect((await raw(`GET ${target}`, [authorization()])).status).toBe(200);
    }
  });

  test("TRACE and CONNECT are methods that no path knows", async () => {
    for (const line of ["TRACE /v1/models", "CONNECT /v1/models"]) {
      const reply = await raw(line, [authorization(), "X-Canary: echo-me"]);
      expect([reply.status, reply.code]).toEqual([405, "METHOD_NOT_ALLOWED"]);
      expect(reply.text).not.toContain("echo-me");
    }
    const authority = await raw("CONNECT evil.example:443", [authorization()]);
    expect(authority.status).toBeGreaterThanOrEqual(400);
  });

  test("a known path with another method is 405 with the methods it knows", async () => {
    const reply = await api.gateway.api("PUT", "/v1/models", { body: {} });
    expect([reply.status, codeOf(reply)]).toEqual([405, "METHOD_NOT_ALLOWED"]);
    expect(reply.headers.get("allow")).toBe("GET, POST, OPTIONS");
  });

  test("HEAD answers as GET without a body", async () => {
    const headers = { authorization: `Bearer ${api.gateway.firstKey}` };
    const reply = await fetch(`${api.gateway.url}/v1/models`, { method: "HEAD", headers });
    expect(reply.status).toBe(200);
    expect(await reply.text()).toBe("");
    expect(requestIdOf(reply)).toStartWith("req_");
  });

  test("an unknown route is told with the nearest known one, and with a request id", async () => {
    const reply = await api.gateway.api("GET", "/v1/modles");
    expect([reply.status, codeOf(reply)]).toEqual([404, "NOT_FOUND"]);
    expect(pickText(reply.body, "error.hint")).toContain("/v1/models");
    expect(pick(reply.body, "meta.request_id")).toBe(requestIdOf(reply));
  });

  test.each(["/chat/completions", "/openai/v1/chat/completions"])(
    "%s, which OpenAI's clients ask for, is told where their format is spoken",
    async (path) => {
      const reply = await fetch(`${api.gateway.url}${path}`, { method: "POST", body: "{}" });
      const body: unknown = await reply.json();
      expect([reply.status, pick(body, "error.code")]).toEqual([404, "NOT_FOUND"]);
      expect(pickText(body, "error.hint")).toContain("/oai/v1");
    },
  );

  describe("every spelling of a path gets the same verdict", () => {
    const SPELLINGS = [
      "/v1/%6dodels",
      "/v1/%6D%6F%64%65%6C%73",
      "/%76%31/models",
      "/v1/./models",
      "/v1/x/../models",
      "/v1/%2e/models",
      "/v1/x/%2e%2e/models",
      "/v1/models?limit=5",
      "/v1/models#part",
    ];
    test.each(SPELLINGS)("%s is /v1/models: 401 for a stranger, 200 for a key", async (path) => {
      const stranger = await raw(`GET ${path}`);
      expect([stranger.status, stranger.code]).toEqual([401, "AUTH_TOKEN_MISSING"]);
      const known = await raw(`GET ${path}`, [authorization()]);
      expect(known.status).toBe(200);
    });

    const OTHERS = [
      "/V1/models",
      "/v1/models/",
      "//v1/models",
      "/v1//models",
      "/v1%2fmodels",
      "/v1/models%00",
      "/v1/%ff",
    ];
    test.each(OTHERS)("%s is nothing, with and without a key", async (path) => {
      for (const headers of [[], [authorization()]]) {
        const reply = await raw(`GET ${path}`, headers);
        expect(reply.status).not.toBe(200);
        if (headers.length > 0) expect([404, 422]).toContain(reply.status);
      }
    });

    test("that costs money needs a key too", async () => {
      const body = JSON.stringify({ model: "a", messages: [] });
      for (const path of ["/v1/inference/chat", "/v1/inference/%63hat", "/v1/./inference/chat"]) {
        const reply = await raw(`POST ${path}`, [`Content-Length: ${body.length}`], body);
        expect([reply.status, reply.code]).toEqual([401, "AUTH_TOKEN_MISSING"]);
      }
    });
  });

  test("a stranger cannot make the gateway read a body", async () => {
    // The body is announced and never sent: only an answer that does not wait for it can come.
    const reply = await raw("POST /v1/inference/chat", ["Content-Length: 1000"], "{");
    expect([reply.status, reply.code]).toEqual([401, "AUTH_TOKEN_MISSING"]);
  });

  describe("a smuggled request", () => {
    const SMUGGLED: readonly (readonly [string, readonly string[]])[] = [
      ["two lengths", ["Content-Length: 2", "Content-Length: 3"]],
      ["a length and chunks", ["Content-Length: 2", "Transfer-Encoding: chunked"]],
      ["an unknown encoding", ["Transfer-Encoding: xchunked"]],
      ["a length with a sign", ["Content-Length: +2"]],
    ];
    test.each(SMUGGLED)("by %s is refused", async (_name, headers) => {
      const reply = await raw("POST /v1/inference/chat", [...headers, authorization()], "{}");
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.status).toBeLessThan(500);
    });
  });

  test("every error names a page that explains it", async () => {
    const reply = await api.gateway.api("GET", "/v1/models", { key: undefined });
    const page = await fetch(pickText(reply.body, "error.doc_url"));
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("AUTH_TOKEN_MISSING");
    const unknown = await fetch(`${api.gateway.url}/docs/errors/NO_SUCH_CODE`);
    expect(unknown.status).toBe(404);
  });

  test("a query that the endpoint does not know is refused by its field", async () => {
    expect(fieldsOf(await api.gateway.api("GET", "/v1/providers?page=2"))).toEqual(["query.page"]);
  });
});
