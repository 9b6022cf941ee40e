import { accessSync, constants, existsSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Config } from "../../config/config.ts";
import { DATABASE_FILE } from "../../store/sqlite/database-file.ts";
import { KEY_FILE } from "../../store/secret-key/key-file.ts";
import { failed, type Finding } from "./finding.ts";

const OTHERS = 0o077;
const MEGABYTE = 1_048_576;

/** Looks at the data folder, who may read it, and how much room there is. */
export async function lookAtFolder(config: Config): Promise<readonly Finding[]> {
  const folder = resolve(config.dataDir);
  return [folderFound(folder), keyFound(folder, config), await roomFound(folder, config)];
}

/** The folder, or the nearest one above it that is there. */
function standing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : standing(dirname(folder));
}

function folderFound(folder: string): Finding {
  const check = "data folder";
  const there = standing(folder);
  try {
    if (!statSync(there).isDirectory()) {
      const fix = "name a folder with SCAIGRID_DATA_DIR";
      return { check, state: "failed", found: `${there} is a file`, fix };
    }
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    const fix = "give the user of the gateway write access to it, or name another with SCAIGRID_DATA_DIR";
    return { check, state: "failed", found: `${there} cannot be written`, fix };
  }
  if (there !== folder) return { check, state: "ok", found: `${folder} is made by the first start` };
  if ((statSync(folder).mode & OTHERS) === 0) return { check, state: "ok", found: folder };
  const fix = `chmod 700 ${folder}`;
  return { check, state: "warning", found: `${folder} is open to other users of this machine`, fix };
}

function keyFound(folder: string, { secretKey, database }: Config): Finding {
  const check = "secret key";
  const file = join(folder, KEY_FILE);
  if (secretKey !== undefined) return { check, state: "ok", found: "from SCAIGRID_SECRET_KEY" };
  if (!existsSync(file)) {
    const isNew = database === undefined && !existsSync(join(folder, DATABASE_FILE));
    if (isNew) return { check, state: "ok", found: "is made by the first start" };
    const found = `${file} is missing, and SCAIGRID_SECRET_KEY is not set`;
    const fix =
      database === undefined
        ? "put it back from a backup: stored credentials cannot be opened without it"
        : "give every node the same SCAIGRID_SECRET_KEY; a key that is made here opens nothing elsewhere";
    return { check, state: database === undefined ? "failed" : "warning", found, fix };
  }
  if ((statSync(file).mode & OTHERS) === 0) return { check, state: "ok", found: file };
  const found = `${file} can be read by other users of this machine`;
  return { check, state: "failed", found, fix: `chmod 600 ${file}` };
}

async function roomFound(folder: string, { diskReserveMb }: Config): Promise<Finding> {
  const check = "disk";
  try {
    const { bavail, bsize } = await statfs(standing(folder));
    const free = Math.floor((bavail * bsize) / MEGABYTE);
    const found = `${free} MB are free`;
    if (free >= diskReserveMb * 2) return { check, state: "ok", found };
    const fix = `make room: below SCAIGRID_DISK_RESERVE_MB (${diskReserveMb}) nothing that costs money is begun`;
    return { check, state: free < diskReserveMb ? "failed" : "warning", found, fix };
  } catch (error) {
    return failed(check, error);
  }
}
