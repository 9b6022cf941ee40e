import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { configFileSchema } from "../../gateway/src/admin/config-file/schema.ts";
import { VERSION } from "../../gateway/src/base/version.ts";
import { INFERENCE, MANAGEMENT, PUBLIC, SYSTEM } from "../../gateway/src/http/endpoints.ts";
import { openApiDocument } from "../../gateway/src/http/openapi/document.ts";
import { type ApiDescription, describeApi } from "../../gateway/src/http/openapi/operations.ts";
import { CACHE, ROOT, run } from "../repository.ts";
import { faultsPage } from "./faults.ts";
import { httpApiPage } from "./http-api.ts";
import { configurationPage, metricsPage } from "./operating.ts";
import { parametersPage } from "./parameters.ts";
import type { Reference } from "./reference.ts";

const GENERATE_MS_MAX = 60_000;
const TYPES_FOLDER = "ui/src/api";
const TYPES_FILE = "schema.d.ts";
const SERVER_URL = "http://localhost:8000";

/** What people who use and run the gateway look up. */
export function operatorReference(): Reference {
  const api = apiOf();
  return {
    folder: "docs/reference",
    pages: new Map([
      ["http-api.md", httpApiPage(api)],
      ["openapi.json", documentText(api)],
      ["configuration.md", configurationPage()],
      ["metrics.md", metricsPage()],
      ["faults.md", faultsPage()],
      ["parameters.md", parametersPage()],
      ["scaigrid.schema.json", `${JSON.stringify(configFileSchema(), null, 2)}\n`],
    ]),
  };
}

/** The API's types for the admin interface, which knows the gateway by nothing else. */
export async function typesReference(): Promise<Reference> {
  return { folder: TYPES_FOLDER, pages: new Map([[TYPES_FILE, await typesOf(documentText(apiOf()))]]) };
}

function apiOf(): ApiDescription {
  return describeApi([...INFERENCE, ...MANAGEMENT, ...PUBLIC, ...SYSTEM]);
}

function documentText(api: ApiDescription): string {
  const document = openApiDocument(api, { version: VERSION, serverUrl: SERVER_URL });
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * TypeScript of an OpenAPI document, as openapi-typescript makes it. It stands in the workspace of the interface,
 * beside the TypeScript it needs. Throws with its output when it fails.
 */
export async function typesOf(document: string): Promise<string> {
  const folder = join(CACHE, `types-${randomUUID()}`);
  const [source, target] = [join(folder, "openapi.json"), join(folder, "schema.d.ts")];
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(source, document);
    const command = [process.execPath, generator(), source, "--output", target];
    const { ok, output } = await run(command, { timeoutMs: GENERATE_MS_MAX, env: { NO_COLOR: "1" } });
    if (!ok) throw new Error(`openapi-typescript failed:\n${output}`);
    return formatted(readFileSync(target, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function generator(): string {
  return join(dirname(Bun.resolveSync("openapi-typescript", join(ROOT, "ui"))), "..", "bin", "cli.js");
}

/** As `npm run format` would write it. Throws with the formatter's words when it cannot. */
function formatted(text: string): string {
  const command = [process.execPath, "fmt", "--no-script", `--stdin-filepath=${TYPES_FOLDER}/${TYPES_FILE}`];
  const { success, stdout, stderr } = Bun.spawnSync(command, {
    cwd: ROOT,
    stdin: Buffer.from(text),
    timeout: GENERATE_MS_MAX,
  });
  if (!success) throw new Error(`the formatter failed:\n${stderr.toString()}`);
  return stdout.toString();
}
