import { expect, test } from "bun:test";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { DeclaredEndpoint } from "../../src/http/openapi/declared.ts";
import { BEHAVIOURS } from "../fakes/faults.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { DECLARED } from "../harness/declared.ts";
import { mintTestKey } from "../harness/keys.ts";
import { isObject, pick } from "../harness/json.ts";
import { SANDBOX, describeApi, itemsOf } from "./started.ts";
import { dumpOf } from "./store-shell.ts";

/** Every secret of these tests begins so: whatever holds it has repeated one. */
const MARK = "cnry7f3a";
const STATUSES = [400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529];
/** Short enough for every fault to end by itself. */
const DEADLINES = { connect: 400, first_byte: 400, idle: 400, total: 1_500 };
/** What takes seconds or tens of megabytes to fail, and says nothing that the others do not. */
const SLOW: ReadonlySet<string> = new Set([
  "huge-line",
  "junk-behind-finish",
  "tiny-events",
  "gzip-bomb",
  "slow-headers",
  "slow-body",
]);
const TEST_MS_MAX = 120_000;

let count = 0;
/** A fresh secret; its number tells where it was put. */
const canary = (place: string) => `${MARK}-${count++}-${place}`;

/**
 * Headers full of secrets. Not among them are those that are kept on purpose, so that their sender finds the
 * request by them: User-Agent, X-Request-Id and traceparent.
 */
function headersOf(authorization: string): Record<string, string> {
  return {
    authorization,
    cookie: `__Host-scaigrid_session=${canary("cookie")}; other=${canary("cookie")}`,
    "proxy-authorization": `Basic ${canary("proxy-authorization")}`,
    "x-auth-token": canary("x-auth-token"),
    "x-custom": canary("x-custom"),
    "x-forwarded-for": canary("x-forwarded-for"),
    forwarded: `for=${canary("forwarded")}`,
    referer: `https://example.com/${canary("referer")}`,
    "accept-language": canary("accept-language"),
    "idempotency-key": canary("idempotency-key"),
    "if-none-match": canary("if-none-match"),
  };
}

/** A body as the endpoint wants it, with secrets wherever it takes none of its own, and where it takes passwords. */
function bodyOf({ body, kind }: DeclaredEndpoint): unknown {
  if (!body) return undefined;
  const schema: unknown = z.toJSONSchema(body, { io: "input", unrepresentable: "any" });
  const example = pick(schema, "examples.0");
  const whole: Record<string, unknown> = isObject(example) ? { ...example } : {};
  for (const name of ["password", "token"]) if (name in whole) whole[name] = canary(name);
  if (kind === "inference") {
    whole["model"] = SANDBOX;
    whole["messages"] = [
      { role: "system", content: canary("system") },
      { role: "user", content: canary("user"), name: canary("name") },
    ];
    whole["user"] = canary("user-field");
    whole["tools"] = [
      {
        type: "function",
        function: { name: "look_up", description: canary("tool"), parameters: { type: "object" } },
      },
    ];
  }
  whole["api_key"] = canary("unknown-field");
  whole["nested"] = { deeper: [canary("nested")], secret: canary("nested") };
  return whole;
}

/** An address of the endpoint with parameters that name nothing, and a secret in its query. */
function targetOf({ path }: DeclaredEndpoint): string {
  const plain = path.replaceAll(/\{[^}]+\}/g, "unknown");
  return `${plain}?key=${canary("query")}&api_key=${canary("query")}&limit=${canary("query")}`;
}

describeApi(
  "secrets of callers and of providers",
  (api) => {
    const secrets: string[] = [];
    let answered = 0;

    /** Where this text holds a secret, with some of what is around it. */
    function hitsIn(place: string, text: string): string[] {
      return [MARK, ...secrets].flatMap((secret) => {
        const at = text.indexOf(secret);
        return at < 0 ? [] : [`${place}: …${text.slice(Math.max(0, at - 60), at + 60)}…`];
      });
    }

    /** One call with a secret in everything; what its answer repeats. */
    async function call(
      endpoint: DeclaredEndpoint,
      authorization: string,
      more: Readonly<Record<string, string>> = {},
    ): Promise<string[]> {
      const { method, path } = endpoint;
      const body = bodyOf(endpoint);
      const response = await fetch(api.gateway.url + targetOf(endpoint), {
        method,
        headers: { ...headersOf(authorization), ...more },
        redirect: "manual",
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const answer = JSON.stringify([...response.headers]) + (await response.text());
      // What a model of the sandbox says is made of what it was asked.
      if (endpoint.kind === "inference" && response.status === 200) {
        answered++;
        return [];
      }
      return hitsIn(`the answer ${response.status} of ${method} ${path}`, answer);
    }

    test(
      "are repeated by no endpoint, whoever sends them",
      async () => {
        const unknown = mintTestKey();
        secrets.push(unknown.slice(4));
        const credentials = () => [
          `Bearer ${unknown}`,
          `Bearer sgk_${canary("malformed-key")}`,
          `Basic ${canary("basic")}`,
          `Bearer ${api.gateway.adminKey}`,
          `Bearer ${api.gateway.firstKey}`,
        ];
        const hits: string[] = [];
        for (const endpoint of DECLARED) {
          // It would end the administrator's own access, or has no end.
          if (endpoint.path.includes("logout")) continue;
          for (const credential of credentials()) hits.push(...(await call(endpoint, credential)));
          // What is not a simulation is refused before anything else is tried.
          const simulate = { "x-scaigrid-simulate": canary("simulate") };
          hits.push(...(await call(endpoint, `Bearer ${api.gateway.firstKey}`, simulate)));
        }
        expect(hits).toEqual([]);
        expect(count).toBeGreaterThan(DECLARED.length * 6 * 10);
        expect(answered).toBeGreaterThan(3);
      },
      TEST_MS_MAX,
    );

    test(
      "are repeated by no failure of a provider, not even by one who repeats them itself",
      async () => {
        const repeating = Bun.serve({
          port: 0,
          hostname: "127.0.0.1",
          async fetch(request) {
            const said = { headers: Object.fromEntries(request.headers), body: await request.text() };
            const status = Number(new URL(request.url).pathname.match(/\/s(\d+)\//)?.[1] ?? 500);
            const message = `Refused ${said.headers["authorization"]} of ${said.headers["x-own"]}`;
            return Response.json(
              { error: { message, code: message, type: message, param: message } },
              { status },
            );
          },
        });
        const messages = [{ role: "user", content: canary("prompt") }];
        const models = await Promise.all([
          ...[...BEHAVIOURS.keys()]
            .filter((name) => !SLOW.has(name))
            .map((name) =>
              addFakeBackend(api.gateway, api.fake, {
                plans: [`fake-${name}`],
                apiKey: canary(`key-${name}`),
                timeouts: DEADLINES,
                retry: { attempts: 1, same_backend: 0 },
              }),
            ),
          ...STATUSES.map((status) =>
            addFakeBackend(
              api.gateway,
              { url: `http://127.0.0.1:${repeating.port}/s${status}` },
              {
                apiKey: canary(`key-${status}`),
                timeouts: DEADLINES,
                retry: { attempts: 1, same_backend: 0 },
              },
            ),
          ),
        ]);
        const hits: string[] = [];
        for (const { slug } of models) {
          const [whole, stream] = await Promise.all([
            api.chat({ model: slug, messages }),
            api.stream({ model: slug, messages }),
          ]);
          const { events } = await stream.end();
          hits.push(...hitsIn(`the answer for ${slug}`, whole.text));
          hits.push(...hitsIn(`the stream for ${slug}`, stream.text + JSON.stringify(events)));
        }
        await repeating.stop(true);
        expect(hits).toEqual([]);
      },
      TEST_MS_MAX,
    );

    test(
      "are in nothing that is told afterwards: lists, traces, audit, metrics, logs",
      async () => {
        const requests = await api.gateway.api("GET", "/v1/requests?limit=1000");
        const ids = itemsOf(requests).map(({ request_id }) => String(request_id));
        expect(ids.length).toBeGreaterThan(50);
        const paths = DECLARED.filter(({ method, path }) => method === "GET" && !path.includes("{")).map(
          ({ path }) => path,
        );
        const hits: string[] = [];
        for (const path of [...paths, ...ids.map((id) => `/v1/requests/${id}`)]) {
          const reply = await api.gateway.api("GET", path);
          hits.push(...hitsIn(`GET ${path}`, reply.text));
        }
        expect(hits).toEqual([]);
        expect(api.gateway.output.logs.some(({ level }) => level === "debug")).toBe(true);
        expect(hitsIn("the output", api.gateway.output.text)).toEqual([]);
      },
      TEST_MS_MAX,
    );

    test("are in no file of the data folder", async () => {
      await api.gateway.terminate();
      const hits: string[] = [];
      const entries = readdirSync(api.gateway.dataDir, { recursive: true, withFileTypes: true });
      const names = entries
        .filter((entry) => entry.isFile())
        .map(({ name, parentPath }) => join(parentPath, name));
      for (const name of names) hits.push(...hitsIn(name, readFileSync(name, "latin1")));
      if (api.gateway.databaseUrl === undefined)
        expect(names.some((name) => name.endsWith("scaigrid.db"))).toBe(true);
      else hits.push(...hitsIn("the database", await dumpOf(api.gateway)));
      expect(hits).toEqual([]);
      await api.gateway.restart();
    });
  },
  {
    SCAIGRID_LOG_LEVEL: "debug",
    SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0,address:0",
  },
);
