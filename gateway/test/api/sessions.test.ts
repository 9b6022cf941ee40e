import { expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { Stranger, cookieOf, freshToken } from "./people.ts";
import { codeOf, describeApi, itemsOf } from "./started.ts";
import { withShell } from "./store-shell.ts";
import type { StoreShell } from "./store-shell.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describeApi("a session over time", (api) => {
  const stranger = new Stranger(() => api.gateway.url);
  const signedUp = async (email: string): Promise<string> =>
    cookieOf(await stranger.claim(await freshToken(api.gateway), email));
  const browser = (cookie: string): Stranger => stranger.with({ cookie });

  /** Changes the store while no gateway runs on it, as if time had passed or somebody had been at work. */
  async function meanwhile(change: (store: StoreShell) => Promise<unknown>): Promise<void> {
    await api.gateway.terminate();
    await withShell(api.gateway, change);
    await api.gateway.restart();
  }

  /** Puts a person's sessions into the past: their beginning and their last call, in milliseconds. */
  async function age(
    store: StoreShell,
    email: string,
    sinceStartMs: number,
    sinceCallMs: number,
  ): Promise<void> {
    const now = Date.now();
    const changes = await store.run(
      "update sessions set created_at = ?, last_seen_at = ? where user_id in (select id from users where email = ?)",
      [now - sinceStartMs, now - sinceCallMs, email],
    );
    expect(changes).toBe(1);
  }

  test("outlives a restart; half an hour without a call ends it, and so do twelve hours of use", async () => {
    const lately = await signedUp("lately@example.com");
    const idle = await signedUp("idle@example.com");
    const long = await signedUp("long@example.com");
    const old = await signedUp("old@example.com");
    for (const cookie of [lately, idle, long, old]) expect((await browser(cookie).me()).status).toBe(200);
    await meanwhile(async (store) => {
      await age(store, "lately@example.com", 29 * MINUTE_MS, 29 * MINUTE_MS);
      await age(store, "idle@example.com", 31 * MINUTE_MS, 31 * MINUTE_MS);
      await age(store, "long@example.com", 11.9 * HOUR_MS, 0);
      await age(store, "old@example.com", 12.1 * HOUR_MS, 0);
    });
    for (const cookie of [lately, long]) expect((await browser(cookie).me()).status).toBe(200);
    for (const cookie of [idle, old]) {
      const reply = await browser(cookie).me();
      expect([reply.status, codeOf(reply)]).toEqual([401, "SESSION_EXPIRED"]);
    }
  });

  test("is kept alive by its calls, also across a stop", async () => {
    const cookie = await signedUp("busy@example.com");
    await meanwhile((store) => age(store, "busy@example.com", 2 * HOUR_MS, 20 * MINUTE_MS));
    expect((await browser(cookie).me()).status).toBe(200);
    await api.gateway.terminate();
    const seen = await withShell(api.gateway, (store) =>
      store.all("select last_seen_at from sessions s join users u on u.id = s.user_id where email = ?", [
        "busy@example.com",
      ]),
    );
    await api.gateway.restart();
    expect(Date.now() - Number(seen[0]?.["last_seen_at"])).toBeLessThan(MINUTE_MS);
  });

  test("that ends in mid-form lets nothing of the form happen", async () => {
    const cookie = await signedUp("form@example.com");
    await meanwhile((store) => age(store, "form@example.com", HOUR_MS, HOUR_MS));
    const reply = await browser(cookie).call("POST", "/v1/api-keys", { name: "too late" });
    expect([reply.status, codeOf(reply)]).toEqual([401, "SESSION_EXPIRED"]);
    const again = cookieOf(await stranger.signIn("form@example.com"));
    expect(itemsOf(await browser(again).call("GET", "/v1/api-keys"))).toEqual([]);
    expect((await browser(again).call("POST", "/v1/api-keys", { name: "in time" })).status).toBe(201);
  });

  test("of a suspended person opens nothing, and signing in is answered like a wrong password", async () => {
    const cookie = await signedUp("gone@example.com");
    await meanwhile((store) =>
      store.run("update users set status = 'suspended' where email = 'gone@example.com'"),
    );
    expect((await browser(cookie).me()).status).toBe(401);
    const suspended = await stranger.signIn("gone@example.com");
    const wrong = await stranger.signIn("lately@example.com", "not the sentence at all");
    const unknown = await stranger.signIn("nobody@example.com");
    expect([suspended.status, codeOf(suspended)]).toEqual([401, "AUTH_TOKEN_INVALID"]);
    for (const other of [wrong, unknown]) {
      expect([other.status, pick(other.body, "error")]).toEqual([401, pick(suspended.body, "error")]);
      expect([...other.headers.keys()].sort()).toEqual([...suspended.headers.keys()].sort());
    }
  });
});

describeApi("a session's cookie", (api) => {
  const stranger = new Stranger(() => api.gateway.url);

  test("that was never given out, or under another name, opens nothing", async () => {
    const cookie = cookieOf(await stranger.claim(await freshToken(api.gateway), "ada@example.com"));
    const token = cookie.split("=")[1] ?? "";
    for (const made of [
      `${cookie}x`,
      `__Host-scaigrid_session=${"a".repeat(43)}`,
      "__Host-scaigrid_session=",
    ]) {
      expect(codeOf(await stranger.with({ cookie: made }).me())).toBe("SESSION_EXPIRED");
    }
    for (const named of [`scaigrid_session=${token}`, `x__Host-scaigrid_session=${token}`, token]) {
      expect(codeOf(await stranger.with({ cookie: named }).me())).toBe("AUTH_TOKEN_MISSING");
    }
    const among = await stranger.with({ cookie: `theme=dark; ${cookie}; other=1` }).me();
    expect(among.status).toBe(200);
  });

  test("stands back behind a key that is sent as well", async () => {
    const cookie = cookieOf(await stranger.claim(await freshToken(api.gateway), "bob@example.com"));
    const authorization = `Bearer ${api.gateway.firstKey}`;
    const me = await stranger.with({ cookie, authorization }).me();
    expect(pickText(me.body, "data.api_key.id")).toStartWith("apikey_");
    expect(codeOf(await stranger.with({ cookie, authorization: "Bearer sgk_x" }).me())).toBe(
      "AUTH_TOKEN_INVALID",
    );
  });

  test("is stored nowhere as it is", async () => {
    const cookie = cookieOf(await stranger.claim(await freshToken(api.gateway), "eve@example.com"));
    const token = cookie.split("=")[1] ?? "";
    expect(token).toHaveLength(43);
    const rows = await withShell(api.gateway, (store) => store.all("select token_hash from sessions"));
    const hashes = rows.map((row) => row["token_hash"]);
    expect(hashes).toContain(new Bun.CryptoHasher("sha256").update(token).digest("hex"));
    expect(hashes).not.toContain(token);
    expect(api.gateway.output.text).not.toContain(token);
  });
});
