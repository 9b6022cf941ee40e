import { isObject } from "../harness/json.ts";

/** Rules of OpenAPI 3.1 that a client generator relies on, written from the specification. */

type Json = Readonly<Record<string, unknown>>;

const METHODS: ReadonlySet<string> = new Set(["get", "put", "post", "delete", "patch"]);
const TYPES: ReadonlySet<unknown> = new Set([
  "array",
  "boolean",
  "integer",
  "null",
  "number",
  "object",
  "string",
]);
const COMPONENT_NAME = /^[A-Za-z0-9._-]+$/;

interface Found {
  readonly path: string;
  readonly method: string;
  readonly operation: Json;
}

/** What a document breaks; empty for a good one. */
export function breachesOf(document: Json): string[] {
  const found = operationsOf(document);
  return [
    ...headBreaches(document),
    ...pathBreaches(Object.keys(objectAt(document, "paths"))),
    ...duplicates(found.map(({ operation }) => String(operation["operationId"]))).map(
      (id) => `operationId ${id} twice`,
    ),
    ...found.flatMap((each) => operationBreaches(each, document)),
    ...componentBreaches(document),
    ...nodesOf(document).flatMap((node) => nodeBreaches(node, document)),
  ];
}

/** Every operation of a document. */
export function operationsOf(document: Json): Found[] {
  return Object.entries(objectAt(document, "paths")).flatMap(([path, item]) =>
    Object.entries(isObject(item) ? item : {})
      .filter(([method]) => METHODS.has(method))
      .map(([method, operation]) => ({ path, method, operation: isObject(operation) ? operation : {} })),
  );
}

function objectAt(value: Json, ...keys: readonly string[]): Json {
  let at: Json = value;
  for (const key of keys) {
    const next = at[key];
    at = isObject(next) ? next : {};
  }
  return at;
}

function listAt(value: Json, key: string): readonly Json[] {
  const list = value[key];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function duplicates(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

function headBreaches(document: Json): string[] {
  const info = objectAt(document, "info");
  const breaches: string[] = [];
  if (!/^3\.1\.\d+$/.test(String(document["openapi"]))) breaches.push("openapi is not 3.1");
  for (const name of ["title", "version"])
    if (typeof info[name] !== "string") breaches.push(`no info.${name}`);
  for (const { url } of listAt(document, "servers")) {
    if (typeof url !== "string" || URL.parse(url) === null) breaches.push(`server ${String(url)} is no URL`);
  }
  return breaches;
}

function pathBreaches(paths: readonly string[]): string[] {
  const alike = duplicates(paths.map((path) => path.replace(/\{[^}]*\}/g, "{}")));
  return [
    ...paths.filter((path) => !path.startsWith("/")).map((path) => `${path} does not begin with /`),
    ...alike.map((path) => `${path} is two paths that differ only in names`),
  ];
}

function operationBreaches({ path, method, operation }: Found, document: Json): string[] {
  const where = `${method} ${path}`;
  const breaches: string[] = [];
  if (!/^[a-z][A-Za-z0-9]*$/.test(String(operation["operationId"])))
    breaches.push(`${where}: no usable operationId`);
  const parameters = listAt(operation, "parameters");
  const declared = parameters.filter((each) => each["in"] === "path").map((each) => String(each["name"]));
  const inPath = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name);
  if (new Set(declared).symmetricDifference(new Set(inPath)).size > 0)
    breaches.push(`${where}: path parameters differ`);
  for (const each of parameters) {
    if (each["in"] === "path" && each["required"] !== true)
      breaches.push(`${where}: path parameter not required`);
    if (!isObject(each["schema"])) breaches.push(`${where}: parameter without a schema`);
  }
  for (const twice of duplicates(parameters.map((each) => `${String(each["in"])} ${String(each["name"])}`)))
    breaches.push(`${where}: parameter ${twice} twice`);
  const responses = Object.entries(objectAt(operation, "responses"));
  if (!responses.some(([status]) => /^[23]\d\d$/.test(status))) breaches.push(`${where}: no success`);
  for (const [status, response] of responses) {
    if (!/^[1-5]\d\d$/.test(status)) breaches.push(`${where}: status ${status}`);
    if (!isObject(response) || typeof response["description"] !== "string")
      breaches.push(`${where}: ${status} without a description`);
  }
  const tags = listAt(document, "tags").map((tag) => tag["name"]);
  for (const tag of Array.isArray(operation["tags"]) ? operation["tags"] : []) {
    if (!tags.includes(tag)) breaches.push(`${where}: tag ${String(tag)} is not declared`);
  }
  const schemes = Object.keys(objectAt(document, "components", "securitySchemes"));
  const used = listAt(operation, "security").flatMap((each) => Object.keys(each));
  for (const name of used)
    if (!schemes.includes(name)) breaches.push(`${where}: security ${name} is not declared`);
  return breaches;
}

function componentBreaches(document: Json): string[] {
  return Object.values(objectAt(document, "components"))
    .flatMap((section) => Object.keys(isObject(section) ? section : {}))
    .filter((name) => !COMPONENT_NAME.test(name))
    .map((name) => `component name ${name}`);
}

/** Every object of a document that is not example data. */
function nodesOf(value: unknown): Json[] {
  if (Array.isArray(value)) return value.flatMap(nodesOf);
  if (!isObject(value)) return [];
  const inner = Object.entries(value).filter(
    ([key]) => !["examples", "default", "enum", "const"].includes(key),
  );
  return [value, ...inner.flatMap(([, part]) => nodesOf(part))];
}

function nodeBreaches(node: Json, document: Json): string[] {
  const breaches: string[] = [];
  const { $ref: ref, type, required, properties } = node;
  if (typeof ref === "string" && !resolves(ref, document)) breaches.push(`${ref} leads nowhere`);
  const types = typeof type === "string" || Array.isArray(type) ? [type].flat() : [];
  const isScheme = "scheme" in node || ("in" in node && type === "apiKey");
  if (!isScheme) {
    for (const each of types) if (!TYPES.has(each)) breaches.push(`${String(each)} is no JSON Schema type`);
  }
  if (Array.isArray(required) && isObject(properties)) {
    for (const name of required) {
      if (!Object.hasOwn(properties, String(name))) breaches.push(`${String(name)} is required and unknown`);
    }
  }
  return breaches;
}

function resolves(ref: string, document: Json): boolean {
  if (!ref.startsWith("#/")) return false;
  let at: unknown = document;
  for (const key of ref.slice(2).split("/")) at = isObject(at) ? at[key] : undefined;
  return isObject(at);
}
