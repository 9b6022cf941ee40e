import { expect, test } from "bun:test";
import { describeApi, fieldsOf } from "../api/started.ts";
import { DECLARED } from "../harness/declared.ts";
import { isObject } from "../harness/json.ts";

/** What people try to set who may not: ownership, power, identity, time, money, secrets. */
const SMUGGLED = [
  "id",
  "tenant_id",
  "partner_id",
  "user_id",
  "role",
  "roles",
  "permissions",
  "is_admin",
  "status",
  "created_at",
  "updated_at",
  "deleted_at",
  "hash",
  "key",
  "credentials",
  "password",
  "spend",
  "owned_by",
  "sealed_seq",
  "constructor",
] as const;

/** Every management call with a body: inference hands unknown fields on, by contract. */
const WITH_BODY = DECLARED.filter(({ kind, body }) => body !== undefined && kind !== "inference");

/** The names a body may have at its top, however the schema is wrapped. */
function fieldNames(schema: unknown): readonly string[] {
  if (!isObject(schema)) return [];
  if (isObject(schema["shape"])) return Object.keys(schema["shape"]);
  const inner = isObject(schema["def"]) ? (schema["def"]["in"] ?? schema["def"]["innerType"]) : undefined;
  return fieldNames(inner);
}

test("every body is known field by field", () => {
  expect(WITH_BODY.filter(({ body }) => fieldNames(body).length === 0).map(({ path }) => path)).toEqual([]);
});

describeApi("a body with fields that its schema does not name", (api) => {
  test.each(WITH_BODY.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s refuses each of them by name",
    async (_name, { method, path, body: schema }) => {
      const known = fieldNames(schema);
      const unknown = SMUGGLED.filter((field) => !known.includes(field));
      const body = Object.fromEntries(unknown.map((field) => [field, "x"]));
      const reply = await api.gateway.api(method, path.replaceAll(/\{[^}]*\}/g, "some"), { body });
      expect(reply.status).toBe(422);
      expect(fieldsOf(reply)).toEqual(expect.arrayContaining([...unknown]));
    },
  );
});
