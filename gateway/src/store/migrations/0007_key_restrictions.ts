import type { Migration } from "./migration.ts";

/** What a key can be narrowed to, and the key it has taken the place of. */
export const keyRestrictions: Migration = {
  version: 7,
  name: "key_restrictions",
  async up({ schema }) {
    for (const column of ["scopes", "models", "allowed_ips", "metadata", "replaces"]) {
      await schema.alterTable("api_keys").addColumn(column, "text").execute();
    }
  },
};
