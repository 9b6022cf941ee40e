import { expect, test } from "bun:test";
import { lastChange } from "../../src/store/changes/reader.ts";
import { changed, unchangedSince } from "../../src/store/changes/writer.ts";
import { describeEngines, rejection } from "./engines.ts";
import { AT } from "./samples.ts";

describeEngines("a change to what was read", (engine) => {
  test("is refused as stale once somebody else has changed the same object, and not another", async () => {
    const store = await engine.open();
    const read = await lastChange(store.read);
    await store.commit([changed("user", "user_other", AT)]);
    await store.commit([unchangedSince("user", "user_mine", read, AT), changed("user", "user_mine", AT)]);
    const late = store.commit([unchangedSince("user", "user_mine", read, AT)]);
    expect(await rejection(late)).toMatchObject({ name: "WriteConflict", kind: "stale" });
    await store.commit([unchangedSince("user", "user_mine", await lastChange(store.read), AT)]);
    await store.close();
  });

  test("of many at once that were made to the same state one is kept", async () => {
    const store = await engine.open();
    const read = await lastChange(store.read);
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => store.commit([unchangedSince("user", "user_mine", read, AT)])),
    );
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await store.close();
  });
});
