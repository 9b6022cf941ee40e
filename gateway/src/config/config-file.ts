import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Config } from "./config.ts";
import type { FileProblem } from "./yaml.ts";

/** The file that is looked for where no other is named. */
export const CONFIG_FILE_NAME = "scaigrid.yaml";
/** Bytes; thousands of models fit. */
const FILE_BYTES_MAX = 4_000_000;

/** A configuration file that cannot be used; its message names the file, the lines and what to do. */
export class ConfigFileError extends Error {
  readonly problems: readonly FileProblem[];

  constructor(path: string, problems: readonly FileProblem[]) {
    const lines = problems.map(({ line, column, message }) => `  ${path}:${line}:${column}: ${message}.`);
    super(`The configuration file is not valid:\n${lines.join("\n")}`);
    this.name = "ConfigFileError";
    this.problems = problems;
  }
}

/**
 * The configuration file of a process, as an absolute path: the one that `SCAIGRID_CONFIG` names, else `scaigrid.yaml`
 * in the data folder or the working folder; undefined where there is none. Throws where the named one is missing.
 */
export function findConfigFile({
  configFile,
  dataDir,
}: Pick<Config, "configFile" | "dataDir">): string | undefined {
  if (configFile !== undefined) {
    const path = resolve(configFile);
    if (existsSync(path)) return path;
    throw new Error(
      `SCAIGRID_CONFIG names ${path}, and there is no such file. Create it, correct the variable or remove it.`,
    );
  }
  return [join(dataDir, CONFIG_FILE_NAME), CONFIG_FILE_NAME].map((path) => resolve(path)).find(existsSync);
}

/** The text of a configuration file. Throws ConfigFileError. */
export function readConfigFile(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > FILE_BYTES_MAX) throw new Error(`it has ${size} bytes; at most ${FILE_BYTES_MAX} are read`);
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigFileError(path, [{ line: 1, column: 1, message: `cannot be read: ${reason}` }]);
  }
}

/** What changes when a file does: cheap to look at once a second. Undefined where there is none. */
export function fileMark(path: string): string | undefined {
  try {
    // Follows links: a mounted configuration is replaced by turning one.
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}
