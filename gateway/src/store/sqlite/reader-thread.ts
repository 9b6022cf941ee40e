import { openForReading, type SqliteConnection, type SqliteRow } from "./connection.ts";
import { foldSqliteError } from "./fold-error.ts";
import type { ReaderMessage, ReaderQuery, ReaderReply } from "./reader-protocol.ts";

/** The side of a worker that its own code sees. */
export interface ThreadPort {
  postMessage(reply: ReaderReply): void;
  /** Ends the thread. */
  exit(): void;
}

function run(connection: SqliteConnection, query: ReaderQuery): ReaderReply {
  const rows: SqliteRow[] = [];
  for (const row of connection.statement(query.sql).iterate(query.parameters)) {
    if (rows.length === query.maxRows) return { kind: "too_many_rows" };
    rows.push(row);
  }
  return { kind: "rows", rows };
}

function failed(error: unknown): ReaderReply {
  const failure = foldSqliteError(error);
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "failed", unavailable: failure.kind === "unavailable", message };
}

/** What a reader thread does with each message: its connection cannot write, whatever the SQL says. */
export function readerThread(port: ThreadPort): (message: ReaderMessage) => void {
  let connection: SqliteConnection | undefined;
  const handle = (message: ReaderMessage): ReaderReply | undefined => {
    switch (message.kind) {
      case "open":
        connection = openForReading(message.path);
        return { kind: "ready" };
      case "query":
        if (connection === undefined) throw new Error("a query before the database was opened");
        return run(connection, message);
      case "stop":
        connection?.close();
        port.exit();
        return undefined;
    }
  };
  return (message) => {
    let reply: ReaderReply | undefined;
    try {
      reply = handle(message);
    } catch (error) {
      reply = failed(error);
    }
    if (reply !== undefined) port.postMessage(reply);
  };
}
