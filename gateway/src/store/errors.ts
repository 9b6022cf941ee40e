/** The store cannot be reached, read or written now (outage, lock, full disk, deadline). Nothing was changed. */
export class StoreUnavailable extends Error {
  constructor(reason: string, cause?: unknown) {
    super(`the store is unavailable: ${reason}`, { cause });
    this.name = "StoreUnavailable";
  }
}

/**
 * - `taken`: a value that must be unique is in use; `constraint` says which
 * - `in_use`: what was to be deleted is still referred to
 * - `missing_parent`: what the row refers to does not exist
 * - `missing`: the row to be changed does not exist (or is out of the caller's scope)
 * - `stale`: the row is no longer in the state the change was made for
 */
export type ConflictKind = "taken" | "in_use" | "missing_parent" | "missing" | "stale";

/** A commit that does not fit what is stored. All of it was rolled back. */
export class WriteConflict extends Error {
  readonly kind: ConflictKind;
  /** The kind of thing the failing statement is about. */
  readonly about: string;
  /** `table.column,column` of the unique constraint, when `kind` is `taken`. */
  readonly constraint: string | undefined;

  constructor(kind: ConflictKind, about: string, constraint?: string) {
    super(`${about}: ${kind}${constraint === undefined ? "" : ` (${constraint})`}`);
    this.name = "WriteConflict";
    this.kind = kind;
    this.about = about;
    this.constraint = constraint;
  }
}

/** The database was written by a newer program. */
export class SchemaTooNew extends Error {
  constructor(found: number, known: number) {
    super(
      `the database has schema version ${found}, this program knows ${known}: ` +
        "start a release at least as new as the one that wrote it, or restore a backup made before the upgrade",
    );
    this.name = "SchemaTooNew";
  }
}

/** A query gave more rows than one answer may hold; it must be paged. */
export class TooManyRows extends Error {
  constructor(maxRows: number) {
    super(`a query returned more than ${maxRows} rows`);
    this.name = "TooManyRows";
  }
}

/** What an engine's error means, folded into one vocabulary. `other` is a bug and is passed on as it is. */
export type EngineFailure =
  | { readonly kind: "unique"; readonly constraint: string }
  | { readonly kind: "foreign_key" }
  | { readonly kind: "unavailable"; readonly reason: string }
  | { readonly kind: "other" };

/** A text field of an error object of unknown make. */
export function errorField(error: unknown, field: string): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const value: unknown = Reflect.get(error, field);
  return typeof value === "string" ? value : undefined;
}
