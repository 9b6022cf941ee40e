import { expect, test } from "bun:test";
import { inOrder, moved } from "../../src/features/routing/draft.ts";
import type { Target } from "../../src/features/routing/draft.ts";

function target(id: string, priority: number, weight = 100): Target {
  return { backend_id: id, priority, weight, enabled: true };
}

/** `id:priority`, in order. */
function shown(targets: readonly Target[]): readonly string[] {
  return targets.map(({ backend_id: id, priority }) => `${id}:${priority}`);
}

const THREE = [target("a", 1), target("b", 1), target("c", 2)];

test.each([
  [2, 1, ["a:1", "c:1", "b:2"]],
  [0, 2, ["b:1", "c:1", "a:2"]],
  [0, 1, ["b:1", "a:1", "c:2"]],
  [0, 3, ["a:1", "b:1", "c:2"]],
  [5, 0, ["a:1", "b:1", "c:2"]],
])("a backend moved from %i to %i takes over the priority of its place", (from, to, expected) => {
  expect(shown(moved(THREE, from, to))).toEqual(expected);
});

test("what else a backend is given moves with it", () => {
  expect(moved([target("a", 1, 80), target("b", 2, 20)], 0, 1)).toEqual([
    target("b", 1, 20),
    target("a", 2, 80),
  ]);
});

test("backends are listed by priority, those of one as they were", () => {
  expect(shown(inOrder([target("c", 3), target("a", 1), target("b", 1)]))).toEqual(["a:1", "b:1", "c:3"]);
});
