import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** How nodes share out limits that run hot. */
export const limitShares: Migration = {
  version: 24,
  name: "limit_shares",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    await columns
      .end(schema.createTable("limit_shares"))
      .addColumn("id", "text", required)
      .addColumn("version", columns.integer, required)
      .addColumn("body", "text", required)
      .addPrimaryKeyConstraint("limit_shares.id", ["id"])
      .execute();
  },
};
