import { expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { Stranger, cookieOf, freshToken, tokenIn } from "./people.ts";
import { SANDBOX, MESSAGES, codeOf, describeApi, fieldsOf } from "./started.ts";

describeApi("signing in", (api) => {
  const stranger = new Stranger(() => api.gateway.url);
  const browser = (cookie: string, headers: Readonly<Record<string, string>> = {}) =>
    stranger.with({ cookie, ...headers });

  test("the first start prints a link that makes one administrator, whoever else holds it", async () => {
    const token = tokenIn(api.gateway.output.text);
    expect(token).not.toBe("");
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, n) => stranger.claim(token, `claimant${n}@example.com`)),
    );
    const won = all.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const lost of all.filter((each) => each !== won[0])) expect(codeOf(lost)).toBe("AUTH_FLOW_INVALID");
    const [winner] = won;
    const me = winner && (await browser(cookieOf(winner)).me());
    expect(pick(me?.body, "data.roles")).toEqual(["super_admin"]);
    expect(pick(me?.body, "data.session.id")).toStartWith("sess_");
  });

  test("a session's cookie is out of reach for scripts and other sites", async () => {
    const reply = await stranger.claim(await freshToken(api.gateway), "cookie@example.com");
    const cookie = reply.headers.get("set-cookie") ?? "";
    expect(cookie).toStartWith("__Host-scaigrid_session=");
    for (const flag of ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"]) expect(cookie).toContain(flag);
  });

  test("a link is used up by its use, and by the next link", async () => {
    const old = await freshToken(api.gateway);
    const token = await freshToken(api.gateway);
    expect(codeOf(await stranger.claim(old, "late@example.com"))).toBe("AUTH_FLOW_INVALID");
    expect((await stranger.claim(token, "early@example.com")).status).toBe(200);
    expect(codeOf(await stranger.claim(token, "twice@example.com"))).toBe("AUTH_FLOW_INVALID");
  });

  test("a short password and an address that is none are refused by their fields", async () => {
    const token = await freshToken(api.gateway);
    const short = await stranger.claim(token, "a@example.com", { password: "fourteen chars" });
    expect([codeOf(short), fieldsOf(short)]).toEqual(["VALIDATION_ERROR", ["password"]]);
    const nobody = await stranger.claim(token, "nobody");
    expect([codeOf(nobody), fieldsOf(nobody)]).toEqual(["VALIDATION_ERROR", ["email"]]);
    expect((await stranger.claim(token, "a@example.com")).status).toBe(200);
  });

  test("a page of another origin can neither claim, nor sign in, nor write with somebody's session", async () => {
    const foreign = { origin: "https://evil.example" };
    const token = await freshToken(api.gateway);
    expect(codeOf(await stranger.with(foreign).claim(token, "mine@example.com"))).toBe(
      "AUTHZ_PERMISSION_DENIED",
    );
    const cookie = cookieOf(await stranger.claim(token, "mine@example.com"));
    expect(codeOf(await stranger.with(foreign).signIn("mine@example.com"))).toBe("AUTHZ_PERMISSION_DENIED");
    const write = await browser(cookie, foreign).call("POST", "/v1/api-keys", { name: "stolen" });
    expect(codeOf(write)).toBe("AUTHZ_PERMISSION_DENIED");
    const own = await browser(cookie, { origin: api.gateway.url }).call("POST", "/v1/api-keys", {
      name: "own",
    });
    expect(own.status).toBe(201);
  });

  test("the right password opens a session; signing out ends that one and no other", async () => {
    const first = cookieOf(await stranger.claim(await freshToken(api.gateway), "ada@example.com"));
    const second = cookieOf(await stranger.signIn(" ADA@example.com "));
    expect(second).not.toBe(first);
    const out = await browser(second).call("POST", "/v1/auth/logout");
    expect(pick(out.body, "data")).toEqual({ signed_out: true });
    expect(out.headers.get("set-cookie")).toContain("Max-Age=0");
    expect(codeOf(await browser(second).me())).toBe("SESSION_EXPIRED");
    expect((await browser(first).me()).status).toBe(200);
  });

  test("a wrong password and an unknown address are told apart by nothing", async () => {
    await stranger.claim(await freshToken(api.gateway), "known@example.com");
    const wrong = await stranger.signIn("known@example.com", "not the sentence at all");
    const unknown = await stranger.signIn("unknown@example.com");
    expect([wrong.status, codeOf(wrong)]).toEqual([401, "AUTH_TOKEN_INVALID"]);
    expect(pick(unknown.body, "error")).toEqual(pick(wrong.body, "error"));
    expect(wrong.headers.get("set-cookie")).toBeNull();
  });

  test("a session calls no model: that is what keys are for", async () => {
    const cookie = cookieOf(await stranger.claim(await freshToken(api.gateway), "chatty@example.com"));
    const reply = await browser(cookie).call("POST", "/v1/inference/chat", {
      model: SANDBOX,
      messages: MESSAGES,
    });
    expect([reply.status, codeOf(reply)]).toEqual([401, "AUTH_TOKEN_MISSING"]);
  });

  test("only the platform's administrators make links", async () => {
    const reply = await api.gateway.api("POST", "/v1/auth/claims", { key: api.gateway.firstKey });
    expect([reply.status, codeOf(reply)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
  });

  test("signing out without a session or a key is refused", async () => {
    expect(codeOf(await stranger.call("POST", "/v1/auth/logout"))).toBe("AUTH_TOKEN_MISSING");
  });

  test("an account that is tried too often has to wait, the right password included", async () => {
    await stranger.claim(await freshToken(api.gateway), "tried@example.com");
    const codes: unknown[] = [];
    for (let n = 0; n < 11; n++)
      codes.push(codeOf(await stranger.signIn("tried@example.com", "wrong wrong wrong")));
    expect(codes.at(0)).toBe("AUTH_TOKEN_INVALID");
    expect(codes.at(-1)).toBe("RATE_LIMITED");
    const right = await stranger.signIn("tried@example.com");
    expect(codeOf(right)).toBe("RATE_LIMITED");
    expect(Number(right.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  });
});
