import { SQL } from "bun";
import type { Store } from "../../src/store/store.ts";
import { postgresUrl } from "../parts.ts";

/** A database of one test, on the PostgreSQL server that `npm test` has started or on another one. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** The engine that gateways are started on unless a test says otherwise: the API's tests run on both. */
export function testEngine(): Store["engine"] {
  return process.env["SCAIGRID_TEST_ENGINE"] === "postgres" ? "postgres" : "sqlite";
}

/** An empty database. Throws where there is no server. */
export async function freshDatabase(server: string | undefined = postgresUrl()): Promise<TestDatabase> {
  if (server === undefined) throw new Error("there is no PostgreSQL server: run the tests with `npm test`");
  const name = `scaigrid_${crypto.randomUUID().replaceAll("-", "")}`;
  await onServer(server, (admin) => admin.unsafe(`create database "${name}"`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => onServer(server, (admin) => admin.unsafe(`drop database if exists "${name}" with (force)`)),
  };
}

async function onServer(server: string, work: (admin: SQL) => Promise<unknown>): Promise<void> {
  const admin = new SQL(server, { max: 1 });
  try {
    await work(admin);
  } finally {
    await admin.close();
  }
}

/** Runs `work` on a connection to that database, as an administrator's shell would. */
export async function withDatabase<Result>(
  url: string,
  work: (database: SQL) => Promise<Result>,
): Promise<Result> {
  const database = new SQL(url, { max: 1, bigint: true });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
