import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "../base/crypto.ts";
import type { ConsoleFile, ConsoleFiles } from "../http/system/console.ts";

/** Reads the built console into memory: a few hundred kilobytes. Empty where it has not been built. */
export function loadConsole(folder: string): ConsoleFiles {
  const files = new Map<string, ConsoleFile>();
  for (const name of namesIn(folder)) {
    const bytes = new Uint8Array(readFileSync(join(folder, name)));
    const etag = `"${sha256Hex(Buffer.from(bytes).toString("latin1")).slice(0, 32)}"`;
    files.set(name, { bytes, contentType: Bun.file(name).type, etag });
  }
  return files;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
