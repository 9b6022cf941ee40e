import { test } from "bun:test";
import { BREAKS } from "./catalogue/connections.ts";
import { describeFaults } from "./prove.ts";

describeFaults(BREAKS, (suite) => {
  test("begins in quiet", suite.begin);
  test.concurrent.each(suite.cases)("$title", suite.prove);
  test("ends with nothing left behind", suite.end);
});
