import type { Reader } from "../store.ts";
import { build, type Write } from "../write.ts";

/** Every table with a sealed column `credentials`, bound to the row's `id`. */
export const SEALED_TABLES = ["providers", "backends"] as const;
export type SealedTable = (typeof SEALED_TABLES)[number];

/** A secret and the row it is bound to. */
export interface SealedRow {
  readonly table: SealedTable;
  readonly id: string;
  readonly sealed: string;
}

function ofVersion(version: number): string {
  return `v${version}.%`;
}

/** At most `limit` secrets that are sealed with another version. */
export async function otherVersions(read: Reader, version: number, limit: number): Promise<SealedRow[]> {
  const found: SealedRow[] = [];
  for (const table of SEALED_TABLES) {
    const rows = await read
      .selectFrom(table)
      .select(["id", "credentials"])
      .where("credentials", "is not", null)
      .where("credentials", "not like", ofVersion(version))
      .orderBy("id")
      .limit(limit)
      .execute();
    for (const { id, credentials } of rows) {
      if (credentials !== null) found.push({ table, id, sealed: credentials });
    }
  }
  return found.slice(0, limit);
}

/**
 * Puts another sealing of the same secret in its row, unless somebody has put another secret there. What the secret
 * says stays as it is, so nobody has to be told.
 */
export function reseal({ table, id, sealed }: SealedRow, anew: string): Write {
  const update = build.updateTable(table).set({ credentials: anew });
  return {
    statement: update.where("id", "=", id).where("credentials", "=", sealed),
    about: table === "providers" ? "provider" : "backend",
  };
}

/** Makes `next` the value of that setting if it still is `present` and no secret of another version is left. */
export function retire(key: string, present: string, next: string, version: number): Write {
  let statement = build
    .updateTable("settings")
    .set({ value: next })
    .where("key", "=", key)
    .where("value", "=", present);
  for (const table of SEALED_TABLES) {
    const left = build.selectFrom(table).select("id").where("credentials", "not like", ofVersion(version));
    statement = statement.where((eb) => eb.not(eb.exists(left)));
  }
  return { statement, about: "setting", expectRows: 1, otherwise: "stale" };
}
