import { expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { scaigrid } from "../start/command.ts";
import { Stranger, cookieOf, freshToken, tokenIn } from "./people.ts";
import { codeOf, describeApi } from "./started.ts";
import { addCaller, addTenant } from "./tenancy.ts";
import { withShell } from "./store-shell.ts";

const RACERS = 100;
/** One address may try 200 times a minute. */
const RACERS_LEFT = 90;
const NEW_PASSWORD = "quite another sentence than before";

/** How many answers there are of each kind, successes by their status. */
function tally(codes: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[String(code)] = (counts[String(code)] ?? 0) + 1;
  return counts;
}

describeApi("claiming an installation", (api) => {
  const stranger = new Stranger(() => api.gateway.url);
  const people = () =>
    withShell(api.gateway, async (store) => {
      const rows = await store.all("select email, roles from users where kind = 'human' order by email");
      return rows.map((row) => [row["email"], row["roles"]]);
    });

  test("a token that nobody has given out is refused", async () => {
    for (const token of ["", "x", "a".repeat(43)]) {
      const reply = await stranger.claim(token, "guess@example.com");
      expect([reply.status, codeOf(reply)]).toEqual([401, "AUTH_FLOW_INVALID"]);
    }
    expect(await people()).toEqual([]);
  });

  test("of a hundred browsers with one link, one becomes administrator and the others learn that it is used", async () => {
    const token = tokenIn(api.gateway.output.text);
    const all = await Promise.all(
      Array.from({ length: RACERS }, (_, n) => stranger.claim(token, `racer${n}@example.com`)),
    );
    const codes = all.map((reply) => (reply.status === 200 ? "200" : codeOf(reply)));
    expect(tally(codes)).toEqual({ "200": 1, AUTH_FLOW_INVALID: RACERS - 1 });
    const winner = all.find(({ status }) => status === 200);
    expect(await people()).toEqual([[pickText(winner?.body, "data.user.email"), '["super_admin"]']]);
    for (const lost of all) if (lost !== winner) expect(lost.headers.get("set-cookie")).toBeNull();
  });

  test("so it is when all of them name the same address", async () => {
    const token = await freshToken(api.gateway);
    const before = await people();
    const all = await Promise.all(
      Array.from({ length: RACERS_LEFT }, () => stranger.claim(token, "same@example.com")),
    );
    expect(tally(all.map(({ status }) => status))).toEqual({ "200": 1, "401": RACERS_LEFT - 1 });
    expect(await people()).toHaveLength(before.length + 1);
  });

  test("hands nothing to whoever has made an account of that address before", async () => {
    for (const tenantId of [undefined, await addTenant(api.gateway)]) {
      const email = `boss-of-${tenantId ?? "all"}@example.com`.toLowerCase();
      const admin = await addCaller(api.gateway, {
        roles: ["tenant_admin"],
        ...(tenantId !== undefined && { tenantId }),
      });
      const trap = await admin.call("POST", "/v1/users", { display_name: "Boss", email });
      await stranger.claim(tokenIn(pickText(trap.body, "data.invitation.link")), email);
      const key = pickText(
        (
          await admin.call("POST", "/v1/api-keys", {
            name: "kept",
            assigned_user_id: pickText(trap.body, "data.id"),
          })
        ).body,
        "data.key",
      );
      const claimed = await stranger.claim(await freshToken(api.gateway), email, { password: NEW_PASSWORD });
      const me = await stranger.with({ cookie: cookieOf(claimed) }).me();
      expect(pick(me.body, "data.roles")).toEqual(["super_admin"]);
      const theirs = await api.gateway.api("GET", "/v1/me", { key });
      expect(theirs.text).not.toContain("platform:manage");
    }
  });

  test("a link that has expired is refused", async () => {
    const token = await freshToken(api.gateway);
    await withShell(api.gateway, (store) => store.run("update claims set expires_at = ?", [Date.now() - 1]));
    expect(codeOf(await stranger.claim(token, "late@example.com"))).toBe("AUTH_FLOW_INVALID");
    expect((await people()).flat()).not.toContain("late@example.com");
  });
});

describeApi("a lost password", (api) => {
  const stranger = new Stranger(() => api.gateway.url);
  const reset = () => scaigrid(["admin", "reset"], { env: { SCAIGRID_DATA_DIR: api.gateway.dataDir } });

  test("`scaigrid admin reset` makes a link that works once, for a new password and no earlier session", async () => {
    const [mine, other] = ["ada@example.com", "bob@example.com"];
    const first = cookieOf(await stranger.claim(tokenIn(api.gateway.output.text), mine));
    const second = cookieOf(await stranger.signIn(mine));
    const bystander = cookieOf(await stranger.claim(await freshToken(api.gateway), other));
    const done = await reset();
    expect(done.code).toBe(0);
    expect(done.err).toContain("It works once");
    const token = tokenIn(done.out);

    const again = await stranger.claim(token, mine, { password: NEW_PASSWORD });
    expect(again.status).toBe(200);
    expect(codeOf(await stranger.claim(token, mine))).toBe("AUTH_FLOW_INVALID");
    for (const cookie of [first, second]) {
      expect(codeOf(await stranger.with({ cookie }).me())).toBe("SESSION_EXPIRED");
    }
    const now = await stranger.with({ cookie: cookieOf(again) }).me();
    expect([now.status, pick(now.body, "data.user.email")]).toEqual([200, mine]);
    expect((await stranger.with({ cookie: bystander }).me()).status).toBe(200);
    expect(codeOf(await stranger.signIn(mine))).toBe("AUTH_TOKEN_INVALID");
    expect((await stranger.signIn(mine, NEW_PASSWORD)).status).toBe(200);
  });

  test("a reset makes the link before it worthless", async () => {
    const [old, current] = [tokenIn((await reset()).out), tokenIn((await reset()).out)];
    expect(codeOf(await stranger.claim(old, "eve@example.com"))).toBe("AUTH_FLOW_INVALID");
    expect((await stranger.claim(current, "ada@example.com")).status).toBe(200);
  });
});
