import { sql } from "kysely";
import type { Migration } from "./migration.ts";

/** Calls with a key that have not ended: a start looks for them, and must not read a day of answers for that. */
export const openClaims: Migration = {
  version: 30,
  name: "open_claims",
  async up({ schema }) {
    await schema
      .createIndex("idempotency_keys_open")
      .on("idempotency_keys")
      .columns(["status", "node_id"])
      .where(sql.ref("status"), "is", null)
      .execute();
  },
};
