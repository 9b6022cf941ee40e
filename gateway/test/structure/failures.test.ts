import { expect, test } from "bun:test";
import { FailureReader, tellFailures } from "../../../scripts/testing/failures.ts";

const SAID = `
gateway/test/a.test.ts:
(pass) a > holds [0.20ms]
3 | expect(1).toBe(2);
error: expect(received).toBe(expected)
(fail) a > does not hold [0.30ms]

gateway/test/b.test.ts:
something a test printed
(pass) b [0.10ms]

gateway/test/c.test.ts:

# Unhandled error between tests
-------------------------------
error: Cannot find module './none.ts'

2 tests failed:
(fail) a > does not hold [0.30ms]

 2 pass
 2 fail
`;

test("each failure is told with its file and what was said of it, whatever pieces it came in", () => {
  for (const size of [1, 7, SAID.length]) {
    const reader = new FailureReader();
    for (let at = 0; at < SAID.length; at += size) reader.push(SAID.slice(at, at + size));
    expect(reader.count).toBe(2);
    expect(reader.failures.map(({ file }) => file)).toEqual([
      "gateway/test/a.test.ts",
      "gateway/test/c.test.ts",
    ]);
    expect(tellFailures(reader.failures)).toStartWith(
      "gateway/test/a.test.ts:\n3 | expect(1).toBe(2);\nerror: expect(received).toBe(expected)\n(fail) a > does not hold",
    );
  }
});

test("of very many failures the first are told, and all are counted", () => {
  const reader = new FailureReader();
  reader.push("x.test.ts:\n" + "(fail) again [1.00ms]\n".repeat(100));
  expect(reader.count).toBe(100);
  expect(reader.failures).toHaveLength(20);
});
