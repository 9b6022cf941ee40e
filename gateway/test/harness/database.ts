import { SQL } from "bun";
import { upgradePostgres } from "../../src/store/postgres/upgrade.ts";
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
export function freshDatabase(server: string | undefined = postgresUrl()): Promise<TestDatabase> {
  if (server === undefined) throw new Error("there is no PostgreSQL server: run the tests with `npm test`");
  return make(server, (admin, name) => admin.unsafe(`create database "${name}"`));
}

/** A database with the schema and nothing in it: a copy, which takes a tenth of the time of making the schema. */
export function preparedDatabase(server: string | undefined = postgresUrl()): Promise<TestDatabase> {
  if (server === undefined) throw new Error("there is no PostgreSQL server: run the tests with `npm test`");
  return make(server, async (admin, name) => {
    // Test files run in processes of their own: one makes the model, the others wait for it.
    await admin`select pg_advisory_lock(${MODEL_LOCK})`;
    const [there] = await admin`select 1 from pg_database where datname = ${MODEL}`;
    if (there === undefined) {
      await admin.unsafe(`create database "${MODEL}_draft"`);
      const url = databaseUrl(server, `${MODEL}_draft`);
      await upgradePostgres({ url, place: MODEL, tls: "disable" }, false, Date.now());
      await admin.unsafe(`alter database "${MODEL}_draft" rename to "${MODEL}"`);
    }
    await admin.unsafe(`create database "${name}" template "${MODEL}"`);
    await admin`select pg_advisory_unlock(${MODEL_LOCK})`;
  });
}

const MODEL = "scaigrid_model";
const MODEL_LOCK = 7_171;

async function make(
  server: string,
  create: (admin: SQL, name: string) => Promise<unknown>,
): Promise<TestDatabase> {
  const name = `scaigrid_${crypto.randomUUID().replaceAll("-", "")}`;
  await onServer(server, (admin) => create(admin, name));
  return {
    url: databaseUrl(server, name),
    drop: () => onServer(server, (admin) => admin.unsafe(`drop database if exists "${name}" with (force)`)),
  };
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
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
