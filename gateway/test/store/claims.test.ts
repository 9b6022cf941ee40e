import { expect, test } from "bun:test";
import { isClaimOpen } from "../../src/store/sign-in/reader.ts";
import { openClaim } from "../../src/store/sign-in/writer.ts";
import { describeEngines, rejection } from "./engines.ts";
import { AT } from "./samples.ts";

const MINUTE_MS = 60_000;

describeEngines("claim links", (engine) => {
  test("of nodes that start at once one opens a link, and that one works", async () => {
    const store = await engine.open();
    for (let round = 1; round <= 10; round++) {
      const now = AT + round * 2 * MINUTE_MS;
      const hashes = Array.from({ length: 4 }, (_, node) => `${round} ${node}`);
      const opened = await Promise.allSettled(
        hashes.map((hash) => store.commit(openClaim(hash, now + MINUTE_MS, now, now - MINUTE_MS))),
      );
      const working = await Promise.all(hashes.map((hash) => isClaimOpen(store.read, hash, now)));
      expect(working).toEqual(opened.map(({ status }) => status === "fulfilled"));
      expect(working.filter(Boolean)).toHaveLength(1);
    }
    await store.close();
  });

  test("one that is asked for takes the place of every other; one of a start leaves a new one alone", async () => {
    const store = await engine.open();
    await store.commit(openClaim("first", AT + MINUTE_MS, AT, AT));
    await store.commit(openClaim("asked for", AT + MINUTE_MS, AT + 1));
    expect(await isClaimOpen(store.read, "first", AT)).toBe(false);
    const late = store.commit(openClaim("late", AT + MINUTE_MS, AT + 2, AT));
    expect(await rejection(late)).toMatchObject({ name: "WriteConflict", kind: "taken" });
    expect(await isClaimOpen(store.read, "asked for", AT)).toBe(true);
    await store.close();
  });
});
