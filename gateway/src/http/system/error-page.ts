import { ApiError, ERRORS } from "../../errors.ts";
import type { SystemEndpoint } from "./endpoint.ts";

/** What `doc_url` of an error leads to. */
export const errorPage: SystemEndpoint = {
  kind: "system",
  method: "GET",
  path: "/docs/errors/{code}",
  access: "public",
  tag: "System",
  summary: "What an error code means and what to do",
  costBearing: false,
  serve({ params }) {
    const found = Object.entries(ERRORS).find(([code]) => code === params["code"]);
    if (!found) throw new ApiError("NOT_FOUND");
    const [code, { status, retry, when, fix }] = found;
    return new Response(page(code, status, retry, when, fix), {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
      },
    });
  },
};

function page(code: string, status: number, retry: string, when: string, fix: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${code} – ScaiGrid</title>
<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}</style>
<h1><code>${code}</code></h1>
<p>${text(when)}</p>
<dl>
<dt>HTTP status</dt><dd>${status}</dd>
<dt>Retry</dt><dd>${text(retry)}</dd>
<dt>What to do</dt><dd>${text(fix)}</dd>
</dl>
</html>
`;
}

/** Text as HTML; \`code\` in backticks. */
function text(plain: string): string {
  return Bun.escapeHTML(plain).replace(/`([^`]+)`/g, "<code>$1</code>");
}
