import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { INFERENCE, MANAGEMENT, PUBLIC, SYSTEM } from "../../gateway/src/http/endpoints.ts";

/** What tells an endpoint in the notes of a run. */
interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly tag: string;
}

/** The console's pages are called by the browser of its own tests. */
const BROWSER_TAG = "Console";

/**
 * Which answers no test has seen: `POST /v1/api-keys refusal`. Each endpoint of the API needs a success and a
 * refusal; of those beside it (health, metrics, documentation) a success is enough. `folder` holds the notes that
 * `gateway/test/harness/exercised.ts` takes.
 */
export function unexercised(folder: string): readonly string[] {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const seen = new Set(files.join("").split("\n"));
  return wanted([...INFERENCE, ...MANAGEMENT, ...PUBLIC], SYSTEM).filter((line) => !seen.has(line));
}

function wanted(api: readonly Endpoint[], system: readonly Endpoint[]): readonly string[] {
  const called = system.filter(({ tag }) => tag !== BROWSER_TAG);
  return [
    ...[...api, ...called].map(({ method, path }) => `${method} ${path} success`),
    ...api.map(({ method, path }) => `${method} ${path} refusal`),
  ];
}
