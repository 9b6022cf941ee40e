import { test } from "bun:test";
import { ENDINGS } from "./catalogue/answers.ts";
import { describeFaults } from "./prove.ts";

describeFaults(ENDINGS, (suite) => {
  test("begins in quiet", suite.begin);
  test.concurrent.each(suite.cases)("$title", suite.prove);
  test("ends with nothing left behind", suite.end);
});
