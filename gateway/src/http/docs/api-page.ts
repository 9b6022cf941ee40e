import { permissionsInWords } from "../../core/endpoint.ts";
import { ERRORS } from "../../errors.ts";
import { statusIn } from "../openapi/errors-of.ts";
import type { ApiDescription, Operation } from "../openapi/operations.ts";
import { curlOf } from "./example.ts";
import { type Field, fieldsOf, typeOf } from "./fields.ts";
import { type Html, codeBlock, table, text } from "./html.ts";

/** The page's two parts. */
export interface ApiPage {
  readonly main: Html;
  readonly aside: Html;
}

/** The readable reference: every operation by tag. */
export function apiPage(api: ApiDescription, baseUrl: string, version: string): ApiPage {
  const byTag = Map.groupBy(api.operations, (operation) => operation.tag);
  const sections = [...byTag].map(([tag, operations]) => {
    const articles = operations.map((operation) => article(operation, api, baseUrl));
    return `<section aria-labelledby="${anchor(tag)}"><h2 id="${anchor(tag)}">${text(tag)}</h2>\n${articles.join("\n")}</section>`;
  });
  const links = [...byTag].map(([tag, operations]) => {
    const items = operations.map(
      ({ id, summary }) => `<li><a href="#${id}" title="${Bun.escapeHTML(summary)}">${text(id)}</a></li>`,
    );
    return `<h2>${text(tag)}</h2><ul>${items.join("")}</ul>`;
  });
  return {
    main: introduction(baseUrl, version) + sections.join("\n"),
    aside: `<aside><nav aria-label="Operations">${links.join("\n")}</nav></aside>\n`,
  };
}

function anchor(tag: string): string {
  return `tag-${tag.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
}

function introduction(baseUrl: string, version: string): Html {
  const example = JSON.stringify(
    { status: "ok", data: {}, meta: { request_id: "req_01JZX3K9QFT4M7W2N8C5D6E0AB" } },
    null,
    2,
  );
  return [
    `<h1>The API of ${text(`\`${baseUrl}\``)}</h1>`,
    `<p class="soft">Version ${text(version)}. For programs: <a href="/openapi.json">the OpenAPI 3.1 document</a>.</p>`,
    `<p>${text("Send an API key as `Authorization: Bearer sgk_…`. Bodies are JSON. Every answer below `/v1/` (but not those in OpenAI's format) is an envelope, and its request id stands in `meta.request_id` and in the header `X-Scaigrid-Request-Id`:")}</p>`,
    codeBlock(example, "A successful answer"),
    `<p>${text("A list has `data.items` and `pagination`: pass `next_cursor` as `cursor` until it is null.")} A refusal has <code>error.code</code>, which programs branch on, and says what to do: <a href="/docs/errors">all error codes</a>.</p>`,
  ].join("\n");
}

function article(operation: Operation, api: ApiDescription, baseUrl: string): Html {
  const { id, method, path, summary, parameters, body, answer, event, isList } = operation;
  const { schemas } = api;
  const parts = [
    `<h3><a href="#${id}"><span class="method">${method}</span> <code>${text(path)}</code></a></h3>`,
    `<p>${text(summary)}. <span class="soft">${text(accessOf(operation))}</span></p>`,
  ];
  if (parameters.length > 0) parts.push(parameterTable(operation, api));
  if (body) parts.push("<h4>Body</h4>", fieldTable(`Body of ${id}`, fieldsOf(body, schemas)));
  parts.push(codeBlock(curlOf(operation, baseUrl, schemas), `${id} with curl`));
  const answered = answer ? fieldsOf(answer, schemas) : [];
  if (answered.length > 0) {
    parts.push(
      folded(isList ? "Answer: one item" : "Answer", fieldTable(`Answer of ${id}`, answered, "Always there")),
    );
  }
  if (event) {
    const chunk = fieldTable(`Chunk of ${id}`, fieldsOf(event, schemas), "Always there");
    parts.push(folded("Stream: one chunk", chunk));
  }
  parts.push(folded("Errors", errorTable(operation)));
  return `<article id="${id}">\n${parts.join("\n")}\n</article>`;
}

function folded(summary: string, content: Html): Html {
  return `<details><summary>${text(summary)}</summary>${content}</details>`;
}

/** Who may call, in a sentence. */
export function accessOf({ access }: Pick<Operation, "access">): string {
  if (access === "public") return "Open to everyone.";
  return `Needs ${permissionsInWords(access) ?? "a key"}.`;
}

function parameterTable({ id, parameters }: Operation, api: ApiDescription): Html {
  const rows = parameters.map(({ name, in: place, required, description, schema, isOpen }) => [
    `<code>${text(isOpen ? `${name}.<key>` : name)}</code>`,
    text(place),
    text(isOpen ? "text" : typeOf(schema, api.schemas)),
    required ? "yes" : "",
    text([description, defaultOf(schema.default)].filter(Boolean).join(" ")),
  ]);
  return `<h4>Parameters</h4>${table(`Parameters of ${id}`, ["Name", "In", "Type", "Required", "Meaning"], rows)}`;
}

/** What stands in for a parameter that is left out. */
export function defaultOf(value: unknown): string {
  return value === undefined ? "" : `Default: \`${JSON.stringify(value)}\`.`;
}

function fieldTable(caption: string, fields: readonly Field[], presence = "Required"): Html {
  const rows = fields.map(({ name, type, required, description }) => [
    `<code>${text(name)}</code>`,
    text(type),
    required ? "yes" : "",
    text(description),
  ]);
  return table(caption, ["Field", "Type", presence, "Meaning"], rows);
}

function errorTable({ id, door, errors }: Operation): Html {
  const rows = errors.map((code) => [
    `<a href="/docs/errors/${code}"><code>${code}</code></a>`,
    String(statusIn(door, code)),
    text(ERRORS[code].when),
  ]);
  return table(`Errors of ${id}`, ["Code", "HTTP", "When"], rows);
}
