import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** What partners pay the platform and tenants their partner, and by which price a request was charged to the partner. */
export const priceBooks: Migration = {
  version: 20,
  name: "price_books",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    await columns
      .end(schema.createTable("price_entries"))
      .addColumn("id", "text", required)
      // Requests name entries for longer than there are partners and tenants.
      .addColumn("partner_id", "text", required)
      .addColumn("tenant_id", "text")
      .addColumn("subject_id", "text", required)
      .addColumn("model_id", "text", required)
      .addColumn("kind", "text", required)
      .addColumn("rates", "text")
      .addColumn("mark_up_ppm", columns.integer)
      .addColumn("ended_id", "text")
      .addColumn("effective_from", columns.integer, required)
      .addColumn("effective_until", columns.integer)
      .addColumn("set_by", "text", required)
      .addColumn("created_at", columns.integer, required)
      .addPrimaryKeyConstraint("price_entries.id", ["id"])
      .execute();
    for (const column of ["partner_id", "subject_id"]) {
      await schema
        .createIndex(`price_entries_by_${column}`)
        .on("price_entries")
        .columns([column, "id"])
        .execute();
    }
    await schema.alterTable("usage").addColumn("partner_price_id", "text").execute();
  },
};
