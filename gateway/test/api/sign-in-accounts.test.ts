import { describe, expect, test } from "bun:test";
import { accountOf } from "../../src/admin/auth/account-of.ts";
import { Passwords } from "../../src/admin/auth/passwords.ts";
import { pick, pickText } from "../harness/json.ts";
import { cookieOf, freshToken, PASSWORD, Stranger, tokenIn } from "./people.ts";
import { codeOf, describeApi, fieldsOf } from "./started.ts";
import { addTenant, madeId } from "./tenancy.ts";

class CountingPasswords extends Passwords {
  count = 0;
  override verify(password: string, hash: string | undefined): Promise<boolean> {
    this.count++;
    return super.verify(password, hash);
  }
}

describe("the work of a sign-in", () => {
  test("is the same for any number of accounts, whichever of them the password opens", async () => {
    const passwords = new CountingPasswords();
    const [right, wrong] = [await passwords.hash(PASSWORD), await passwords.hash("another sentence")];
    const counts: number[] = [];
    const opened: unknown[] = [];
    for (const hashes of [[], [right], [wrong], [right, wrong], [wrong, right], [wrong, wrong, right]]) {
      passwords.count = 0;
      const accounts = hashes.map((hash, n) => ({ userId: `user_${n}`, hash }));
      opened.push((await accountOf(accounts, PASSWORD, passwords))?.userId);
      counts.push(passwords.count);
    }
    expect(opened).toEqual([undefined, "user_0", undefined, "user_0", "user_1", "user_2"]);
    expect(new Set(counts).size).toBe(1);
  });
});

describeApi("accounts of one address", (api) => {
  const stranger = new Stranger(() => api.gateway.url);
  const invited = async (email: string, tenantId?: string) => {
    const body = { display_name: email, email, ...(tenantId !== undefined && { tenant_id: tenantId }) };
    const made = await api.gateway.api("POST", "/v1/users", { body });
    return { userId: madeId(made), token: tokenIn(pickText(made.body, "data.invitation.link")) };
  };
  const again = async (userId: string) =>
    tokenIn(pickText((await api.gateway.api("POST", `/v1/users/${userId}/invitation`)).body, "data.link"));

  test("one that is suspended, or whose tenant is, does not hide one that is not behind the same password", async () => {
    for (const kind of ["users", "tenants"] as const) {
      const email = `both-${kind}@example.com`;
      const tenantId = await addTenant(api.gateway);
      const older = await invited(email, tenantId);
      const newer = await invited(email, await addTenant(api.gateway));
      for (const { token } of [older, newer]) expect((await stranger.claim(token, email)).status).toBe(200);
      expect(pick((await stranger.signIn(email)).body, "data.user.id")).toBe(older.userId);
      const path = kind === "users" ? `/v1/users/${older.userId}` : `/v1/tenants/${tenantId}`;
      await api.gateway.api("PATCH", path, { body: { status: "suspended" } });
      expect(pick((await stranger.signIn(email)).body, "data.user.id")).toBe(newer.userId);
    }
  });

  test("an invitation that was not used ends with a change of the password", async () => {
    const email = "changes@example.com";
    const { userId, token } = await invited(email);
    const browser = stranger.with({ cookie: cookieOf(await stranger.claim(token, email)) });
    const unused = await again(userId);
    const body = { current_password: PASSWORD, new_password: "a new sentence that nobody knows" };
    expect((await browser.call("POST", "/v1/me/password", body)).status).toBe(200);
    expect(codeOf(await stranger.claim(unused, email))).toBe("AUTH_FLOW_INVALID");
  });

  test("somebody who was invited and has no password yet can claim the installation; the invitation ends", async () => {
    const email = "invited@example.com";
    const { userId, token } = await invited(email);
    const claimed = await stranger.claim(await freshToken(api.gateway), email);
    expect([claimed.status, pick(claimed.body, "data.user.id")]).toEqual([200, userId]);
    const me = await stranger.with({ cookie: cookieOf(claimed) }).me();
    expect(pick(me.body, "data.roles")).toEqual(["super_admin"]);
    expect(codeOf(await stranger.claim(token, email))).toBe("AUTH_FLOW_INVALID");
  });

  test("the address of a service claims nothing, and the link can be used with another", async () => {
    const email = "robot@example.com";
    const body = { display_name: "Robot", kind: "service", email };
    expect((await api.gateway.api("POST", "/v1/users", { body })).status).toBe(201);
    const token = await freshToken(api.gateway);
    const refused = await stranger.claim(token, email);
    expect([refused.status, fieldsOf(refused)]).toEqual([422, ["email"]]);
    expect((await stranger.claim(token, "person@example.com")).status).toBe(200);
  });
});
