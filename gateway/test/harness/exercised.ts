import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { DECLARED, findDeclared } from "./declared.ts";

const FOLDER = process.env["SCAIGRID_TEST_EXERCISED_DIR"];
const recorded = new Set<string>();

/**
 * Notes which declared endpoint has answered with a success or a refusal, for the end of the run: a folder that all
 * processes of the run share, one file each. Calls at undeclared paths and bugs (500) count for nothing.
 */
export function recordAnswer(method: string, path: string, status: number): void {
  if (FOLDER === undefined || status === 500) return;
  const endpoint = findDeclared(DECLARED, method, path);
  if (endpoint === undefined) return;
  const line = `${endpoint.method} ${endpoint.path} ${status < 400 ? "success" : "refusal"}`;
  if (recorded.has(line)) return;
  recorded.add(line);
  appendFileSync(join(FOLDER, `${process.pid}.txt`), `${line}\n`);
}
