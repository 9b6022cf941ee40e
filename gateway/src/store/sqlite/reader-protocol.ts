import type { SqliteRow, SqliteValue } from "./connection.ts";

/** What a reader thread is started with. */
export interface ReaderStart {
  readonly kind: "open";
  readonly path: string;
}

/** One query for it; the next is sent when this one is answered. */
export interface ReaderQuery {
  readonly kind: "query";
  readonly sql: string;
  readonly parameters: readonly SqliteValue[];
  readonly maxRows: number;
}

export interface ReaderStop {
  readonly kind: "stop";
}

export type ReaderMessage = ReaderStart | ReaderQuery | ReaderStop;

/** Its answer. Errors travel as text: their classes do not survive the way between threads. */
export type ReaderReply =
  | { readonly kind: "ready" }
  | { readonly kind: "rows"; readonly rows: readonly SqliteRow[] }
  | { readonly kind: "too_many_rows" }
  | { readonly kind: "failed"; readonly unavailable: boolean; readonly message: string };
