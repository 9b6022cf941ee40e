import { describe, expect, test } from "bun:test";
import { z } from "zod";
import type { EndpointDocs } from "../../src/core/endpoint.ts";
import { ERRORS } from "../../src/errors.ts";
import { exampleOf } from "../../src/http/docs/example.ts";
import type { DeclaredEndpoint } from "../../src/http/openapi/declared.ts";
import { openApiDocument } from "../../src/http/openapi/document.ts";
import { describeApi } from "../../src/http/openapi/operations.ts";
import { DECLARED } from "../harness/declared.ts";
import { isObject, pick } from "../harness/json.ts";
import { breachesOf, operationsOf } from "./rules.ts";

const INFO = { version: "1.2.3", serverUrl: "https://ai.example.com" };

function documentOf(endpoints: readonly DeclaredEndpoint[]): Readonly<Record<string, unknown>> {
  const document: unknown = JSON.parse(JSON.stringify(openApiDocument(describeApi(endpoints), INFO)));
  if (!isObject(document)) throw new Error("the document is not an object");
  return document;
}

const shared: Omit<EndpointDocs, "path"> & { readonly kind: "management" } = {
  kind: "management",
  method: "GET",
  access: "signed_in",
  tag: "Things",
  summary: "A thing",
  costBearing: false,
};

describe("the OpenAPI document", () => {
  const document = documentOf(DECLARED);

  test("breaks no rule of OpenAPI 3.1", () => {
    expect(breachesOf(document)).toEqual([]);
  });

  test("has every declared endpoint and nothing else", () => {
    const declared = DECLARED.map(({ method, path }) => `${method} ${path.replaceAll(/\{[^}]*\}/g, "{}")}`);
    const described = operationsOf(document).map(
      ({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{[^}]*\}/g, "{}")}`,
    );
    expect(described.toSorted()).toEqual(declared.toSorted());
  });

  test("is the same each time", () => {
    expect(JSON.stringify(documentOf(DECLARED))).toBe(JSON.stringify(document));
  });

  test("names the address and the version it is made for", () => {
    expect(document["servers"]).toEqual([{ url: INFO.serverUrl }]);
    expect(pick(document, "info.version")).toBe(INFO.version);
  });

  test("knows every error code", () => {
    expect(pick(document, "components.schemas.ErrorCode.enum")).toEqual(Object.keys(ERRORS));
  });

  test("asks for a key wherever a stranger is refused", () => {
    const open = operationsOf(document).filter(({ operation }) =>
      Array.isArray(operation["security"]) ? operation["security"].length === 0 : true,
    );
    const strangers = DECLARED.filter(({ access }) => access === "public");
    expect(open.length).toBe(strangers.length);
  });

  test("tells the events of a stream beside the whole answer", () => {
    const chat = operationsOf(document).find(({ operation }) => operation["operationId"] === "chat");
    const content = pick(chat?.operation, "responses.200.content");
    expect(Object.keys(isObject(content) ? content : {})).toEqual(["application/json", "text/event-stream"]);
    const stream = isObject(content) ? content["text/event-stream"] : undefined;
    expect(pick(stream, "schema.anyOf")).toEqual([
      { $ref: "#/components/schemas/ChatChunk" },
      { $ref: "#/components/schemas/StreamError" },
    ]);
  });

  test("shows a date as its format, without the pattern behind it", () => {
    expect(pick(document, "components.schemas.ApiKey.properties.created_at")).toEqual({
      type: "string",
      format: "date-time",
    });
  });

  test("keeps requests strict and answers open to new fields", () => {
    expect(pick(document, "components.schemas.CreateModelRequest.additionalProperties")).toBe(false);
    expect(pick(document, "components.schemas.Model.additionalProperties")).toBeUndefined();
  });

  test("shows the example of every body", () => {
    const { operations, schemas } = describeApi(DECLARED);
    for (const { id, body } of operations.filter((operation) => operation.body !== undefined)) {
      expect({ id, example: body && exampleOf(body, schemas) }).toEqual({ id, example: expect.anything() });
    }
  });

  test.each(DECLARED.filter(({ body }) => body !== undefined))(
    "has an example for $method $path that its schema accepts",
    ({ body }) => {
      const example = pick(body?.meta(), "examples.0");
      expect(example).toBeDefined();
      expect(z.safeParse(body ?? z.never(), example).error).toBeUndefined();
    },
  );
});

describe("a description of endpoints", () => {
  test("names operations by method and path", () => {
    const ids = (rows: readonly (readonly [EndpointDocs["method"], string])[]) =>
      describeApi(rows.map(([method, path]) => ({ ...shared, method, path }))).operations.map(({ id }) => id);
    expect(
      ids([
        ["POST", "/v1/routing-policies"],
        ["DELETE", "/v1/routing-policies/{id}"],
        ["PATCH", "/v1/api-keys/{id}"],
        ["GET", "/v1/me"],
        ["PUT", "/v1/budgets/{id}"],
      ]),
    ).toEqual(["createRoutingPolicy", "deleteRoutingPolicy", "updateApiKey", "getMe", "replaceBudget"]);
  });

  test("refuses two operations of one name", () => {
    const twice = [
      { ...shared, path: "/v1/things" },
      { ...shared, path: "/v1/other/things" },
    ];
    expect(() => describeApi(twice)).toThrow("two operations are named getThings");
  });

  test("refuses two schemas of one name", () => {
    const response = z.strictObject({ a: z.string() }).meta({ id: "ClashRequest" });
    const body = z.strictObject({ b: z.string() });
    const one = { ...shared, path: "/v1/a", operationId: "clash", body };
    expect(() => describeApi([one])).not.toThrow();
    expect(() => describeApi([{ ...one, response }])).toThrow("two schemas are named ClashRequest");
  });

  test("refuses an error code that is not in the table", () => {
    const endpoint = { ...shared, path: "/v1/things", errors: ["NO_SUCH_CODE"] };
    expect(() => describeApi([endpoint])).toThrow("NO_SUCH_CODE is not in the error table");
  });

  test("lets operations at one place call their parameter alike", () => {
    const { operations } = describeApi([
      { ...shared, path: "/v1/models/{slug...}" },
      { ...shared, method: "DELETE", path: "/v1/models/{model_id}" },
    ]);
    expect(operations.map(({ path }) => path)).toEqual(["/v1/models/{slug}", "/v1/models/{slug}"]);
    expect(operations[1]?.parameters).toMatchObject([{ name: "slug", description: "The `model_id`." }]);
  });

  test("takes parameters of any name as one open parameter", () => {
    const query = z.object({ a: z.string().optional() }).catchall(z.string());
    const { operations } = describeApi([{ ...shared, path: "/v1/things", query }]);
    expect(operations[0]?.parameters.map(({ name, isOpen }) => [name, isOpen])).toEqual([
      ["a", undefined],
      ["metadata", true],
    ]);
  });
});

/** One operation that breaks nothing. */
const GOOD = {
  openapi: "3.1.1",
  info: { title: "t", version: "1" },
  servers: [{ url: "http://localhost" }],
  tags: [{ name: "Things" }],
  paths: {
    "/things/{id}": {
      get: {
        operationId: "getThing",
        tags: ["Things"],
        security: [{ key: [] }],
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        responses: { 200: { description: "Done." } },
      },
    },
  },
  components: { securitySchemes: { key: { type: "http", scheme: "bearer" } }, schemas: { A: {} } },
};
const GET = GOOD.paths["/things/{id}"].get;

function withGet(change: object): object {
  return { ...GOOD, paths: { "/things/{id}": { get: { ...GET, ...change } } } };
}

describe("the rules the document is checked against", () => {
  test("pass a good document", () => {
    expect(breachesOf(GOOD)).toEqual([]);
  });

  test.each([
    ["another version", { ...GOOD, openapi: "3.0.3" }, "openapi is not 3.1"],
    ["no title", { ...GOOD, info: { version: "1" } }, "no info.title"],
    ["a server that is no URL", { ...GOOD, servers: [{ url: "nowhere" }] }, "server nowhere is no URL"],
    ["an undeclared tag", { ...GOOD, tags: [] }, "get /things/{id}: tag Things is not declared"],
    ["a missing path parameter", withGet({ parameters: [] }), "get /things/{id}: path parameters differ"],
    [
      "paths that differ in names only",
      { ...GOOD, paths: { ...GOOD.paths, "/things/{name}": {} } },
      "/things/{} is two paths that differ only in names",
    ],
    [
      "an operationId twice",
      { ...GOOD, paths: { ...GOOD.paths, "/x": { get: { ...GET, parameters: [] } } } },
      "operationId getThing twice",
    ],
    ["no success", withGet({ responses: { 404: { description: "No." } } }), "get /things/{id}: no success"],
    [
      "an undeclared key",
      withGet({ security: [{ other: [] }] }),
      "get /things/{id}: security other is not declared",
    ],
    [
      "a reference to nothing",
      { ...GOOD, components: { ...GOOD.components, schemas: { A: { $ref: "#/components/schemas/B" } } } },
      "#/components/schemas/B leads nowhere",
    ],
    [
      "a type that is none",
      { ...GOOD, components: { ...GOOD.components, schemas: { A: { type: "text" } } } },
      "text is no JSON Schema type",
    ],
    [
      "a required field that is unknown",
      { ...GOOD, components: { ...GOOD.components, schemas: { A: { required: ["x"], properties: {} } } } },
      "x is required and unknown",
    ],
    [
      "a component name with a blank",
      { ...GOOD, components: { ...GOOD.components, schemas: { "A B": {} } } },
      "component name A B",
    ],
  ])("find %s", (_name, document, breach) => {
    expect(breachesOf(JSON.parse(JSON.stringify(document)))).toContain(breach);
  });
});
