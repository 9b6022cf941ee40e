import type { Settlement } from "../../core/accounting.ts";
import { build, type Write } from "../write.ts";
import { usageRow } from "./record.ts";

/** The first settlement of a request counts; a second one changes nothing. */
export function insertUsage(settlement: Settlement): Write {
  return {
    statement: build
      .insertInto("usage")
      .values(usageRow(settlement))
      .onConflict((conflict) => conflict.column("id").doNothing()),
    about: "usage",
  };
}
