import type { Database } from "bun:sqlite";
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pickText } from "./json.ts";

/** The requests of an SQLite data folder that were promised and are not settled. */
export function openIntents(folder: string, store: Database): string[] {
  return openBeside(join(folder, "scaigrid.db"), store, "usage");
}

/**
 * The requests promised in the log beside a database that have no row in that table of it: looked at from outside,
 * with no code of the product. A line without its end is none. What settles meanwhile is found settled.
 */
export function openBeside(path: string, database: Database, table: "usage" | "settlements"): string[] {
  const prefix = `${basename(path)}-intents-`;
  const promised = readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => linesOf(join(dirname(path), name)))
    .map((line) => pickText(JSON.parse(line), "requestId"));
  const settled = database.query(`select 1 from ${table} where request_id = ?`);
  return [...new Set(promised)].filter((id) => settled.get(id) === null);
}

function linesOf(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // Removed meanwhile: all of it is settled.
    return [];
  }
  return text
    .split("\n")
    .slice(0, -1)
    .filter((line) => line !== "");
}
