import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Compilable,
  type CompiledQuery,
  type RootOperationNode,
} from "kysely";
import { type ConflictKind, type EngineFailure, StoreUnavailable, WriteConflict } from "./errors.ts";
import type { Schema } from "./schema.ts";

/** The kinds of thing the change log speaks of. */
export const ENTITY_KINDS = [
  "partner",
  "tenant",
  "user",
  "api_key",
  "provider",
  "backend",
  "model",
  "routing_policy",
  "price_version",
  "price_entry",
  "setting",
  "session",
  "password",
  "claim",
  "invitation",
  "custom_role",
  "group",
  "role_mapping",
  "model_group",
  "model_access",
  "budget",
  "backend_grant",
] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

/** What a statement can be about; records are not part of the change log. */
export type Subject =
  | EntityKind
  | "token_ratio"
  | "change"
  | "usage"
  | "request"
  | "audit"
  | "event"
  | "budget_window"
  | "idempotency_key"
  | "node"
  | "quarantined_row"
  | "adjustment"
  | "ledger"
  | "traffic";

/** A built statement, not yet worded for an engine. */
export interface Statement extends Compilable {
  toOperationNode(): RootOperationNode;
}

/** One statement of a commit. */
export interface Write {
  readonly statement: Statement;
  readonly about: Subject;
  /** How many rows it must change; any number when absent. */
  readonly expectRows?: number;
  /** What it means when that number is not met; `missing` when absent. */
  readonly otherwise?: ConflictKind;
  /** The statement appends to the change log, whose order must be the order of commits. */
  readonly logsChange?: true;
}

/**
 * Builds statements and runs none: writers use it to stay pure. The store that commits them words them for its
 * own engine, so the dialect named here never shows.
 */
export const build = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** Throws WriteConflict when a statement changed another number of rows than it had to. */
export function checkRows(write: Write, changed: bigint): void {
  if (write.expectRows !== undefined && changed !== BigInt(write.expectRows)) {
    throw new WriteConflict(write.otherwise ?? "missing", write.about);
  }
}

/** What a failed statement of a commit is to be reported as: WriteConflict, StoreUnavailable, or the error itself. */
export function commitError(
  error: unknown,
  failure: EngineFailure,
  write: Write,
  compiled: CompiledQuery,
): unknown {
  switch (failure.kind) {
    case "unique":
      return new WriteConflict("taken", write.about, failure.constraint);
    case "foreign_key":
      // Neither engine says which side is at fault; the verb does.
      return new WriteConflict(
        compiled.query.kind === "DeleteQueryNode" ? "in_use" : "missing_parent",
        write.about,
      );
    case "unavailable":
      return new StoreUnavailable(failure.reason, error);
    case "other":
      return error;
  }
}
