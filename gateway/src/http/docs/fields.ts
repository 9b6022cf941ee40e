import { type JsonSchema, resolve } from "../openapi/json-schema.ts";

/** One field of a body or an answer, as a row of a table. */
export interface Field {
  /** Dotted: `choices[].message.content`. */
  readonly name: string;
  /** For people: `integer from 1 to 1000`, `text or null`. */
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

/** Deeper fields are left to the machine-readable document. */
const DEPTH_MAX = 4;

/** The fields of an object, nested ones after the one that holds them. */
export function fieldsOf(schema: JsonSchema, named: ReadonlyMap<string, JsonSchema>): Field[] {
  return collect([schema], named, "", 0);
}

/** The fields of a place that holds one of several forms: what they share is told once. */
function collect(
  forms: readonly JsonSchema[],
  named: ReadonlyMap<string, JsonSchema>,
  prefix: string,
  depth: number,
): Field[] {
  const objects = forms.flatMap((form) => objectsIn(form, named));
  const names = new Set(objects.flatMap(({ properties = {} }) => Object.keys(properties)));
  return [...names].flatMap((name) => {
    const variants = objects.map(({ properties }) => properties?.[name]).filter(isSchema);
    const field = {
      name: prefix + name,
      type: anyOf(variants, named),
      required: objects.every(({ required = [] }) => required.includes(name)),
      description: variants.map(descriptionOf).find((text) => text !== "") ?? "",
    };
    if (depth === DEPTH_MAX) return [field];
    const byMark = Map.groupBy(
      variants.flatMap((variant) => contentsOf(variant, named)),
      ({ mark }) => mark,
    );
    const inner = [...byMark].flatMap(([mark, held]) =>
      collect(
        held.map((each) => each.schema),
        named,
        `${prefix}${name}${mark}.`,
        depth + 1,
      ),
    );
    return [field, ...inner];
  });
}

/** What a value holds, and how its path is written: lists and alternatives unwrapped. */
function contentsOf(
  schema: JsonSchema,
  named: ReadonlyMap<string, JsonSchema>,
  mark = "",
): { readonly schema: JsonSchema; readonly mark: string }[] {
  const whole = resolve(schema, named);
  if (isSchema(whole.items)) return contentsOf(whole.items, named, `${mark}[]`);
  const choices = alternatives(whole);
  return choices.length > 0
    ? choices.flatMap((choice) => contentsOf(choice, named, mark))
    : [{ schema: whole, mark }];
}

/** The object itself, or the objects it may be one of. */
function objectsIn(schema: JsonSchema, named: ReadonlyMap<string, JsonSchema>): JsonSchema[] {
  const whole = resolve(schema, named);
  return whole.properties ? [whole] : alternatives(whole).flatMap((each) => objectsIn(each, named));
}

function alternatives({ anyOf = [], oneOf = [] }: JsonSchema): JsonSchema[] {
  return [...anyOf, ...oneOf].filter(isSchema);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function descriptionOf({ description = "", default: standard }: JsonSchema): string {
  if (standard === undefined) return description;
  const told = `Default: \`${JSON.stringify(standard)}\`.`;
  return description === "" ? told : `${description} ${told}`;
}

/** The types of several forms, each told once. */
function anyOf(forms: readonly JsonSchema[], named: ReadonlyMap<string, JsonSchema>): string {
  return [...new Set(forms.flatMap((form) => typeOf(form, named).split(" or ")))].join(" or ");
}

/** The type of a value in a few words. */
export function typeOf(schema: JsonSchema, named: ReadonlyMap<string, JsonSchema>): string {
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
  const choices = alternatives(schema);
  if (choices.length > 0) return anyOf(choices, named);
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (Array.isArray(schema.type)) return schema.type.map(wordFor).join(" or ");
  switch (schema.type) {
    case "array":
      return `list of ${isSchema(schema.items) ? typeOf(schema.items, named) : "anything"}`;
    case "object":
      return isSchema(schema.additionalProperties) && !schema.properties
        ? `object of ${typeOf(schema.additionalProperties, named)}`
        : "object";
    case "string":
      return schema.format === "date-time" ? "date and time" : `text${lengthOf(schema)}`;
    case "integer":
    case "number":
      return `${wordFor(schema.type)}${rangeOf(schema)}`;
    default:
      return wordFor(schema.type ?? "anything");
  }
}

function wordFor(type: string): string {
  const words: Readonly<Record<string, string>> = { string: "text", boolean: "true or false" };
  return words[type] ?? type;
}

function lengthOf({ minLength, maxLength }: JsonSchema): string {
  if (maxLength === undefined) {
    if (minLength === undefined) return "";
    return minLength === 1 ? ", not empty" : `, ${minLength} characters or more`;
  }
  return minLength === undefined
    ? `, at most ${maxLength} characters`
    : `, ${minLength} to ${maxLength} characters`;
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  if (minimum === undefined) return maximum === undefined ? "" : `, at most ${maximum}`;
  return maximum === undefined ? `, ${minimum} or more` : ` from ${minimum} to ${maximum}`;
}
