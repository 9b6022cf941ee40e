import { lowestIdAt } from "../../base/ids.ts";
import type { RequestTrace } from "../../core/trace.ts";
import { build, type Write } from "../write.ts";
import { traceRow } from "./row.ts";

/** The first trace of a request stays. */
export function insertTrace(trace: RequestTrace): Write {
  return {
    statement: build
      .insertInto("requests")
      .values(traceRow(trace))
      .onConflict((conflict) => conflict.column("request_id").doNothing()),
    about: "request",
  };
}

/** Retention: at most `limit` of the traces made before that instant, oldest first. Ids sort by time. */
export function deleteTracesBefore(instantMs: number, limit: number): Write {
  const doomed = build
    .selectFrom("requests")
    .select("request_id")
    .where("request_id", "<", lowestIdAt("req", instantMs))
    .orderBy("request_id")
    .limit(limit);
  return { statement: build.deleteFrom("requests").where("request_id", "in", doomed), about: "request" };
}
