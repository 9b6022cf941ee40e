import { expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { Stranger, cookieOf, freshToken, tokenIn } from "./people.ts";
import { codeOf, describeApi } from "./started.ts";

const ELSEWHERE = "gateway.example:8000";

describeApi("where people may sign in", (api) => {
  const stranger = new Stranger(() => api.gateway.url);
  const port = () => new URL(api.gateway.url).port;

  async function signedUp(email: string): Promise<string> {
    return cookieOf(await stranger.claim(await freshToken(api.gateway), email));
  }

  test("a page of the gateway itself may, by each of the machine's own names", async () => {
    await signedUp("own@example.com");
    for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
      const origin = `http://${host}:${port()}`;
      const reply = await stranger
        .with({ origin, "sec-fetch-site": "same-origin" })
        .signIn("own@example.com");
      expect([origin, reply.status]).toEqual([origin, 200]);
    }
  });

  test("no other page may, whatever it calls itself, and nothing comes of the attempt", async () => {
    const cookie = await signedUp("mine@example.com");
    const origins = [
      "https://evil.example",
      "null",
      `https://localhost:${port()}`,
      "http://localhost:1",
      "http://localhost",
      `http://localhost:${port()}.evil.example`,
      "",
    ];
    const foreign = [
      ...origins.map((origin) => ({ origin })),
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ];
    const token = await freshToken(api.gateway);
    for (const headers of foreign) {
      const page = stranger.with(headers);
      const withCookie = page.with({ cookie });
      const refused = [
        await page.claim(token, "theirs@example.com"),
        await page.signIn("mine@example.com"),
        await withCookie.call("POST", "/v1/auth/logout"),
        await withCookie.call("POST", "/v1/api-keys", { name: "theirs" }),
        await withCookie.call("DELETE", "/v1/api-keys/apikey_01JZX3K9QFT4M7W2N8C5D6E0AB"),
      ];
      for (const reply of refused) {
        expect([headers, reply.status, codeOf(reply)]).toEqual([headers, 403, "AUTHZ_PERMISSION_DENIED"]);
        expect(reply.headers.get("set-cookie")).toBeNull();
      }
    }
    expect((await stranger.with({ cookie }).me()).status).toBe(200);
    const keys = await stranger.with({ cookie }).call("GET", "/v1/api-keys");
    expect(pick(keys.body, "data.items")).toEqual([]);
    expect((await stranger.claim(token, "mine@example.com")).status).toBe(200);
  });

  test("over plain HTTP from another machine nobody may, and the answer says what to do", async () => {
    const far = stranger.with({ host: ELSEWHERE });
    for (const reply of [await far.claim("x", "a@example.com"), await far.signIn("mine@example.com")]) {
      expect([reply.status, codeOf(reply)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
      expect(String(pick(reply.body, "error.message"))).toContain("plain HTTP");
      for (const way of ["SCAIGRID_PUBLIC_URL", "SCAIGRID_INSECURE_COOKIES"]) {
        expect(String(pick(reply.body, "error.hint"))).toContain(way);
      }
      expect(reply.headers.get("set-cookie")).toBeNull();
    }
    // A name that only begins like this machine's is another one.
    for (const host of ["localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1.5"]) {
      expect((await stranger.with({ host }).signIn("mine@example.com")).status).toBe(403);
    }
  });
});

describeApi(
  "a network that its operator trusts",
  (api) => {
    const far = new Stranger(() => api.gateway.url, { host: ELSEWHERE });

    test("may be signed in from over plain HTTP; the cookie is then one that plain HTTP carries", async () => {
      const reply = await far
        .with({ origin: `http://${ELSEWHERE}` })
        .claim(await freshToken(api.gateway), "far@example.com");
      expect(reply.status).toBe(200);
      const cookie = reply.headers.get("set-cookie") ?? "";
      expect(cookie).toMatch(/^scaigrid_session=\w{43}; Path=\/; HttpOnly; SameSite=Lax$/);
      const browser = far.with({ cookie: cookieOf(reply), origin: `http://${ELSEWHERE}` });
      expect((await browser.me()).status).toBe(200);
      expect((await browser.call("POST", "/v1/api-keys", { name: "far" })).status).toBe(201);
      const out = await browser.call("POST", "/v1/auth/logout");
      expect(out.headers.get("set-cookie")).toMatch(/^scaigrid_session=; .*Max-Age=0$/);
      expect(codeOf(await browser.me())).toBe("SESSION_EXPIRED");
    });

    test("is no place for other pages either", async () => {
      const reply = await far.with({ origin: "http://evil.example" }).signIn("far@example.com");
      expect([reply.status, codeOf(reply)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    });
  },
  { SCAIGRID_INSECURE_COOKIES: "on" },
);

describeApi(
  "behind a proxy with TLS",
  (api) => {
    test("the public address is the one origin, and the cookie is for TLS alone", async () => {
      // The address that the gateway names is the proxy's; this test stands behind it.
      const { output } = api.gateway;
      const listening = output.logs.find(({ event }) => event === "listening");
      const page = new Stranger(() => `http://127.0.0.1:${String(listening?.["port"])}`, {
        host: "ai.example.com",
        origin: "https://ai.example.com",
      });
      expect(output.text).toContain("https://ai.example.com/admin/claim#token=");
      const reply = await page.claim(tokenIn(output.text), "tls@example.com");
      expect(reply.status).toBe(200);
      expect(reply.headers.get("set-cookie")).toMatch(/^__Host-scaigrid_session=\w{43}; .*; Secure$/);
      expect(
        (await page.with({ cookie: cookieOf(reply) }).call("POST", "/v1/api-keys", { name: "tls" })).status,
      ).toBe(201);
      const plain = await page.with({ origin: "http://ai.example.com" }).signIn("tls@example.com");
      expect([plain.status, codeOf(plain)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    });
  },
  { SCAIGRID_PUBLIC_URL: "https://ai.example.com" },
);
