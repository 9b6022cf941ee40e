import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isId } from "../../base/ids.ts";
import { openForWriting } from "../../store/sqlite/connection.ts";
import { Checkpointer } from "../../store/sqlite/checkpointer.ts";
import { holdFile } from "../../store/sqlite/hold.ts";
import { SqliteWriter } from "../../store/sqlite/writer.ts";
import { IntentLog } from "../intent-log.ts";
import { isWhereMade, noteBirthplace } from "./birthplace.ts";

/** Inside the data folder. */
const JOURNALS = "journals";
const FILE = /^(node_[0-9A-Z]{26})\.db$/;

/** The form of the tables below; a later form gets the next number. */
const FORM = 1n;
export const TABLES = [
  "create table if not exists checkpoints (node_id text primary key not null, at integer not null, body text not null) strict, without rowid",
  // Numbers are never used again: the store asks for what came after one.
  "create table if not exists settlements (seq integer primary key autoincrement, request_id text not null unique, at integer not null, body text not null) strict",
  "create table if not exists facts (name text primary key not null, value integer not null) strict, without rowid",
];

/** A journal in the data folder that this process has hold of. */
export interface JournalFile {
  readonly nodeId: string;
  readonly writer: SqliteWriter;
  /** Whether its lock, which was free, says that the process which made it has ended. */
  readonly isWhereMade: boolean;
  /** Beside it; closed with the journal that uses it. */
  readonly intents: IntentLog;
  /** Syncs what is committed, closes and lets go. */
  close(): Promise<void>;
  /** Closes, and takes the file away. */
  remove(): Promise<void>;
}

/** What a process needs to open journals. */
export interface JournalFiles {
  /** The data folder. */
  readonly folder: string;
  /** The address of `workers/checkpointer.ts`. */
  readonly checkpointer: string;
  /** Hears of syncs and checkpoints that failed. */
  readonly onFailure: (message: string) => void;
  /** Whether what is written is relied on only once it is on the disk. */
  readonly isStrict?: boolean;
}

/** A journal was written by a newer release. */
export class JournalTooNew extends Error {
  constructor(nodeId: string) {
    super(`the journal ${nodeId} was left by a newer release: start that release to settle what it holds`);
    this.name = "JournalTooNew";
  }
}

/**
 * Opens the journal of that node, made if need be. Undefined when another process has hold of it. Throws
 * JournalTooNew, and what SQLite throws when the file cannot be had.
 */
export function openJournalFile(nodeId: string, files: JournalFiles): JournalFile | undefined {
  if (!isId("node", nodeId)) throw new Error(`${nodeId} is not the id of a node`);
  const folder = join(files.folder, JOURNALS);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${nodeId}.db`);
  const isNew = !existsSync(path);
  const hold = holdFile(join(folder, `${nodeId}.lock`), "alone");
  if (hold === undefined) return undefined;
  try {
    const connection = openForWriting(path);
    const form = connection.statement("pragma user_version").all([])[0]?.["user_version"];
    if (typeof form === "bigint" && form > FORM) {
      connection.close();
      throw new JournalTooNew(nodeId);
    }
    for (const table of TABLES) connection.run(table);
    connection.run(`pragma user_version = ${FORM}`);
    if (isNew) noteBirthplace(connection, path);
    const checkpointer = new Checkpointer(files.checkpointer, path, files.onFailure, files.isStrict);
    const writer = new SqliteWriter(connection, checkpointer);
    const intents = new IntentLog({
      base: `${path}-intents`,
      guard: () => writer.check(),
      isStrict: files.isStrict ?? false,
      onFailure: (error) => files.onFailure(`the log of intents was not synced: ${String(error)}`),
    });
    const end = async (): Promise<void> => {
      await checkpointer.stop();
      writer.close();
    };
    return {
      nodeId,
      writer,
      isWhereMade: isWhereMade(connection, path),
      intents,
      async close() {
        await end();
        hold.release();
      },
      async remove() {
        await end();
        for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
        hold.remove();
      },
    };
  } catch (error) {
    hold.release();
    throw error;
  }
}

/** The nodes that have left a journal in the data folder, the oldest first; held ones included. */
export function journalsIn(folder: string): readonly string[] {
  let names: string[];
  try {
    names = readdirSync(join(folder, JOURNALS));
  } catch {
    // No node has run here yet.
    return [];
  }
  return names.flatMap((name) => FILE.exec(name)?.[1] ?? []).toSorted();
}
