import { join } from "node:path";
import { ERRORS, type ErrorCode } from "../../gateway/src/errors.ts";
import {
  RETRY_ADVICE,
  sampleBody,
  sampleStreamEnd,
  simulateCurl,
} from "../../gateway/src/http/docs/error-help.ts";
import { CODES } from "../../gateway/src/http/openapi/errors-of.ts";
import { ROOT } from "../repository.ts";
import { readText } from "./files.ts";
import { fenced, markdownTable, page } from "./reference.ts";
import type { Reference } from "./reference.ts";

const FOLDER = "docs/errors";

/** A page for every error code, and their list. */
export function errorReference(): Reference {
  const pages = new Map(CODES.map((code) => [`${code}.md`, errorPage(code, noteOf(code))]));
  return { folder: FOLDER, pages: pages.set("README.md", errorIndex()) };
}

function errorIndex(): string {
  const rows = CODES.map((code) => {
    const { status, retry, when } = ERRORS[code];
    return [`[\`${code}\`](${code}.md)`, String(status), retry, when];
  });
  return page("gateway/src/errors.ts", [
    "# Error codes",
    "Every error of the native API has one of these codes in `error.code`. Programs branch on the code, never on the " +
      "message, which may change. `error.hint` says in one sentence what to do, `error.retry_after` (seconds, also in " +
      "the `Retry-After` header) how long to wait, and `meta.request_id` is what an operator needs to explain the rest.",
    markdownTable(["code", "HTTP", "retry", "when"], rows),
  ]);
}

function errorPage(code: ErrorCode, note: string | undefined): string {
  const { status, retry, when, fix } = ERRORS[code];
  const streamEnd = sampleStreamEnd(code);
  const simulation = simulateCurl(code, "http://localhost:8000");
  return page(`gateway/src/errors.ts or docs/errors/notes/${code}.md`, [
    `# ${code}`,
    `**HTTP ${status}.** ${when}`,
    `## What to do\n\n${fix}`,
    `## Retry\n\n${RETRY_ADVICE[retry]}`,
    ...(note === undefined ? [] : [note]),
    "## What it looks like",
    fenced("json", JSON.stringify(sampleBody(code), null, 2)),
    ...(streamEnd === undefined
      ? []
      : [
          "A stream that has already begun cannot change its status. It ends with an event instead:",
          fenced("", streamEnd),
        ]),
    ...(simulation === undefined ? [] : [tryIt(simulation)]),
    "[All error codes](README.md)",
  ]);
}

function tryIt(command: string): string {
  const advice = 'Add `"times":1` to see a retry succeed: then only the first call fails.';
  return `## Try it\n\nThe sandbox fails on request. ${advice}\n\n${fenced("sh", command)}`;
}

/** What people have written about a code beyond the table, if anything: sections of Markdown. */
function noteOf(code: ErrorCode): string | undefined {
  return readText(join(ROOT, FOLDER, "notes", `${code}.md`))?.trim();
}
