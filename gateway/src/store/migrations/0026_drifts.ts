import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** Differences between what single requests come to and what was made of them. */
export const drifts: Migration = {
  version: 26,
  name: "drifts",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    await columns
      .end(schema.createTable("drifts"))
      .addColumn("kind", "text", required)
      .addColumn("subject", "text", required)
      .addColumn("expected", "text", required)
      .addColumn("found", "text", required)
      .addColumn("since", columns.integer, required)
      .addPrimaryKeyConstraint("drifts.kind,subject", ["kind", "subject"])
      .execute();
  },
};
