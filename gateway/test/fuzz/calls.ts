import fc from "fast-check";
import type { JsonSchema } from "../../src/http/openapi/json-schema.ts";
import { type Operation, describeApi } from "../../src/http/openapi/operations.ts";
import { DECLARED } from "../harness/declared.ts";
import { isObject } from "../harness/json.ts";
import { type Known, valuesOf } from "./json-values.ts";

const { operations, schemas } = describeApi(DECLARED);

/** Every endpoint as the document tells it. */
export const OPERATIONS: readonly Operation[] = operations;

/** One call, all but who makes it. */
export interface Shot {
  readonly target: string;
  /** A text is sent as it is. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** Texts in place of a JSON body. */
const BROKEN_BODIES = [
  "",
  "{",
  "null",
  "[]",
  '"a"',
  '{"a":1e999}',
  '{"a":',
  "[".repeat(100),
  "\ufeff{}",
  "{}{}",
];
const BROKEN_PARTS = ["..", "%00", "%", "%2e%2e", "a%2Fb", "x".repeat(3_000), "%F0%9F%91%A9", "*"];
/** Addresses that lead nowhere outside this machine: nothing listens there, or the guard forbids them. */
const ADDRESSES = [
  "http://127.0.0.1:1/v1",
  "http://169.254.169.254/",
  "file:///etc/passwd",
  "http://[::1]:1",
  "x",
];

/** Calls of one endpoint: mostly as its schemas ask, about things that are there; sometimes anything but that. */
export function shotsAt(operation: Operation, known: Known): fc.Arbitrary<Shot> {
  const { path, parameters, body } = operation;
  const places = parameters.filter((parameter) => parameter.in === "path");
  const queries = parameters.filter((parameter) => parameter.in === "query");
  return fc
    .record({
      parts: fc.tuple(
        ...places.map(({ name, schema }) => partOf(known(name) ?? valuesOf(schema, schemas, known))),
      ),
      query: fc.record(
        Object.fromEntries(queries.map(({ name, schema }) => [name, valueAt(name, schema, known)])),
        { requiredKeys: [] },
      ),
      body: body === undefined ? fc.constant(undefined) : bodiesOf(body, known, path),
      headers: fc.oneof(
        { weight: 5, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.constantFrom({ "if-match": '"nothing"' }, { "if-match": "*" }) },
        {
          weight: 1,
          arbitrary: fc.constantFrom({ origin: "https://elsewhere.example" }, { accept: "text/csv" }),
        },
      ),
    })
    .map(({ parts, query, ...rest }) => ({ ...rest, target: targetOf(path, parts, query) }));
}

/** What the fields of an endpoint may name. */
export function fieldsIn({ parameters, body }: Operation): readonly string[] {
  const inBody = JSON.stringify(body === undefined ? {} : (schemas.get(lastPart(body.$ref)) ?? body));
  return [
    ...parameters.map(({ name }) => name),
    ...[...inBody.matchAll(/"([a-z_]+)":/g)].map(([, name = ""]) => name),
  ];
}

function lastPart(reference = ""): string {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

function valueAt(name: string, schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  return valuesOf({ type: "object", properties: { [name]: schema }, required: [name] }, schemas, known).map(
    (value) => (isObject(value) ? value[name] : value),
  );
}

function partOf(right: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 8, arbitrary: right.map((value) => encoded(textOf(value))) },
    { weight: 1, arbitrary: fc.constantFrom(...BROKEN_PARTS) },
  );
}

function bodiesOf(schema: JsonSchema, known: Known, path: string): fc.Arbitrary<unknown> {
  const values = valuesOf(schema, schemas, known).map((value) => near(value, path));
  return fc.oneof(
    { weight: 15, arbitrary: values },
    { weight: 1, arbitrary: fc.constantFrom(...BROKEN_BODIES) },
  );
}

/** The same without a way out of this machine: a vendor's own address would be one. */
function near(value: unknown, path: string): unknown {
  if (!path.startsWith("/v1/providers") || !isObject(value)) return value;
  const size = JSON.stringify(value).length;
  return { ...value, base_url: ADDRESSES[size % ADDRESSES.length] };
}

function targetOf(path: string, parts: readonly string[], query: Readonly<Record<string, unknown>>): string {
  const left = [...parts];
  const pathname = path.replaceAll(/\{[^}]+\}/g, () => left.shift() ?? "none");
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encoded(textOf(value))}`);
  return pairs.length === 0 ? pathname : `${pathname}?${pairs.join("&")}`;
}

function textOf(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text === "" ? "-" : text;
}

/** Percent-encoded; half characters, which have no encoding, are left out. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
