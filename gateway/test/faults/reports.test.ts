import { test } from "bun:test";
import { REPORTS } from "./catalogue/reports.ts";
import { describeFaults } from "./prove.ts";

describeFaults(REPORTS, (suite) => {
  test("begins in quiet", suite.begin);
  test.concurrent.each(suite.cases)("$title", suite.prove);
  test("ends with nothing left behind", suite.end);
});
