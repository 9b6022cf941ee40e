import { afterAll, describe } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQL } from "bun";
import { systemClock } from "../../src/base/clock.ts";
import type { DatabaseAddress } from "../../src/core/database-address.ts";
import type { Books } from "../../src/store/ledger/books.ts";
import { PostgresBooks } from "../../src/store/ledger/postgres-books.ts";
import { SqliteBooks } from "../../src/store/ledger/sqlite-books.ts";
import { openPostgresStore, type PostgresStore } from "../../src/store/postgres/open.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { describePart } from "../parts.ts";
import { WORKERS } from "./worker-files.ts";

/** A folder that is gone after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "scaigrid-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** One engine to run the store's tests on; every store it opens is empty and its own. */
export interface Engine {
  readonly name: Store["engine"];
  open(): Promise<Store>;
  /** The same with its books, and with the shell of an administrator. */
  openBooks(): Promise<BookedStore>;
  /** A second connection to the store opened last: another node. */
  again(): Promise<Store>;
}

/** A store, the way of its usage into the ledger, and statements that nobody expects. */
export interface BookedStore {
  readonly store: Store;
  readonly books: Books;
  run(text: string): Promise<unknown>;
}

export function failOnBackgroundFailure(message: string): never {
  throw new Error(message);
}

/**
 * What a promise is rejected with. (`expect(promise).rejects` waits without letting messages of workers through,
 * so a promise that needs a reader thread would hang there.)
 */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the promise was not rejected");
}

function sqliteEngine(): Engine {
  const root = temporaryFolder();
  let count = 0;
  const start = () => {
    const folder = mkdtempSync(join(root, `${count++}-`));
    const options = { folder, clock: systemClock, workers: WORKERS, onFailure: failOnBackgroundFailure };
    return openSqliteStore(options);
  };
  const open = async (): Promise<Store> => (await start()).store;
  const openBooks = async (): Promise<BookedStore> => {
    const { store, writer } = await start();
    const books = new SqliteBooks(store.control, writer);
    return { store, books, run: async (text) => writer.transact(() => writer.statement(text).run([])) };
  };
  return {
    name: "sqlite",
    open,
    openBooks,
    again: () => Promise.reject(new Error("SQLite serves one process")),
  };
}

/** The address of a database of the tests. */
export function addressOf(url: string): DatabaseAddress {
  return { url, place: new URL(url).host, tls: "disable" };
}

/** Stores on a PostgreSQL server, each in a database of its own that is dropped at the end. */
export function postgresEngine(server: string): Engine & { database(): string } {
  const databases: string[] = [];
  const admin = new SQL(server, { max: 1 });
  afterAll(async () => {
    for (const name of databases) await admin.unsafe(`drop database if exists "${name}" with (force)`);
    await admin.close();
  });
  const connect = (name: string): Promise<PostgresStore> => {
    const url = new URL(server);
    url.pathname = `/${name}`;
    return openPostgresStore({
      address: addressOf(url.href),
      clock: systemClock,
      poolSize: 4,
      pooler: false,
    });
  };
  const open = async (): Promise<PostgresStore> => {
    const name = `scaigrid_${crypto.randomUUID().replaceAll("-", "")}`;
    await admin.unsafe(`create database "${name}"`);
    databases.push(name);
    return await connect(name);
  };
  return {
    name: "postgres",
    open,
    async openBooks() {
      const store = await open();
      return { store, books: new PostgresBooks(store.run), run: (text) => store.run(text, []) };
    },
    again: () => connect(databases.at(-1) ?? ""),
    /** Of the store opened last. */
    database: () => databases.at(-1) ?? "",
  };
}

/** Runs the same tests on both engines. Without a PostgreSQL server, says so and runs one. */
export function describeEngines(subject: string, tests: (engine: Engine) => void): void {
  describe(`${subject} on SQLite`, () => tests(sqliteEngine()));
  describePart("postgres", `${subject} on PostgreSQL`, (url) => tests(postgresEngine(url)));
}
