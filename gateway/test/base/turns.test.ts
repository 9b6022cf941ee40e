import { describe, expect, test } from "bun:test";
import { Turns } from "../../src/base/turns.ts";

class Full extends Error {}

/** Turns and works that end when they are told to. */
function set(atOnce: number, waitingMax: number) {
  const turns = new Turns({ atOnce, waitingMax, full: () => new Full() });
  const begun: number[] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  const take = (n: number): Promise<number> => {
    const end = Promise.withResolvers<void>();
    ends[n] = end;
    return turns.take(async () => {
      begun.push(n);
      await end.promise;
      return n;
    });
  };
  return {
    begun,
    take,
    end: (n: number) => ends[n]?.resolve(),
    fail: (n: number) => ends[n]?.reject(new Error(`${n}`)),
  };
}

describe("turns", () => {
  test("let as many go on as they may, and the others in the order they came", async () => {
    const { begun, take, end } = set(2, 10);
    const works = [0, 1, 2, 3].map(take);
    expect(begun).toEqual([0, 1]);
    end(1);
    expect(await works[1]).toBe(1);
    expect(begun).toEqual([0, 1, 2]);
    end(0);
    await works[0];
    expect(begun).toEqual([0, 1, 2, 3]);
    end(2);
    end(3);
    expect(await Promise.all(works)).toEqual([0, 1, 2, 3]);
  });

  test("refuse who would wait behind too many, and take the next once there is room", async () => {
    const { begun, take, end } = set(1, 1);
    const first = take(0);
    const second = take(1);
    await expect(take(2)).rejects.toBeInstanceOf(Full);
    end(0);
    await first;
    const third = take(3);
    end(1);
    await second;
    end(3);
    await third;
    expect(begun).toEqual([0, 1, 3]);
  });

  test("are passed on by a work that fails", async () => {
    const { begun, take, end, fail } = set(1, 1);
    const first = take(0);
    const second = take(1);
    fail(0);
    await expect(first).rejects.toThrow("0");
    end(1);
    expect(await second).toBe(1);
    const third = take(2);
    end(2);
    expect(await third).toBe(2);
    expect(begun).toEqual([0, 1, 2]);
  });
});
