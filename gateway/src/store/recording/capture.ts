import { type DeleteQueryNode, ReturningNode, SelectionNode, TableNode, type UpdateQueryNode } from "kysely";
import type { OperationNode, RootOperationNode } from "kysely";
import { build, type Write } from "../write.ts";
import type { RecordedTable } from "./told.ts";
import { isRecorded, type RowEffect, rowId, type StoredRow } from "./recorded.ts";

/** Rows of recorded tables that one commit may touch: more is to be done in steps. */
export const EFFECTS_MAX = 10_000;

/** What a commit does on top, once its statements have run and before they are kept. Pure. */
export type Conclude = (effects: readonly RowEffect[]) => readonly Write[];

/** A statement made to tell what it does to the rows of a recorded table. */
export interface Captured {
  readonly table: RecordedTable;
  readonly verb: "insert" | "update" | "delete";
  /** To be run first: the rows as they are before an update. */
  readonly former: RootOperationNode | undefined;
  /** The statement; it gives the rows as it leaves them, or as they were when it deletes them. */
  readonly statement: RootOperationNode;
}

const ALL_COLUMNS = ReturningNode.create([SelectionNode.createSelectAll()]);

/**
 * The capturing form of a write; undefined when its table is not on record. `lock`: rows that are read before an
 * update are locked until the commit, where other commits can run at the same time.
 */
export function capture(write: Write, lock: boolean): Captured | undefined {
  const node = write.statement.toOperationNode();
  switch (node.kind) {
    case "InsertQueryNode":
      return captured(node.into, "insert", undefined, { ...node, returning: ALL_COLUMNS });
    case "UpdateQueryNode":
      return captured(node.table, "update", formerOf(node, node.table, lock), {
        ...node,
        returning: ALL_COLUMNS,
      });
    case "DeleteQueryNode":
      return captured(tableOf(node), "delete", undefined, { ...node, returning: ALL_COLUMNS });
    default:
      return undefined;
  }
}

function captured(
  target: OperationNode | undefined,
  verb: Captured["verb"],
  former: RootOperationNode | undefined,
  statement: RootOperationNode,
): Captured | undefined {
  const table = nameOf(target);
  return table !== undefined && isRecorded(table) ? { table, verb, former, statement } : undefined;
}

function tableOf({ from }: DeleteQueryNode): OperationNode | undefined {
  return from.froms[0];
}

function nameOf(target: OperationNode | undefined): string | undefined {
  return target && TableNode.is(target) ? target.table.identifier.name : undefined;
}

function formerOf(
  { where }: UpdateQueryNode,
  target: OperationNode | undefined,
  lock: boolean,
): RootOperationNode | undefined {
  const table = nameOf(target);
  if (table === undefined || !isRecorded(table)) return undefined;
  const all = build.selectFrom(table).selectAll();
  return { ...(lock ? all.forUpdate() : all).toOperationNode(), ...(where && { where }) };
}

/** What a captured statement did, from the rows it gave. */
export function effectsOf(
  { table, verb }: Captured,
  former: readonly StoredRow[],
  rows: readonly StoredRow[],
): RowEffect[] {
  switch (verb) {
    case "insert":
      return rows.map((after) => ({ table, after }));
    case "delete":
      return rows.map((before) => ({ table, before }));
    case "update": {
      const formerById = new Map(former.map((row) => [rowId(table, row), row]));
      return rows.map((after) => {
        const before = formerById.get(rowId(table, after));
        return { table, after, ...(before && { before }) };
      });
    }
  }
}

/** Throws when a commit touches more rows than it can keep in memory. */
export function checkEffects(effects: readonly RowEffect[]): void {
  if (effects.length > EFFECTS_MAX)
    throw new Error(`a commit touches more than ${EFFECTS_MAX} recorded rows`);
}
