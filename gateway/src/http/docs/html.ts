/** Served beside the pages: they hold no style of their own. */
export const STYLESHEET_PATH = "/docs/docs.css";

/** Nothing may be loaded but our own stylesheet; no script runs, no other page may frame this one. */
const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-cache",
};

/** HTML that is safe to place in a page. Only this file and what it calls makes it from text. */
export type Html = string;

/** Text as HTML; `code` in backticks. */
export function text(plain: string): Html {
  return Bun.escapeHTML(plain).replace(/`([^`]+)`/g, "<code>$1</code>");
}

/** A block of code. It can be scrolled, so the keyboard must reach it. */
export function codeBlock(code: string, label: string): Html {
  return `<pre tabindex="0" role="region" aria-label="${Bun.escapeHTML(label)}"><code>${Bun.escapeHTML(code)}</code></pre>`;
}

/** A table with a caption for those who cannot see where it stands. */
export function table(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly Html[])[],
): Html {
  const head = headings.map((heading) => `<th scope="col">${text(heading)}</th>`).join("");
  const body = rows.map(([first = "", ...rest]) => {
    const cells = rest.map((cell) => `<td>${cell}</td>`).join("");
    return `<tr><th scope="row">${first}</th>${cells}</tr>`;
  });
  return (
    `<div class="scroll" tabindex="0" role="region" aria-label="${Bun.escapeHTML(caption)}"><table>` +
    `<caption>${text(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table></div>`
  );
}

/** A whole page. `aside` is navigation beside the content. */
export function pageResponse(title: string, main: Html, aside: Html = ""): Response {
  return new Response(page(title, main, aside), { headers: PAGE_HEADERS });
}

function page(title: string, main: Html, aside: Html): Html {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${Bun.escapeHTML(title)} – ScaiGrid</title>
<link rel="stylesheet" href="${STYLESHEET_PATH}">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<p class="brand"><a href="/docs">ScaiGrid</a></p>
<nav aria-label="Documentation"><a href="/docs">API</a> <a href="/docs/errors">Errors</a> <a href="/openapi.json">OpenAPI</a></nav>
</header>
<div class="columns${aside === "" ? " single" : ""}">
${aside}<main id="main" tabindex="-1">
${main}
</main>
</div>
</body>
</html>
`;
}
