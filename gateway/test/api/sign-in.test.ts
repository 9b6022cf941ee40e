import { expect, test } from "bun:test";
import type { ApiReply } from "../harness/api.ts";
import { pick, pickText } from "../harness/json.ts";
import { SANDBOX, MESSAGES, codeOf, describeApi, fieldsOf } from "./started.ts";

const PASSWORD = "a sentence nobody else thinks of";
const CLAIM_LINK = /\/admin\/claim#token=([0-9A-Za-z]+)/;

/** The cookie that an answer gives, as a browser would send it back. */
function cookieOf(reply: ApiReply): string {
  return reply.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
}

describeApi("signing in", (api) => {
  const stranger = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    api.gateway.api("POST", path, { key: undefined, body, headers });
  const browser = (method: string, path: string, cookie: string, headers = {}, body?: object) =>
    api.gateway.api(method, path, { key: undefined, headers: { cookie, ...headers }, ...(body && { body }) });
  const claimWith = (token: string, email: string, more = {}) =>
    stranger("/v1/auth/claim", { token, email, password: PASSWORD, ...more });
  const signIn = (email: string, password = PASSWORD) => stranger("/v1/auth/login", { email, password });

  async function freshToken(): Promise<string> {
    const reply = await api.gateway.api("POST", "/v1/auth/claims");
    expect(reply.status).toBe(201);
    return CLAIM_LINK.exec(pickText(reply.body, "data.link"))?.[1] ?? "";
  }

  test("the first start prints a link that makes one administrator, whoever else holds it", async () => {
    const token = CLAIM_LINK.exec(api.gateway.output.text)?.[1] ?? "";
    expect(token).not.toBe("");
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, n) => claimWith(token, `claimant${n}@example.com`)),
    );
    const won = all.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const lost of all.filter((each) => each !== won[0])) expect(codeOf(lost)).toBe("AUTH_FLOW_INVALID");
    const [winner] = won;
    const me = winner && (await browser("GET", "/v1/me", cookieOf(winner)));
    expect(pick(me?.body, "data.roles")).toEqual(["super_admin"]);
    expect(pick(me?.body, "data.session.id")).toStartWith("sess_");
  });

  test("a session's cookie is out of reach for scripts and other sites", async () => {
    const reply = await claimWith(await freshToken(), "cookie@example.com");
    const cookie = reply.headers.get("set-cookie") ?? "";
    expect(cookie).toStartWith("__Host-scaigrid_session=");
    for (const flag of ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"]) expect(cookie).toContain(flag);
  });

  test("a link is used up by its use, and by the next link", async () => {
    const old = await freshToken();
    const token = await freshToken();
    expect(codeOf(await claimWith(old, "late@example.com"))).toBe("AUTH_FLOW_INVALID");
    expect((await claimWith(token, "early@example.com")).status).toBe(200);
    expect(codeOf(await claimWith(token, "twice@example.com"))).toBe("AUTH_FLOW_INVALID");
  });

  test("a short password and an address that is none are refused by their fields", async () => {
    const token = await freshToken();
    const short = await claimWith(token, "a@example.com", { password: "fourteen chars" });
    expect([codeOf(short), fieldsOf(short)]).toEqual(["VALIDATION_ERROR", ["password"]]);
    const nobody = await claimWith(token, "nobody");
    expect([codeOf(nobody), fieldsOf(nobody)]).toEqual(["VALIDATION_ERROR", ["email"]]);
    expect((await claimWith(token, "a@example.com")).status).toBe(200);
  });

  test("a page of another origin can neither claim, nor sign in, nor write with somebody's session", async () => {
    const foreign = { origin: "https://evil.example" };
    const token = await freshToken();
    const body = { token, email: "mine@example.com", password: PASSWORD };
    expect(codeOf(await stranger("/v1/auth/claim", body, foreign))).toBe("AUTHZ_PERMISSION_DENIED");
    const cookie = cookieOf(await claimWith(token, "mine@example.com"));
    const { token: _, ...credentials } = body;
    expect(codeOf(await stranger("/v1/auth/login", credentials, foreign))).toBe("AUTHZ_PERMISSION_DENIED");
    const write = await browser("POST", "/v1/api-keys", cookie, foreign, { name: "stolen" });
    expect(codeOf(write)).toBe("AUTHZ_PERMISSION_DENIED");
    const own = await browser("POST", "/v1/api-keys", cookie, { origin: api.gateway.url }, { name: "own" });
    expect(own.status).toBe(201);
  });

  test("the right password opens a session; signing out ends that one and no other", async () => {
    const first = cookieOf(await claimWith(await freshToken(), "ada@example.com"));
    const second = cookieOf(await signIn(" ADA@example.com "));
    expect(second).not.toBe(first);
    const out = await browser("POST", "/v1/auth/logout", second);
    expect(pick(out.body, "data")).toEqual({ signed_out: true });
    expect(out.headers.get("set-cookie")).toContain("Max-Age=0");
    expect(codeOf(await browser("GET", "/v1/me", second))).toBe("SESSION_EXPIRED");
    expect((await browser("GET", "/v1/me", first)).status).toBe(200);
  });

  test("a wrong password and an unknown address are told apart by nothing", async () => {
    await claimWith(await freshToken(), "known@example.com");
    const wrong = await signIn("known@example.com", "not the sentence at all");
    const unknown = await signIn("unknown@example.com");
    expect([wrong.status, codeOf(wrong)]).toEqual([401, "AUTH_TOKEN_INVALID"]);
    expect(pick(unknown.body, "error")).toEqual(pick(wrong.body, "error"));
    expect(wrong.headers.get("set-cookie")).toBeNull();
  });

  test("a session calls no model: that is what keys are for", async () => {
    const cookie = cookieOf(await claimWith(await freshToken(), "chatty@example.com"));
    const reply = await browser(
      "POST",
      "/v1/inference/chat",
      cookie,
      {},
      { model: SANDBOX, messages: MESSAGES },
    );
    expect([reply.status, codeOf(reply)]).toEqual([401, "AUTH_TOKEN_MISSING"]);
  });

  test("only the platform's administrators make links", async () => {
    const reply = await api.gateway.api("POST", "/v1/auth/claims", { key: api.gateway.firstKey });
    expect([reply.status, codeOf(reply)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
  });

  test("signing out without a session or a key is refused", async () => {
    expect(codeOf(await stranger("/v1/auth/logout", {}))).toBe("AUTH_TOKEN_MISSING");
  });

  test("an account that is tried too often has to wait, the right password included", async () => {
    await claimWith(await freshToken(), "tried@example.com");
    const codes: unknown[] = [];
    for (let n = 0; n < 11; n++) codes.push(codeOf(await signIn("tried@example.com", "wrong wrong wrong")));
    expect(codes.at(0)).toBe("AUTH_TOKEN_INVALID");
    expect(codes.at(-1)).toBe("RATE_LIMITED");
    const right = await signIn("tried@example.com");
    expect(codeOf(right)).toBe("RATE_LIMITED");
    expect(Number(right.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  });
});
