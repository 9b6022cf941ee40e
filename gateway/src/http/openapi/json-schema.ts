import { z } from "zod";

/** JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Where OpenAPI keeps named schemas. */
const COMPONENTS = "#/components/schemas/";

/**
 * Turns zod schemas into JSON Schema: requests as callers write them, answers as the gateway writes them. Schemas
 * that are named here refer to one another by their names.
 */
export class SchemaNames {
  readonly #registry = z.registry<{ id: string }>();
  readonly #direction: "input" | "output";
  readonly #examples = new Map<string, unknown>();

  constructor(direction: "input" | "output") {
    this.#direction = direction;
  }

  /** The name of a schema: its own `id`, or `fallback`. The first name given stays. */
  nameOf(schema: z.ZodType, fallback: string): string {
    const known = this.#registry.get(schema)?.id;
    if (known !== undefined) return known;
    const id = schema.meta()?.id ?? fallback;
    this.#registry.add(schema, { id });
    this.#examples.set(id, schema.meta()?.["examples"]);
    return id;
  }

  /** Every schema that was given a name. Throws on types that JSON cannot express. */
  schemas(): ReadonlyMap<string, JsonSchema> {
    const { schemas } = z.toJSONSchema(this.#registry, {
      io: this.#direction,
      uri: (id) => `${COMPONENTS}${id}`,
    });
    const named = Object.entries(schemas).map(([name, schema]) => {
      const examples = this.#examples.get(name);
      // zod takes the examples of a schema with a transform for those of its output.
      return [
        name,
        { ...tidy(schema, this.#direction), ...(Array.isArray(examples) && { examples }) },
      ] as const;
    });
    return new Map(named);
  }
}

/** A reference to a named schema. */
export function refTo(name: string): JsonSchema {
  return { $ref: `${COMPONENTS}${name}` };
}

/** The schema itself where it refers to a named one. */
export function resolve(schema: JsonSchema, named: ReadonlyMap<string, JsonSchema>): JsonSchema {
  const target = schema.$ref?.startsWith(COMPONENTS) ? schema.$ref.slice(COMPONENTS.length) : undefined;
  return (target === undefined ? undefined : named.get(target)) ?? schema;
}

/** The parts of a schema that are schemas themselves, `true` and `false` left out. */
function partsOf(schema: JsonSchema): JsonSchema[] {
  const { properties = {}, items, additionalProperties, anyOf = [], oneOf = [], allOf = [] } = schema;
  const lists = [Object.values(properties), anyOf, oneOf, allOf, Array.isArray(items) ? items : [items]];
  return [...lists.flat(), additionalProperties].filter((part) => typeof part === "object");
}

/** Leaves out what says nothing to a reader or a generator. Works in place, on what zod has just made. */
function tidy(schema: JsonSchema, direction: "input" | "output"): JsonSchema {
  delete schema.$schema;
  delete schema.$id;
  delete schema["id"];
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  // The format says it; the pattern is 400 characters of calendar.
  if (schema.format === "date-time") delete schema.pattern;
  if (isAnyText(schema.propertyNames)) delete schema.propertyNames;
  // Later versions may answer with more fields: a generated client must not refuse them.
  if (direction === "output" && schema.additionalProperties === false) delete schema.additionalProperties;
  for (const part of partsOf(schema)) tidy(part, direction);
  return schema;
}

function isAnyText(schema: JsonSchema | boolean | undefined): boolean {
  return typeof schema === "object" && JSON.stringify(schema) === '{"type":"string"}';
}
