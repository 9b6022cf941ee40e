import { expect, test } from "bun:test";
import { describeApi } from "./started.ts";

const APP = "https://app.example";
const PREFLIGHT = {
  origin: APP,
  "access-control-request-method": "POST",
  "access-control-request-headers": "authorization, content-type",
};

function corsHeadersOf(headers: Headers): string[] {
  return [...headers.keys()].filter((name) => name.startsWith("access-control-"));
}

describeApi("without CORS", (api) => {
  test("no page of another origin may read an answer", async () => {
    const reply = await api.chat({}, { headers: { origin: APP } });
    expect(reply.status).toBe(200);
    expect(corsHeadersOf(reply.headers)).toEqual([]);
  });

  test("a preflight tells the methods and grants nothing", async () => {
    const reply = await fetch(`${api.gateway.url}/v1/inference/chat`, {
      method: "OPTIONS",
      headers: PREFLIGHT,
    });
    expect(reply.status).toBe(204);
    expect(reply.headers.get("allow")).toBe("POST, OPTIONS");
    expect(corsHeadersOf(reply.headers)).toEqual([]);
  });
});

describeApi(
  "with CORS for one origin",
  (api) => {
    test("its pages may read answers, errors and streams, request id and limits included", async () => {
      const headers = { origin: APP };
      const whole = await api.chat({}, { headers });
      const refused = await api.chat({ model: "no/such" }, { headers });
      const stream = await api.stream({}, { headers });
      await stream.end();
      for (const reply of [whole, refused, stream]) {
        expect(reply.headers.get("access-control-allow-origin")).toBe(APP);
        const exposed = reply.headers.get("access-control-expose-headers")?.toLowerCase() ?? "";
        for (const name of ["x-scaigrid-request-id", "x-scaigrid-ratelimit-remaining", "retry-after"])
          expect(exposed).toContain(name);
        expect(reply.headers.get("access-control-allow-credentials")).toBeNull();
        expect(reply.headers.get("vary")?.toLowerCase()).toContain("origin");
      }
    });

    test("its preflights are granted, without a key", async () => {
      const reply = await fetch(`${api.gateway.url}/v1/inference/chat`, {
        method: "OPTIONS",
        headers: PREFLIGHT,
      });
      expect(reply.status).toBe(204);
      expect(reply.headers.get("access-control-allow-origin")).toBe(APP);
      expect(reply.headers.get("access-control-allow-methods")).toContain("POST");
      expect(reply.headers.get("access-control-allow-headers")).toContain("authorization");
    });

    test("pages of another origin get nothing", async () => {
      for (const origin of ["https://evil.example", "https://app.example.evil.example", "null"]) {
        const reply = await api.chat({}, { headers: { origin } });
        expect(corsHeadersOf(reply.headers)).toEqual([]);
      }
    });
  },
  { SCAIGRID_CORS_ORIGINS: `${APP},https://other.example` },
);

describeApi(
  "with CORS for everyone",
  (api) => {
    test("any page may read, without credentials", async () => {
      const reply = await api.chat({}, { headers: { origin: "https://anyone.example" } });
      expect(reply.headers.get("access-control-allow-origin")).toBe("*");
      expect(reply.headers.get("access-control-allow-credentials")).toBeNull();
    });
  },
  { SCAIGRID_CORS_ORIGINS: "*" },
);
