import { beforeAll, describe, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { cookieOf, PASSWORD, Stranger, tokenIn } from "./people.ts";
import { codeOf, describeApi, fieldsOf, itemsOf } from "./started.ts";
import { dumpOf } from "./store-shell.ts";
import { addCaller, addTenant } from "./tenancy.ts";
import type { Caller } from "./tenancy.ts";

const UNKNOWN = "00000000000000000000000000";
const OTHER_PASSWORD = "another sentence nobody thinks of";

describeApi("people and their sign-in", (api) => {
  let admin: Caller;
  let foreign: Caller;
  let people = 0;
  const stranger = new Stranger(() => api.gateway.url);
  beforeAll(async () => {
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId: await addTenant(api.gateway) });
    foreign = await addCaller(api.gateway, {
      roles: ["tenant_admin"],
      tenantId: await addTenant(api.gateway),
    });
  });
  /** Somebody invited, with the token of their link. */
  const invited = async (by = admin, email = `person-${++people}@example.com`) => {
    const { body } = await by.call("POST", "/v1/users", { display_name: "Person", email });
    return { id: pickText(body, "data.id"), email, token: tokenIn(pickText(body, "data.invitation.link")) };
  };
  /** Somebody who has signed in, as a browser. */
  const signedIn = async () => {
    const person = await invited();
    const cookie = cookieOf(await stranger.claim(person.token, person.email));
    return { ...person, browser: stranger.with({ cookie }) };
  };

  describe("an invitation", () => {
    test("makes a person who signs in with the password they have chosen", async () => {
      const { id, email, token } = await invited();
      const accepted = await stranger.claim(token, email);
      expect(pick(accepted.body, "data.user")).toMatchObject({ id, email });
      const me = await stranger.with({ cookie: cookieOf(accepted) }).me();
      expect(pick(me.body, "data.roles")).toEqual(["tenant_user"]);
      expect((await stranger.signIn(email)).status).toBe(200);
    });

    test("works once, for its own address, and in the newest link alone", async () => {
      const { id, email, token } = await invited();
      const refused = async (link: string, address = email) => {
        const reply = await stranger.claim(link, address);
        expect([reply.status, codeOf(reply)]).toEqual([401, "AUTH_FLOW_INVALID"]);
        return reply;
      };
      const other = await refused(token, "somebody-else@example.com");
      const unknown = await refused("no-such-token");
      expect(pick(other.body, "error.message")).toBe(pick(unknown.body, "error.message"));
      const newer = await admin.call("POST", `/v1/users/${id}/invitation`);
      await refused(token);
      const link = tokenIn(pickText(newer.body, "data.link"));
      expect((await stranger.claim(link, email)).status).toBe(200);
      await refused(link);
    });

    test("of twenty who hold it lets one in", async () => {
      const { email, token } = await invited();
      const replies = await Promise.all(Array.from({ length: 20 }, () => stranger.claim(token, email)));
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    test("of a suspended or deleted person lets nobody in", async () => {
      const suspended = await invited();
      await admin.call("PATCH", `/v1/users/${suspended.id}`, { status: "suspended" });
      expect(codeOf(await stranger.claim(suspended.token, suspended.email))).toBe("AUTH_FLOW_INVALID");
      const gone = await invited();
      await admin.call("DELETE", `/v1/users/${gone.id}`);
      expect(codeOf(await stranger.claim(gone.token, gone.email))).toBe("AUTH_FLOW_INVALID");
    });

    test("renewed gives another password and ends what was open", async () => {
      const { id, email, browser } = await signedIn();
      const link = pickText((await admin.call("POST", `/v1/users/${id}/invitation`)).body, "data.link");
      expect((await browser.me()).status).toBe(200);
      await stranger.claim(tokenIn(link), email, { password: OTHER_PASSWORD });
      expect((await browser.me()).status).toBe(401);
      expect((await stranger.signIn(email)).status).toBe(401);
      expect((await stranger.signIn(email, OTHER_PASSWORD)).status).toBe(200);
    });

    test("is for people of one's own, and nobody greater", async () => {
      const service = await admin.call("POST", "/v1/users", { display_name: "s", kind: "service" });
      const path = `/v1/users/${pickText(service.body, "data.id")}/invitation`;
      expect(codeOf(await admin.call("POST", path))).toBe("CONFLICT");
      expect(pick(service.body, "data")).not.toHaveProperty("invitation");
      const { id } = await invited();
      for (const userId of [id, `user_${UNKNOWN}`]) {
        expect(codeOf(await foreign.call("POST", `/v1/users/${userId}/invitation`))).toBe("NOT_FOUND");
      }
      const greater = await api.gateway.api("POST", "/v1/users", {
        body: {
          display_name: "p",
          email: "greater@example.com",
          roles: ["super_admin"],
          tenant_id: pickText((await admin.call("GET", "/v1/me")).body, "data.tenant.id"),
        },
      });
      const theirs = `/v1/users/${pickText(greater.body, "data.id")}/invitation`;
      expect(codeOf(await admin.call("POST", theirs))).toBe("AUTHZ_PERMISSION_DENIED");
    });

    test("is no way out of the scopes of a key", async () => {
      const { id } = await invited();
      const peer = await admin.call("POST", "/v1/users", {
        display_name: "Peer",
        email: `peer-${++people}@example.com`,
        roles: ["tenant_admin"],
      });
      const invite = async (userId: string, scopes: readonly string[]) => {
        const body = { name: "narrow", scopes };
        const key = pickText((await admin.call("POST", "/v1/api-keys", body)).body, "data.key");
        return api.gateway.api("POST", `/v1/users/${userId}/invitation`, { key });
      };
      const narrow = await invite(pickText(peer.body, "data.id"), ["users:manage"]);
      expect([narrow.status, codeOf(narrow)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
      const scopes = ["users:manage", "models:list", "models:use", "accounting:view_own"];
      const enough = await invite(id, [...scopes, "api_keys:manage", "modules:use"]);
      expect(enough.status).toBe(201);
    });

    test("is kept as a hash: neither list nor file tells the link", async () => {
      const { id, token } = await invited();
      const user = await admin.call("GET", `/v1/users/${id}`);
      expect(user.text).not.toContain(token);
      const bytes =
        api.gateway.databaseUrl === undefined
          ? await Bun.file(`${api.gateway.dataDir}/scaigrid.db-wal`).text()
          : await dumpOf(api.gateway);
      expect(bytes).not.toContain(token);
      expect(api.gateway.output.text).not.toContain(token);
    });
  });

  test("one address in two tenants signs in to the account whose password it is", async () => {
    const email = "both@example.com";
    const here = await invited(admin, email);
    const there = await invited(foreign, email);
    await stranger.claim(here.token, email);
    await stranger.claim(there.token, email, { password: OTHER_PASSWORD });
    expect(pick((await stranger.signIn(email)).body, "data.user.id")).toBe(here.id);
    expect(pick((await stranger.signIn(email, OTHER_PASSWORD)).body, "data.user.id")).toBe(there.id);
    expect(codeOf(await stranger.signIn(email, "neither of the two, by far"))).toBe("AUTH_TOKEN_INVALID");
  });

  describe("sessions", () => {
    test("are listed by their person, who ends the others", async () => {
      const { email, browser } = await signedIn();
      const second = stranger.with({ cookie: cookieOf(await stranger.signIn(email)) });
      const listed = itemsOf(await browser.call("GET", "/v1/auth/sessions"));
      expect(listed.map((each) => each["current"])).toEqual([false, true]);
      const other = String(listed[0]?.["id"]);
      expect((await browser.call("DELETE", `/v1/auth/sessions/${other}`)).status).toBe(200);
      expect([(await browser.me()).status, (await second.me()).status]).toEqual([200, 401]);
      expect(codeOf(await browser.call("DELETE", `/v1/auth/sessions/${other}`))).toBe("NOT_FOUND");
    });

    test("of a user are listed and ended by their administrator, and by no other", async () => {
      const { id, browser } = await signedIn();
      const [session] = itemsOf(await admin.call("GET", `/v1/auth/sessions?user_id=${id}`));
      const path = `/v1/auth/sessions/${String(session?.["id"])}`;
      for (const [who, code] of [[foreign, "NOT_FOUND"]] as const) {
        expect(codeOf(await who.call("GET", `/v1/auth/sessions?user_id=${id}`))).toBe(code);
        expect(codeOf(await who.call("DELETE", path))).toBe(code);
      }
      const colleague = await signedIn();
      const asked = await colleague.browser.call("GET", `/v1/auth/sessions?user_id=${id}`);
      expect([asked.status, codeOf(asked)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
      expect(codeOf(await colleague.browser.call("DELETE", path))).toBe("NOT_FOUND");
      expect((await browser.me()).status).toBe(200);
      expect((await admin.call("DELETE", path)).status).toBe(200);
      expect((await browser.me()).status).toBe(401);
    });
  });

  describe("a password", () => {
    const change = (browser: Stranger, current_password: string, new_password: string) =>
      browser.call("POST", "/v1/me/password", { current_password, new_password });

    test("is changed by who knows it, and every other session ends", async () => {
      const { email, browser } = await signedIn();
      const second = stranger.with({ cookie: cookieOf(await stranger.signIn(email)) });
      const changed = await change(browser, PASSWORD, OTHER_PASSWORD);
      expect(pick(changed.body, "data")).toEqual({ sessions_ended: 1 });
      expect([(await browser.me()).status, (await second.me()).status]).toEqual([200, 401]);
      expect((await stranger.signIn(email)).status).toBe(401);
      expect((await stranger.signIn(email, OTHER_PASSWORD)).status).toBe(200);
    });

    test("is not guessed: a wrong one changes nothing, ten a minute are the most", async () => {
      const { email, browser } = await signedIn();
      const replies = [];
      for (let n = 0; n < 12; n++)
        replies.push(await change(browser, `wrong password number ${n}`, OTHER_PASSWORD));
      expect(fieldsOf(replies[0] ?? (await browser.me()))).toEqual(["current_password"]);
      expect(replies.map(({ status }) => status)).toEqual([
        ...Array.from({ length: 10 }, () => 422),
        429,
        429,
      ]);
      expect((await stranger.signIn(email)).status).toBe(200);
    });

    test("of too few characters is refused, and so is a user without one", async () => {
      const { browser } = await signedIn();
      const short = await change(browser, PASSWORD, "too short");
      expect([short.status, fieldsOf(short)]).toEqual([422, ["new_password"]]);
      const body = { current_password: PASSWORD, new_password: OTHER_PASSWORD };
      expect(fieldsOf(await admin.call("POST", "/v1/me/password", body))).toEqual(["current_password"]);
    });
  });
});
