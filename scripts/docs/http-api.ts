import { accessOf, defaultOf } from "../../gateway/src/http/docs/api-page.ts";
import { curlOf } from "../../gateway/src/http/docs/example.ts";
import { type Field, fieldsOf, typeOf } from "../../gateway/src/http/docs/fields.ts";
import { statusIn } from "../../gateway/src/http/openapi/errors-of.ts";
import type { ApiDescription, Operation } from "../../gateway/src/http/openapi/operations.ts";
import { fenced, markdownTable, page } from "./reference.ts";

const BASE_URL = "http://localhost:8000";

/** Every endpoint as a page of Markdown. */
export function httpApiPage(api: ApiDescription): string {
  const byTag = Map.groupBy(api.operations, (operation) => operation.tag);
  return page("the endpoint it describes, below gateway/src", [
    "# HTTP API",
    "A running gateway shows the same at `/docs`, and as an OpenAPI 3.1 document at `/openapi.json` " +
      "([a copy](openapi.json)). Answers below `/v1/` are envelopes: `status`, `data` and `meta.request_id`, or " +
      "`status`, `error` and `meta.request_id`. A list has `data.items` and `pagination`: pass `next_cursor` as " +
      "`cursor` until it is null. Paths below `/oai/v1/`, `/v1/chat/completions`, `/v1/completions` and `/v1/responses` answer in OpenAI's format. [Error codes](../errors/README.md)",
    ...[...byTag].flatMap(([tag, operations]) => [
      `## ${tag}`,
      ...operations.flatMap((operation) => operationBlocks(operation, api)),
    ]),
  ]);
}

function operationBlocks(operation: Operation, api: ApiDescription): string[] {
  const { id, method, path, summary, parameters, body, answer, event, isList, door, errors } = operation;
  const blocks = [`### ${method} ${path}`, `${summary}. ${accessOf(operation)} Operation \`${id}\`.`];
  if (parameters.length > 0) {
    const rows = parameters.map(({ name, in: place, required, description = "", schema, isOpen }) => [
      `\`${isOpen ? `${name}.<key>` : name}\``,
      place,
      isOpen ? "text" : typeOf(schema, api.schemas),
      required ? "yes" : "",
      [description, defaultOf(schema.default)].filter(Boolean).join(" "),
    ]);
    blocks.push(markdownTable(["parameter", "in", "type", "required", "meaning"], rows));
  }
  if (body) blocks.push(fieldTable("body", fieldsOf(body, api.schemas), "required"));
  blocks.push(fenced("sh", curlOf(operation, BASE_URL, api.schemas)));
  const answered = answer ? fieldsOf(answer, api.schemas) : [];
  if (answered.length > 0) blocks.push(fieldTable(isList ? "one item" : "answer", answered, "always there"));
  if (event) blocks.push(fieldTable("one chunk of a stream", fieldsOf(event, api.schemas), "always there"));
  const codes = errors.map((code) => `[\`${code}\`](../errors/${code}.md) ${statusIn(door, code)}`);
  blocks.push(`Errors: ${codes.join(", ")}.`);
  return blocks;
}

function fieldTable(caption: string, fields: readonly Field[], presence: string): string {
  const rows = fields.map(({ name, type, required, description }) => [
    `\`${name}\``,
    type,
    required ? "yes" : "",
    description,
  ]);
  return markdownTable([caption, "type", presence, "meaning"], rows);
}
