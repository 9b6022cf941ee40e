import { expect, test } from "bun:test";
import { mintTestKey } from "../harness/keys.ts";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi } from "./started.ts";
import type { Started } from "./started.ts";

const LIMIT = 20;
const limited = {
  SCAIGRID_RATE_LIMITS: `key:0,user:0,tenant:0,partner:0,address:${LIMIT}`,
};

const GET = (path: string, headers: Readonly<Record<string, string>> = {}) => ({
  method: "GET",
  path,
  headers,
});

/** What somebody without a key can do. */
const WAYS = [
  GET("/v1/me"),
  GET("/v1/me", { authorization: "Bearer sgk_nonsense" }),
  GET("/v1/models", { authorization: `Bearer ${mintTestKey()}` }),
  GET("/v1/me", { cookie: "__Host-scaigrid_session=unknown" }),
  GET("/no/such/route"),
  GET("/docs"),
  GET("/admin"),
  { method: "PUT", path: "/v1/models", headers: {} },
  { method: "POST", path: "/v1/inference/chat", headers: {} },
  { method: "POST", path: "/v1/inference/chat", headers: { authorization: `Bearer ${mintTestKey()}` } },
  { method: "POST", path: "/v1/auth/login", headers: {} },
];

function ask(api: Started, way: (typeof WAYS)[number], headers: Readonly<Record<string, string>> = {}) {
  return api.gateway.api(way.method, way.path, { key: undefined, headers: { ...way.headers, ...headers } });
}

describeApi(
  "callers without a valid key",
  (api) => {
    test("are limited together by their address, whatever they ask for; holders of keys are not", async () => {
      const replies = [];
      for (let n = 0; n < LIMIT; n++) replies.push(await ask(api, WAYS[n % WAYS.length] ?? GET("/")));
      expect(replies.filter(({ status }) => status === 429)).toEqual([]);
      for (const way of WAYS) {
        const refused = await ask(api, way);
        expect([way.path, refused.status, codeOf(refused)]).toEqual([way.path, 429, "RATE_LIMITED"]);
        expect(pickText(refused.body, "error.hint")).toContain("this address");
        const retryAfter = Number(pick(refused.body, "error.retry_after"));
        expect(retryAfter).toBeGreaterThanOrEqual(1);
        expect(refused.headers.get("retry-after")).toBe(String(retryAfter));
      }
      // From the same address: probes and scrapers, and whoever shows a key, wherever that leads.
      for (const path of ["/health", "/health/ready", "/metrics"])
        expect([path, (await ask(api, GET(path))).status]).toEqual([path, 200]);
      expect((await api.chat()).status).toBe(200);
      expect((await api.gateway.api("GET", "/v1/me")).status).toBe(200);
      expect((await api.gateway.api("GET", "/no/such/route")).status).toBe(404);
      expect((await api.gateway.api("GET", "/docs")).status).toBe(200);
      const preflight = await fetch(`${api.gateway.url}/v1/models`, { method: "OPTIONS" });
      expect(preflight.status).toBe(204);
    });

    test("cannot get away by naming another address", async () => {
      for (const name of [
        "x-forwarded-for",
        "x-real-ip",
        "forwarded",
        "true-client-ip",
        "cf-connecting-ip",
      ]) {
        const reply = await ask(api, GET("/v1/me"), { [name]: "198.51.100.1" });
        expect([name, reply.status]).toEqual([name, 429]);
      }
    });
  },
  limited,
);

describeApi(
  "behind a trusted proxy",
  (api) => {
    test("each address the proxy names has a limit of its own, and names before it count for nothing", async () => {
      const from = (address: string) => ask(api, GET("/v1/me"), { "x-forwarded-for": address });
      for (let n = 0; n < LIMIT; n++) expect((await from(`203.0.113.${n}, 198.51.100.1`)).status).toBe(401);
      expect((await from("203.0.113.99, 198.51.100.1")).status).toBe(429);
      expect((await from("198.51.100.2")).status).toBe(401);
      // A whole /64 is one subscriber.
      for (let n = 0; n < LIMIT; n++) expect((await from(`2001:db8:1:2::${n}`)).status).toBe(401);
      expect((await from("2001:db8:1:2:ffff::1")).status).toBe(429);
      expect((await from("2001:db8:1:3::1")).status).toBe(401);
    });

    test("what this machine alone may see is not for those who come through the proxy", async () => {
      const direct = await fetch(`${api.gateway.url}/metrics`);
      expect(direct.status).toBe(200);
      for (const address of ["198.51.100.9", "127.0.0.1"]) {
        const reply = await fetch(`${api.gateway.url}/metrics`, { headers: { "x-forwarded-for": address } });
        expect([address, reply.status]).toEqual([address, 404]);
      }
    });
  },
  { ...limited, SCAIGRID_TRUSTED_PROXIES: "127.0.0.0/8,::1" },
);
