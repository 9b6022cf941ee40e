import { expect, test } from "bun:test";
import { Rounds } from "../../src/base/rounds.ts";

/** Rounds whose work ends when the test says so. */
function gated() {
  const running: PromiseWithResolvers<void>[] = [];
  let atOnce = 0;
  let most = 0;
  const rounds = new Rounds(async () => {
    most = Math.max(most, ++atOnce);
    const round = Promise.withResolvers<void>();
    running.push(round);
    try {
      await round.promise;
    } finally {
      atOnce--;
    }
  });
  return { rounds, running, most: () => most };
}

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

test("whoever asks during a round gets one that begins after the question, all of them the same", async () => {
  const { rounds, running, most } = gated();
  const first = rounds.run();
  const later = Array.from({ length: 50 }, () => rounds.run());
  expect(running).toHaveLength(1);
  running[0]?.resolve();
  await first;
  await turn();
  expect(running).toHaveLength(2);
  // Asked during the second: not content with it.
  const third = rounds.run();
  running[1]?.resolve();
  await Promise.all(later);
  await turn();
  expect(running).toHaveLength(3);
  running[2]?.resolve();
  await third;
  expect([running.length, most()]).toEqual([3, 1]);
});

test("a round that fails fails those who waited for it, and not the next", async () => {
  const { rounds, running, most } = gated();
  const failing = rounds.run();
  const next = rounds.run();
  running[0]?.reject(new Error("away"));
  expect(failing).rejects.toThrow("away");
  await turn();
  running[1]?.resolve();
  await next;
  const afterwards = rounds.run();
  running[2]?.resolve();
  await afterwards;
  expect(most()).toBe(1);
});
