import type { z } from "zod";
import type { Access, DoorName, Method } from "../../core/endpoint.ts";
import type { ErrorCode } from "../../errors.ts";
import type { DeclaredEndpoint } from "./declared.ts";
import { errorsOf } from "./errors-of.ts";
import { type JsonSchema, SchemaNames, refTo } from "./json-schema.ts";
import { operationIdOf, pascal } from "./operation-id.ts";

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  /** Stands for any number of parameters, one for each property of its value. */
  readonly isOpen?: true;
}

/** One endpoint, ready to be described in any format. */
export interface Operation {
  readonly id: string;
  readonly kind: DeclaredEndpoint["kind"];
  readonly door: DoorName;
  readonly method: Method;
  /** As OpenAPI writes it: `/v1/models/{slug}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  readonly parameters: readonly Parameter[];
  readonly body?: JsonSchema;
  readonly status: 200 | 201 | 302;
  /** Of `data`, of one item, or of the whole body of a system endpoint. */
  readonly answer?: JsonSchema;
  /** A second status with an answer of the same form. */
  readonly alsoStatus?: number;
  readonly isList: boolean;
  /** Whether the answer tells its version, as `ETag`. */
  readonly hasVersion: boolean;
  readonly contentType: string;
  readonly alsoContentTypes: readonly string[];
  /** Of one data event, where the answer can be a stream. */
  readonly event?: JsonSchema;
  readonly errors: readonly ErrorCode[];
}

/** The whole API. */
export interface ApiDescription {
  readonly operations: readonly Operation[];
  readonly schemas: ReadonlyMap<string, JsonSchema>;
}

/** Describes endpoints, in their order. Throws when two share a name or a schema cannot be told in JSON. */
export function describeApi(endpoints: readonly DeclaredEndpoint[]): ApiDescription {
  const requests = new SchemaNames("input");
  const answers = new SchemaNames("output");
  const places = new SchemaNames("input");
  const ids = new Set<string>();
  const drafts = endpoints.map((endpoint) => {
    const id = operationIdOf(endpoint);
    if (ids.has(id)) throw new Error(`two operations are named ${id}`);
    ids.add(id);
    const { params, query, body, response, event } = endpoint;
    return {
      endpoint,
      id,
      params: params && places.nameOf(params, `${id} path`),
      query: query && places.nameOf(query, `${id} query`),
      body: referTo(body, requests, `${pascal(id)}Request`),
      answer: referTo(response, answers, `${pascal(id)}Answer`),
      event: referTo(event, answers, `${pascal(id)}Event`),
    };
  });
  const placed = places.schemas();
  const operations = drafts.map(({ endpoint, id, params, query, body, answer, event }): Operation => {
    const { kind, door = "native", method, tag, summary, access } = endpoint;
    return {
      id,
      kind,
      door,
      method,
      path: templateOf(endpoint.path),
      tag,
      summary,
      access,
      parameters: [
        ...pathParameters(endpoint.path, params === undefined ? undefined : placed.get(params)),
        ...queryParameters(query === undefined ? undefined : placed.get(query)),
        ...(endpoint.changes?.version === undefined ? [] : [IF_MATCH]),
      ],
      ...(body && { body }),
      status: statusOf(endpoint, id),
      ...(answer && { answer }),
      ...(endpoint.alsoStatus !== undefined && { alsoStatus: endpoint.alsoStatus }),
      isList: endpoint.list === true,
      hasVersion: hasVersion(endpoint),
      ...contentTypesOf(endpoint),
      ...(event && { event }),
      errors: errorsOf(endpoint),
    };
  });
  return { operations: sameNames(operations), schemas: joined(requests.schemas(), answers.schemas()) };
}

const IF_MATCH: Parameter = {
  name: "If-Match",
  in: "header",
  required: false,
  description: "The `ETag` of what the change was made to: if it has changed since, the call is refused.",
  schema: { type: "string" },
};

function contentTypesOf({ contentType = "application/json", alsoContentTypes = [] }: DeclaredEndpoint) {
  return { contentType, alsoContentTypes };
}

function hasVersion({ version, changes, response }: DeclaredEndpoint): boolean {
  return version !== undefined || (changes?.version !== undefined && changes.response === response);
}

function referTo(schema: z.ZodType | undefined, names: SchemaNames, fallback: string) {
  return schema && refTo(names.nameOf(schema, fallback));
}

/** What makes something answers 201. */
function statusOf({ kind, method, redirects }: DeclaredEndpoint, id: string): Operation["status"] {
  if (redirects) return 302;
  return kind === "management" && method === "POST" && id.startsWith("create") ? 201 : 200;
}

function templateOf(path: string): string {
  return path.replaceAll("...}", "}");
}

function pathParameters(path: string, schema: JsonSchema | undefined): Parameter[] {
  return [...path.matchAll(/\{([^}.]+)(\.\.\.)?\}/g)].map(([, name = "", rest]) => {
    const declared = schema?.properties?.[name];
    const own = typeof declared === "object" ? declared : { type: "string" as const };
    return {
      name,
      in: "path",
      required: true,
      ...(rest !== undefined && { description: "Slashes may be sent as they are or as `%2F`." }),
      schema: own,
    };
  });
}

function queryParameters(schema: JsonSchema | undefined): Parameter[] {
  const { properties = {}, required = [], additionalProperties } = schema ?? {};
  const parameters = Object.entries(properties).map(([name, declared]): Parameter => {
    const { description, ...rest } = typeof declared === "object" ? declared : {};
    return {
      name,
      in: "query",
      required: required.includes(name),
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });
  if (typeof additionalProperties !== "object") return parameters;
  return [
    ...parameters,
    {
      name: "metadata",
      in: "query",
      required: false,
      isOpen: true,
      description: "Any number of `metadata.<key>=value`: only requests that were sent with this metadata.",
      schema: { type: "object", propertyNames: { pattern: "^metadata\\." }, additionalProperties },
    },
  ];
}

/** Operations at one place must call its parameters alike: the first one's names stand for all. */
function sameNames(operations: readonly Operation[]): Operation[] {
  const templates = new Map<string, string>();
  return operations.map((operation) => {
    const place = operation.path.replace(/\{[^}]+\}/g, "{}");
    const path = templates.get(place) ?? operation.path;
    templates.set(place, path);
    if (path === operation.path) return operation;
    const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = ""]) => name);
    const parameters = operation.parameters.map((parameter, index) => {
      const name = parameter.in === "path" ? names[index] : undefined;
      if (name === undefined || name === parameter.name) return parameter;
      return { ...parameter, name, description: parameter.description ?? `The \`${parameter.name}\`.` };
    });
    return { ...operation, path, parameters };
  });
}

function joined(...maps: readonly ReadonlyMap<string, JsonSchema>[]): ReadonlyMap<string, JsonSchema> {
  const all = new Map<string, JsonSchema>();
  for (const [name, schema] of maps.flatMap((map) => [...map])) {
    const other = all.get(name);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(schema)) {
      throw new Error(`two schemas are named ${name}`);
    }
    all.set(name, schema);
  }
  return new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}
