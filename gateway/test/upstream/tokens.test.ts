import { describe, expect, test } from "bun:test";
import { FaultError } from "../../src/core/fault.ts";
import { type Minted, Tokens } from "../../src/upstream/auth/tokens.ts";
import { TestClock } from "./support.ts";

const NEVER = new AbortController().signal;
const HOUR_MS = 3_600_000;

/** Mints `token-1`, `token-2`, … each for an hour, or fails. */
function mintOf(life = 3_600) {
  const state = { minted: 0, fails: false };
  const mint = (): Promise<Minted> => {
    state.minted++;
    if (state.fails) return Promise.reject(new FaultError({ class: "auth", reason: "no" }));
    return Promise.resolve({ token: `token-${state.minted}`, expiresInSeconds: life });
  };
  return { state, mint };
}

describe("tokens", () => {
  test("are asked for once by all who need them at the same time, and kept by account", async () => {
    const tokens = new Tokens(new TestClock());
    const { state, mint } = mintOf();
    const asked = Array.from({ length: 50 }, () => tokens.get("a", mint, NEVER));
    expect(new Set(await Promise.all(asked))).toEqual(new Set(["token-1"]));
    expect(await tokens.get("a", mint, NEVER)).toBe("token-1");
    expect(await tokens.get("b", mint, NEVER)).toBe("token-2");
    expect(state.minted).toBe(2);
  });

  test("are asked for anew before they run out, while the present one is still shown", async () => {
    const clock = new TestClock();
    const tokens = new Tokens(clock);
    const { state, mint } = mintOf();
    await tokens.get("a", mint, NEVER);
    clock.advance(HOUR_MS * 0.74);
    expect(await tokens.get("a", mint, NEVER)).toBe("token-1");
    expect(state.minted).toBe(1);
    clock.advance(HOUR_MS * 0.02);
    expect(await tokens.get("a", mint, NEVER)).toBe("token-1");
    await Promise.resolve();
    expect(await tokens.get("a", mint, NEVER)).toBe("token-2");
    expect(state.minted).toBe(2);
  });

  test("are not shown in their last minute, and a refresh that fails costs nothing before it", async () => {
    const clock = new TestClock();
    const tokens = new Tokens(clock);
    const { state, mint } = mintOf();
    await tokens.get("a", mint, NEVER);
    state.fails = true;
    clock.advance(HOUR_MS - 61_000);
    expect(await tokens.get("a", mint, NEVER)).toBe("token-1");
    clock.advance(2_000);
    await expect(tokens.get("a", mint, NEVER)).rejects.toThrow("no");
  });

  test("of a short life are shown for half of it", async () => {
    const clock = new TestClock();
    const tokens = new Tokens(clock);
    const { mint } = mintOf(60);
    await tokens.get("a", mint, NEVER);
    clock.advance(29_000);
    expect(await tokens.get("a", mint, NEVER)).toBe("token-1");
    clock.advance(2_000);
    expect(await tokens.get("a", mint, NEVER)).toBe("token-2");
  });

  test("that an upstream has refused are not shown again; one that came meanwhile stays", async () => {
    const tokens = new Tokens(new TestClock());
    const { mint } = mintOf();
    await tokens.get("a", mint, NEVER);
    tokens.forget("a", "token-1");
    expect(await tokens.get("a", mint, NEVER)).toBe("token-2");
    tokens.forget("a", "token-1");
    expect(await tokens.get("a", mint, NEVER)).toBe("token-2");
  });

  test("that were refused are not asked for with every call", async () => {
    const clock = new TestClock();
    const tokens = new Tokens(clock);
    const { state, mint } = mintOf();
    state.fails = true;
    for (let i = 0; i < 5; i++) await expect(tokens.get("a", mint, NEVER)).rejects.toThrow("no");
    expect(state.minted).toBe(1);
    clock.advance(2_001);
    state.fails = false;
    expect(await tokens.get("a", mint, NEVER)).toBe("token-2");
  });

  test("a caller who leaves waits no longer, and takes the token from nobody", async () => {
    const tokens = new Tokens(new TestClock());
    const later = Promise.withResolvers<Minted>();
    const controller = new AbortController();
    const left = tokens.get("a", () => later.promise, controller.signal);
    const stays = tokens.get("a", () => later.promise, NEVER);
    controller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    later.resolve({ token: "t", expiresInSeconds: 3_600 });
    expect(await stays).toBe("t");
  });
});
