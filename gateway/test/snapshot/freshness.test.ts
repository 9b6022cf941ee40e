import { expect, test } from "bun:test";
import type { Clock } from "../../src/base/clock.ts";
import { sha256Hex } from "../../src/base/crypto.ts";
import { ApiError } from "../../src/errors.ts";
import { Activity } from "../../src/snapshot/activity.ts";
import { Freshness } from "../../src/snapshot/freshness.ts";
import { identify } from "../../src/snapshot/identify.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { mintTestKey } from "../harness/keys.ts";
import { apiKey, AT, partner, tenant, user } from "../store/samples.ts";

const STALE_MS = 900_000;

/** A node's memory, the store it follows, and a clock that stands still. */
class World implements Clock {
  nowMs = 0;
  reachable = true;
  /** How often the store was asked. */
  asked = 0;
  /** Happens in the store before the next answer. */
  elsewhere: (() => void) | undefined;
  readonly snapshot = new Snapshot();
  readonly freshness: Freshness;
  readonly owner = user("tenant_1", { id: "user_1" });

  constructor() {
    this.freshness = new Freshness({
      clock: this,
      catchUp: () => this.#catchUp(),
      rereadSession: () => Promise.resolve(),
      staleMs: STALE_MS,
    });
    const above = partner({ id: "partner_1" });
    this.snapshot.apply({ kind: "partner", id: above.id, value: above });
    const own = tenant(above.id, { id: "tenant_1" });
    this.snapshot.apply({ kind: "tenant", id: own.id, value: own });
    this.snapshot.apply({ kind: "user", id: this.owner.id, value: this.owner });
  }

  now(): number {
    return AT + this.nowMs;
  }
  monotonic(): number {
    return this.nowMs;
  }

  /** A new key of the owner; in memory only once `know` is called. */
  key() {
    const text = mintTestKey();
    const value = apiKey(this.owner.id, { hash: sha256Hex(text) });
    return {
      text,
      know: () => this.snapshot.apply({ kind: "api_key", id: value.id, value }),
      revoke: () =>
        this.snapshot.apply({ kind: "api_key", id: value.id, value: { ...value, status: "revoked" } }),
    };
  }

  /** `ok`, or the code of the refusal. */
  async identify(key: string): Promise<string> {
    const headers = new Headers({ authorization: `Bearer ${key}` });
    const registry = {
      snapshot: this.snapshot,
      activity: new Activity(),
      clock: this,
      freshness: this.freshness,
    };
    try {
      await identify({ headers, keyInQuery: false, address: "127.0.0.1" }, registry);
      return "ok";
    } catch (error) {
      if (error instanceof ApiError) return error.code;
      throw error;
    }
  }

  async #catchUp(): Promise<void> {
    this.asked++;
    await Promise.resolve();
    if (!this.reachable) throw new StoreUnavailable("it is away");
    this.elsewhere?.();
    this.elsewhere = undefined;
  }
}

test("a key that is known and fresh is not asked for", async () => {
  const world = new World();
  const key = world.key();
  key.know();
  world.nowMs = 29_000;
  expect(await world.identify(key.text)).toBe("ok");
  expect(world.asked).toBe(0);
});

test("a key that another node has just made is found in the store; one that nobody has made is refused", async () => {
  const world = new World();
  const key = world.key();
  world.elsewhere = key.know;
  expect(await world.identify(key.text)).toBe("ok");
  expect(await world.identify(world.key().text)).toBe("AUTH_TOKEN_INVALID");
  expect(world.asked).toBe(2);
});

test("without the store, what is known is served, what is revoked stays so, and what is unknown is no 401", async () => {
  const world = new World();
  const [known, revoked] = [world.key(), world.key()];
  known.know();
  revoked.know();
  revoked.revoke();
  world.reachable = false;
  expect(await world.identify(known.text)).toBe("ok");
  expect(await world.identify(revoked.text)).toBe("AUTH_TOKEN_INVALID");
  expect(await world.identify(world.key().text)).toBe("DEPENDENCY_UNAVAILABLE");
  world.nowMs = STALE_MS;
  expect(await world.identify(known.text)).toBe("ok");
  expect(await world.identify(revoked.text)).toBe("AUTH_TOKEN_INVALID");
});

test("an outage that is known of is not waited for again by every caller", async () => {
  const world = new World();
  world.reachable = false;
  for (let i = 0; i < 5; i++) await world.identify(world.key().text);
  expect(world.asked).toBe(1);
});

test("a node that was away from the store for too long serves nobody until it has read what has changed", async () => {
  const world = new World();
  const key = world.key();
  key.know();
  world.reachable = false;
  world.nowMs = STALE_MS + 1;
  expect(world.freshness.serves).toBe(false);
  expect(await world.identify(key.text)).toBe("DEPENDENCY_UNAVAILABLE");
  world.reachable = true;
  world.elsewhere = key.revoke;
  await world.freshness.catchUp();
  expect(world.freshness.serves).toBe(true);
  expect(await world.identify(key.text)).toBe("AUTH_TOKEN_INVALID");
});

test("a process that was asleep asks the store before it believes its memory", async () => {
  const world = new World();
  const key = world.key();
  key.know();
  world.nowMs = 31_000;
  world.elsewhere = key.revoke;
  expect(await world.identify(key.text)).toBe("AUTH_TOKEN_INVALID");
  expect(world.asked).toBeGreaterThan(0);
});
