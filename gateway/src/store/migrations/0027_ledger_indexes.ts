import type { Migration } from "./migration.ts";

/** Whoever asks for their own part of the ledger pays for that part, not for the whole of it. */
export const ledgerIndexes: Migration = {
  version: 27,
  name: "ledger_indexes",
  async up({ schema }) {
    for (const owner of ["tenant", "partner"]) {
      const index = schema.createIndex(`ledger_movements_by_${owner}`).on("ledger_movements");
      await index.columns([`${owner}_id`, "id"]).execute();
    }
  },
};
