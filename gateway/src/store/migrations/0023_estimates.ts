import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** What is known of tokenizers, and how the tokens of a request were estimated. */
export const estimates: Migration = {
  version: 23,
  name: "estimates",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    await columns
      .end(schema.createTable("token_ratios"))
      .addColumn("id", "text", required)
      .addColumn("seen", "text", required)
      .addPrimaryKeyConstraint("token_ratios.id", ["id"])
      .execute();
    await schema.alterTable("usage").addColumn("estimate", "text").execute();
  },
};
