import { test } from "bun:test";
import { BODIES } from "./catalogue/answers.ts";
import { describeFaults } from "./prove.ts";

describeFaults(BODIES, (suite) => {
  test("begins in quiet", suite.begin);
  test.concurrent.each(suite.cases)("$title", suite.prove);
  test("ends with nothing left behind", suite.end);
});
