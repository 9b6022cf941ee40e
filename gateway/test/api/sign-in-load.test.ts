import { describe, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { ApiError } from "../../src/errors.ts";
import { Passwords } from "../../src/admin/auth/passwords.ts";
import { pick } from "../harness/json.ts";
import { describeWith } from "../parts.ts";
import { PASSWORD, Stranger, freshToken } from "./people.ts";
import { codeOf, describeApi } from "./started.ts";

const WRONG = "a sentence that is not the one";
/** Tries of one address, and of one account, in a minute. */
const PER_ADDRESS = 30;
const PER_ACCOUNT = 10;
/** More than one address may try and than may wait for a hash, however many cores there are. */
const AT_ONCE = 80;
/** A hash takes about 20 ms: eighty on the event loop would keep a health call waiting for more than a second. */
const HEALTH_MS_MAX = 150;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const loopbacks = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
const ipv6 = loopbacks.find(({ address }) => address === "::1");

describeWith(ipv6, "a second address of this machine (::1)", "guessing passwords", () => {
  describeApi("from one address", (api) => {
    const at = (host: string): Stranger => new Stranger(() => api.gateway.url.replace("localhost", host));

    test("makes the account wait, then the address, but nobody else elsewhere", async () => {
      const [here, elsewhere] = [at("127.0.0.1"), at("[::1]")];
      for (const name of ["ada", "bob"]) {
        expect((await elsewhere.claim(await freshToken(api.gateway), `${name}@example.com`)).status).toBe(
          200,
        );
      }
      for (let n = 0; n < PER_ACCOUNT; n++) {
        expect(codeOf(await here.signIn("ada@example.com", WRONG))).toBe("AUTH_TOKEN_INVALID");
      }
      const account = await here.signIn("ada@example.com");
      expect([account.status, codeOf(account)]).toEqual([429, "RATE_LIMITED"]);
      const waitSeconds = Number(pick(account.body, "error.retry_after"));
      expect(waitSeconds).toBeGreaterThanOrEqual(1);
      expect(waitSeconds).toBeLessThanOrEqual(61);
      expect(account.headers.get("retry-after")).toBe(String(waitSeconds));
      expect(codeOf(await elsewhere.signIn("ada@example.com"))).toBe("RATE_LIMITED");

      let tried = PER_ACCOUNT;
      for (; tried < PER_ADDRESS; tried++) {
        expect(codeOf(await here.signIn(`guess${tried}@example.com`, WRONG))).toBe("AUTH_TOKEN_INVALID");
      }
      expect(codeOf(await here.signIn("bob@example.com"))).toBe("RATE_LIMITED");
      expect((await elsewhere.signIn("bob@example.com")).status).toBe(200);
    });
  });

  describeApi("as fast as possible", (api) => {
    test("keeps no other call waiting, and who comes too many is told to come back", async () => {
      const over = new AbortController();
      const waits: number[] = [];
      const health = (async () => {
        while (!over.signal.aborted) {
          const startedMs = performance.now();
          expect((await api.gateway.api("GET", "/health", { key: undefined })).status).toBe(200);
          waits.push(performance.now() - startedMs);
          await Bun.sleep(2);
        }
      })();
      const all = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, n) => {
          const host = n % 2 === 0 ? "127.0.0.1" : "[::1]";
          return new Stranger(() => api.gateway.url.replace("localhost", host)).signIn(`u${n}@example.com`);
        }),
      );
      over.abort();
      await health;
      const tooMany = all.filter((reply) => codeOf(reply) === "RATE_LIMITED");
      const wrong = all.filter((reply) => codeOf(reply) === "AUTH_TOKEN_INVALID");
      expect(tooMany.length + wrong.length).toBe(AT_ONCE);
      expect(tooMany.length).toBeGreaterThan(0);
      expect(wrong.length).toBeGreaterThan(PER_ADDRESS / 2);
      for (const reply of tooMany) expect(Number(reply.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
      expect(waits.length).toBeGreaterThan(20);
      expect(median(waits)).toBeLessThan(HEALTH_MS_MAX);
    });
  });
});

describeApi("the time of a refusal", (api) => {
  test("does not tell whether there is an account", async () => {
    const stranger = new Stranger(() => api.gateway.url);
    await stranger.claim(await freshToken(api.gateway), "known@example.com");
    const took = async (email: string): Promise<number> => {
      const startedMs = performance.now();
      expect(codeOf(await stranger.signIn(email, WRONG))).toBe("AUTH_TOKEN_INVALID");
      return performance.now() - startedMs;
    };
    const [known, unknown]: [number[], number[]] = [[], []];
    await took("first@example.com");
    for (let n = 0; n < PER_ACCOUNT - 1; n++) {
      known.push(await took("known@example.com"));
      unknown.push(await took(`unknown${n}@example.com`));
    }
    const ratio = median(unknown) / median(known);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });
});

describe("hashing passwords", () => {
  test("goes on for a few at a time, some wait, and the rest is refused at once", async () => {
    const passwords = new Passwords();
    const hash = await passwords.hash(PASSWORD);
    expect(hash).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
    const all = await Promise.allSettled(
      Array.from({ length: AT_ONCE }, () => passwords.verify(PASSWORD, hash)),
    );
    const right = all.filter((each) => each.status === "fulfilled" && each.value);
    const refused = all.filter((each) => each.status === "rejected");
    expect(right.length + refused.length).toBe(AT_ONCE);
    expect(right.length).toBeGreaterThanOrEqual(33);
    for (const { reason } of refused) {
      expect(reason).toBeInstanceOf(ApiError);
      expect(reason).toMatchObject({ code: "RATE_LIMITED", init: { retryAfterSeconds: 2 } });
    }
    expect(await passwords.verify(WRONG, hash)).toBe(false);
    expect(await passwords.verify(PASSWORD, undefined)).toBe(false);
  });
});
