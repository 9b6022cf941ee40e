import { describe, expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { type RawReply, sendRaw } from "./raw-http.ts";
import { MESSAGES, SANDBOX, codeOf, describeApi } from "./started.ts";
import { exchange, wireCases } from "./wire-cases.ts";

/** No limit by address: hundreds of these requests show no key. */
const UNLIMITED = { SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0,address:0" };

describeApi(
  "requests that no honest client sends",
  (api) => {
    const withKey = () => `Authorization: Bearer ${api.gateway.firstKey}`;

    function ask(method: string, target: string, headers: readonly string[]): Promise<RawReply> {
      const body = method === "POST" ? JSON.stringify({ model: "no/such", messages: MESSAGES }) : "";
      const length = method === "POST" ? [`Content-Length: ${body.length}`] : [];
      const all = [...headers, ...length, "Connection: close"];
      return sendRaw(api.gateway.url, `${method} ${target} HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n${body}`);
    }

    const verdict = async (method: string, target: string, headers: readonly string[]) => {
      const { status, code } = await ask(method, target, headers);
      return [status, code];
    };

    describe("every spelling of a path has the verdict of the plain one, or leads nowhere", () => {
      test.each(wireCases("paths"))("$name", async ({ target, plain, method = "GET" }) => {
        for (const headers of [["Host: localhost"], ["Host: localhost", withKey()]]) {
          const reply = await verdict(method, target, headers);
          if (plain !== null) expect(reply).toEqual(await verdict(method, plain, headers));
          // Refused by the runtime's parser, unknown, or no model's name: nothing is found there by anybody.
          else expect([400, 404, headers.length > 1 ? 404 : 401]).toContain(Number(reply[0]));
        }
      });
    });

    describe("the Host header decides nothing, and must be one", () => {
      test.each(wireCases("hosts"))("$name", async ({ headers, plain }) => {
        const stranger = await ask("GET", "/v1/models", headers);
        const known = await ask("GET", "/v1/models", [...headers, withKey()]);
        if (plain) return expect([stranger.status, known.status]).toEqual([401, 200]);
        for (const reply of [stranger, known]) {
          // What the runtime's own parser refuses never reaches us: bare, but refused.
          if (reply.status === 400) continue;
          expect([reply.status, reply.code]).toEqual([422, "VALIDATION_ERROR"]);
          expect(pick(reply.body, "error.details.0.field")).toBe("header.host");
        }
      });
    });

    describe("a request that hides another is refused, and the hidden one is not answered", () => {
      test.each(wireCases("smuggling"))("$name", async ({ raw }) => {
        const { statuses, text } = await exchange(
          api.gateway.url,
          raw.replaceAll("{key}", api.gateway.firstKey),
        );
        expect(text).not.toContain('"permissions"');
        expect(statuses.length).toBeLessThanOrEqual(1);
        // Closing without a word is a refusal too.
        for (const status of statuses) expect([400, 411, 413, 422, 431, 501, 505]).toContain(status);
        expect((await api.chat()).status).toBe(200);
      });

      test("two requests that hide nothing are both answered, in order", async () => {
        const one = (path: string, close = "") =>
          `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${withKey()}\r\n${close}\r\n`;
        const both = one("/v1/models") + one("/no/such") + one("/v1/me", "Connection: close\r\n");
        const { statuses, text } = await exchange(api.gateway.url, both);
        expect(statuses).toEqual([200, 404, 200]);
        expect(text).toContain('"permissions"');
      });
    });

    describe("names of JavaScript's own objects are names like any other", () => {
      test.each(wireCases("prototypes"))("$name", async ({ where, key }) => {
        const { gateway } = api;
        const named = (value: string) => `{${JSON.stringify(key)}:${value}}`;
        const chat = (text: string) =>
          gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body: text });
        const head = `"model":"${SANDBOX}","max_tokens":1`;
        const said = `"messages":${JSON.stringify(MESSAGES)}`;
        const poison = '{"polluted":"yes"}';
        switch (where) {
          case "body":
            expect((await chat(`{${head},${said},${named(poison).slice(1, -1)}}`)).status).toBe(200);
            break;
          case "message":
            expect(
              (
                await chat(
                  `{${head},"messages":[{"role":"user","content":"x",${named(poison).slice(1, -1)}}]}`,
                )
              ).status,
            ).toBe(200);
            break;
          case "metadata":
            expect((await chat(`{${head},${said},"metadata":${named('"v"')}}`)).status).toBe(200);
            break;
          case "admin": {
            const body = `{"slug":"acme/x","context_window":1,"free":true,${named(poison).slice(1, -1)}}`;
            const reply = await gateway.api("POST", "/v1/models", { body });
            expect(codeOf(reply)).toBe("VALIDATION_ERROR");
            break;
          }
          case "query":
            expect([200, 422]).toContain(
              (await gateway.api("GET", `/v1/models?${key}=1&${key}[a]=1`)).status,
            );
            break;
          case "header": {
            // Some of these names no header may have.
            const reply = await ask("GET", "/v1/me", ["Host: localhost", withKey(), `${key}: polluted`]);
            expect(reply.status).toBe(200);
            break;
          }
          case "path":
            for (const path of [
              `/v1/backends/${key}`,
              `/v1/requests/${key}`,
              `/v1/models/${key}`,
              `/${key}`,
            ]) {
              expect([path, (await gateway.api("GET", path)).status]).toEqual([path, 404]);
            }
            break;
          case "model":
            expect(codeOf(await api.chat({ model: key }))).toBe("MODEL_NOT_FOUND");
        }
        const me = await gateway.api("GET", "/v1/me", { key: gateway.firstKey });
        expect([me.status, me.text.includes("polluted")]).toEqual([200, false]);
      });
    });

    describe("headers", () => {
      test("beyond what the runtime takes are refused, and the gateway goes on", async () => {
        const large = await exchange(
          api.gateway.url,
          `GET /health HTTP/1.1\r\nHost: localhost\r\nX-Large: ${"x".repeat(20_000)}\r\n\r\n`,
        );
        const lines = Array.from({ length: 300 }, (_, n) => `X-${n}: y`).join("\r\n");
        const many = await exchange(
          api.gateway.url,
          `GET /health HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n\r\n`,
        );
        for (const { statuses } of [large, many])
          for (const status of statuses) expect([400, 431]).toContain(status);
        expect((await api.chat()).status).toBe(200);
      });
    });
  },
  UNLIMITED,
);
