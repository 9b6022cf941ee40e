import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isId } from "../../base/ids.ts";
import { openForWriting, type SqliteConnection } from "../../store/sqlite/connection.ts";
import { Checkpointer } from "../../store/sqlite/checkpointer.ts";
import { holdFile } from "../../store/sqlite/hold.ts";
import { SqliteWriter } from "../../store/sqlite/writer.ts";
import { IntentLog } from "../intent-log.ts";
import { isWhereMade, noteBirthplace } from "./birthplace.ts";

/** Inside the data folder. */
const JOURNALS = "journals";
const FILE = /^(node_[0-9A-Z]{26})\.db$/;
/** Beside a journal with which all is done: the number of its last row, and when the store had taken that. */
const DONE = /^(node_[0-9A-Z]{26})\.done-(\d{1,18})-(\d{1,15})$/;

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
  /** Notes beside it that the store has its last row since an instant: nobody needs to open it to learn that. */
  markDone(seq: bigint, at: number): void;
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
    makeTables(connection, nodeId);
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
      markDone: (seq, at) => writeFileSync(join(folder, `${nodeId}.done-${seq}-${at}`), ""),
      async close() {
        await end();
        hold.release();
      },
      async remove() {
        await end();
        removeFiles(folder, nodeId);
        hold.remove();
      },
    };
  } catch (error) {
    hold.release();
    throw error;
  }
}

function makeTables(connection: SqliteConnection, nodeId: string): void {
  const form = connection.statement("pragma user_version").all([])[0]?.["user_version"];
  if (typeof form === "bigint" && form > FORM) {
    connection.close();
    throw new JournalTooNew(nodeId);
  }
  for (const table of TABLES) connection.run(table);
  connection.run(`pragma user_version = ${FORM}`);
}

/** A journal in the data folder. */
export interface LeftJournal {
  readonly nodeId: string;
  /** Where all is done with it: the number of its last row, and when the store had taken that (epoch milliseconds). */
  readonly done?: { readonly seq: bigint; readonly at: number };
}

/** The journals that nodes have left in the data folder, the oldest first; held ones included. */
export function journalsIn(folder: string): readonly LeftJournal[] {
  const names = namesIn(join(folder, JOURNALS));
  const done = new Map<string, LeftJournal["done"]>();
  for (const name of names) {
    const [, nodeId, seq, at] = DONE.exec(name) ?? [];
    if (nodeId !== undefined && seq !== undefined) done.set(nodeId, { seq: BigInt(seq), at: Number(at) });
  }
  const ids = names.flatMap((name) => FILE.exec(name)?.[1] ?? []).toSorted();
  return ids.map((nodeId) => {
    const of = done.get(nodeId);
    return { nodeId, ...(of && { done: of }) };
  });
}

/** Takes a journal away that nobody has hold of, without opening it. */
export function removeJournal(folder: string, nodeId: string): void {
  const hold = holdFile(join(folder, JOURNALS, `${nodeId}.lock`), "alone");
  if (hold === undefined) return;
  removeFiles(join(folder, JOURNALS), nodeId);
  hold.remove();
}

/** Of a journal, but for its lock. */
function removeFiles(journals: string, nodeId: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(join(journals, `${nodeId}.db${suffix}`), { force: true });
  for (const name of namesIn(journals)) {
    if (name.startsWith(`${nodeId}.done-`)) rmSync(join(journals, name), { force: true });
  }
}

function namesIn(journals: string): readonly string[] {
  try {
    return readdirSync(journals);
  } catch {
    // No node has run here yet.
    return [];
  }
}
