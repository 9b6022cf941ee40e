import { expect, test } from "bun:test";
import { isOfInterest } from "../../src/cli/groups/nodes.ts";

const NOW = Date.parse("2026-11-30T12:00:00Z");
const ENDED = {
  status: "ended",
  ended_at: "2026-11-30T10:59:59Z",
  holds: 0,
  quarantined: 0,
};

test.each([
  ["one that ended over an hour ago", {}, false],
  ["ended within the hour", { ended_at: "2026-11-30T11:00:01Z" }, true],
  ["ended long ago, and something of it is set aside", { quarantined: 1 }, true],
  ["ended long ago, and something of it is held", { holds: 1 }, true],
  ["lost", { status: "lost", ended_at: undefined }, true],
  ["retired", { status: "retired" }, true],
  ["alive", { status: "alive", ended_at: undefined }, true],
])("of nodes, one that is %s is shown without --all or not", (_words, fields, isShown) => {
  expect(isOfInterest({ ...ENDED, ...fields }, NOW)).toBe(isShown);
});
