import { test } from "bun:test";
import { SPELLINGS } from "./catalogue/answers.ts";
import { describeFaults } from "./prove.ts";

// One after the other: the largest would starve one another.
describeFaults(SPELLINGS, (suite) => {
  test("begins in quiet", suite.begin);
  test.each(suite.cases)("$title", suite.prove);
  test("ends with nothing left behind", suite.end);
});
