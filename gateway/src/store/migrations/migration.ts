import type { Kysely } from "kysely";

/** One step of the schema. Forward only: a mistake is mended by a later step. */
export interface Migration {
  /** Rising from 1 without gaps. */
  readonly version: number;
  readonly name: string;
  /** Runs inside a transaction that also records the version. */
  up(db: Kysely<unknown>, engine: "sqlite" | "postgres"): Promise<void>;
}
