import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { WriteConflict } from "../../store/errors.ts";
import { listAside, type StoredAside } from "../../store/nodes/reader.ts";
import { absorbAside, type AsideRow, bookAside } from "../../store/nodes/writer.ts";
import { isDataError } from "../../store/postgres/fold-error.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, pageQuery, timestamp } from "../fields.ts";
import { decodeCursor, encodeCursor } from "../paging.ts";
import { committed } from "../refusals.ts";

/** A node, and the number of a row in its journal. */
const ROW_ID = /^(node_[0-9A-Z]{26})-(\d{1,18})$/;

const asideView = z
  .strictObject({
    id: z.string().describe("The node, and the number of the row in its journal."),
    node_id: z.string(),
    request_id: z
      .string()
      .optional()
      .describe("Whose settlement it is. What it holds in budgets stays held."),
    reason: z.string().describe("What the store finds wrong with it."),
    at: timestamp,
  })
  .meta({ id: "QuarantinedRow" });

const decision = z
  .strictObject({ id: z.string(), decision: z.enum(["booked", "absorbed"]) })
  .meta({ id: "QuarantineDecision" });

export const listQuarantine = adminEndpoint({
  method: "GET",
  path: "/v1/nodes/quarantine",
  access: "platform:manage",
  tag: "System",
  operationId: "listQuarantine",
  summary: "Settlements that the store would not take, and on which nobody has decided",
  costBearing: false,
  query: z.strictObject(pageQuery),
  response: asideView,
  list: true,
  async handle({ query: { cursor, limit } }, { read }) {
    const after = cursor === undefined ? undefined : parseRow(decodeCursor(cursor, ROW_ID));
    const rows = await listAside(read, limit + 1, after);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    const page = { items: shown.map(viewAside), ...(last && { nextCursor: encodeCursor(idOf(last)) }) };
    return { kind: "page", page };
  },
});

const params = z.strictObject({ row_id: z.string() });
const about = {
  method: "POST",
  access: "platform:manage",
  tag: "System",
  errors: ["CONFLICT"],
  costBearing: false,
  params,
  response: decision,
} as const;

export const retryQuarantined = adminEndpoint({
  ...about,
  path: "/v1/nodes/quarantine/{row_id}/retry",
  operationId: "retryQuarantinedRow",
  summary: "Book a settlement that was set aside, once what stood in its way is mended",
  auditAction: "quarantine.retry",
  async handle(call, deps) {
    const row = rowOf(call.params.row_id);
    try {
      await committed(deps.commit(bookAside(row)), { stale: "NOT_FOUND" });
    } catch (error) {
      const isStillWrong = isDataError(error) || error instanceof WriteConflict;
      if (!isStillWrong) throw error;
      throw new ApiError("CONFLICT", "The store still refuses this row.", {
        hint: "`GET /v1/nodes/quarantine` says why. Where it cannot be mended, absorb it.",
      });
    }
    return { kind: "data", data: { id: call.params.row_id, decision: "booked" as const } };
  },
});

export const absorbQuarantined = adminEndpoint({
  ...about,
  path: "/v1/nodes/quarantine/{row_id}/absorb",
  operationId: "absorbQuarantinedRow",
  summary: "Charge nobody for a settlement that was set aside, book it as absorbed, and free what it holds",
  auditAction: "quarantine.absorb",
  async handle(call, deps) {
    await committed(deps.commit(absorbAside(rowOf(call.params.row_id))), { stale: "NOT_FOUND" });
    return { kind: "data", data: { id: call.params.row_id, decision: "absorbed" as const } };
  },
});

function parseRow(id: string): AsideRow | undefined {
  const [, nodeId, seq] = ROW_ID.exec(id) ?? [];
  return nodeId === undefined || seq === undefined ? undefined : { nodeId, seq: BigInt(seq) };
}

function rowOf(id: string): AsideRow {
  const row = parseRow(id);
  if (row === undefined) throw new ApiError("NOT_FOUND");
  return row;
}

function idOf({ nodeId, seq }: AsideRow): string {
  return `${nodeId}-${seq}`;
}

function viewAside(row: StoredAside): z.infer<typeof asideView> {
  return {
    id: idOf(row),
    node_id: row.nodeId,
    ...(row.requestId !== undefined && { request_id: row.requestId }),
    reason: row.reason,
    at: isoTime(row.at),
  };
}
