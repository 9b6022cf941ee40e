import { test } from "bun:test";
import { SPELLINGS } from "./catalogue/answers.ts";
import { describeFaults } from "./prove.ts";

describeFaults(SPELLINGS, (suite) => {
  test("begins in quiet", suite.begin);
  test.concurrent.each(suite.cases)("$title", suite.prove);
  test("ends with nothing left behind", suite.end);
});
