import type { Migration } from "./migration.ts";

/** Entries that a later one of the same object makes needless are looked for. */
export const changesByEntity: Migration = {
  version: 35,
  name: "changes_by_entity",
  async up({ schema }) {
    await schema
      .createIndex("changes_by_entity")
      .on("changes")
      .columns(["kind", "entity_id", "seq"])
      .execute();
  },
};
