import { ERRORS, type ErrorCode } from "../../errors.ts";
import { CODES } from "../openapi/errors-of.ts";
import { RETRY_ADVICE, sampleBody, sampleStreamEnd, simulateCurl } from "./error-help.ts";
import { type Html, codeBlock, table, text } from "./html.ts";

/** All codes in one table. */
export function errorList(): Html {
  const rows = CODES.map((code) => {
    const { status, retry, when } = ERRORS[code];
    return [
      `<a href="/docs/errors/${code}"><code>${code}</code></a>`,
      String(status),
      text(retry),
      text(when),
    ];
  });
  return [
    "<h1>Error codes</h1>",
    `<p>${text("Every error of the native API has one of these codes in `error.code`. Programs branch on the code, never on the message, which may change. `error.retry_after` (seconds, also in the `Retry-After` header) says how long to wait.")}</p>`,
    table("Error codes", ["Code", "HTTP", "Retry", "When"], rows),
  ].join("\n");
}

/** What one code means and what to do. */
export function errorArticle(code: ErrorCode, baseUrl: string): Html {
  const { status, retry, when, fix } = ERRORS[code];
  const streamEnd = sampleStreamEnd(code);
  const simulation = simulateCurl(code, baseUrl);
  const parts = [
    `<h1><code>${code}</code></h1>`,
    `<p><strong>HTTP ${status}.</strong> ${text(when)}</p>`,
    `<h2>What to do</h2><p>${text(fix)}</p>`,
    `<h2>Retry</h2><p>${text(RETRY_ADVICE[retry])}</p>`,
    "<h2>What it looks like</h2>",
    codeBlock(JSON.stringify(sampleBody(code), null, 2), "A body with this code"),
  ];
  if (streamEnd !== undefined) {
    parts.push(
      "<p>A stream that has already begun cannot change its status. It ends with an event instead:</p>",
      codeBlock(streamEnd, "The end of a stream with this code"),
    );
  }
  if (simulation !== undefined) {
    parts.push(
      `<h2>Try it</h2><p>${text('The sandbox fails on request. Add `"times":1` to see a retry succeed: then only the first call fails.')}</p>`,
      codeBlock(simulation, "A call that fails with this code"),
    );
  }
  return [...parts, '<p><a href="/docs/errors">All error codes</a></p>'].join("\n");
}
