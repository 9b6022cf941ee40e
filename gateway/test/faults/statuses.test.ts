import { test } from "bun:test";
import { STATUS } from "./catalogue/statuses.ts";
import { describeFaults } from "./prove.ts";

describeFaults(STATUS, (suite) => {
  test("begins in quiet", suite.begin);
  test.concurrent.each(suite.cases)("$title", suite.prove);
  test("ends with nothing left behind", suite.end);
});
