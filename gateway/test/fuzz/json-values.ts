import fc from "fast-check";
import { type JsonSchema, resolve } from "../../src/http/openapi/json-schema.ts";

/** Of how many values one is anything at all in place of what its schema asks for. */
const WRONG_ONE_IN = 12;
const ENTRIES_MAX = 3;
const DEPTH_MAX = 6;
const WHOLE_MAX = 1_000_000;

/** What breaks parsers, stores and terminals, and what looks right but is not. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    "",
    " ",
    "\u0000",
    "\ud800",
    "a'b\"c\\d",
    "../../etc",
    "%00",
    "👩‍👩‍👧",
    "2026-13-45T99:99:99Z",
    "9".repeat(400),
    "x".repeat(5_000),
    null,
    -1,
    1e308,
    Number.MAX_SAFE_INTEGER,
    [],
    {},
    [[[[]]]],
  ),
);

/** Values by the name of their field: ids that are there, addresses where something listens. */
export type Known = (field: string) => fc.Arbitrary<unknown> | undefined;

interface Making {
  readonly named: ReadonlyMap<string, JsonSchema>;
  readonly known: Known;
  readonly depth: number;
}

/** Values that a schema lets in, mostly: in some of them something is left out, is wrong, or is too much. */
export function valuesOf(schema: JsonSchema, named: Making["named"], known: Known): fc.Arbitrary<unknown> {
  return fitting(schema, { named, known, depth: 0 }, "");
}

function loosely(right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: WRONG_ONE_IN - 1, arbitrary: right }, { weight: 1, arbitrary: anything });
}

function fitting(referring: JsonSchema, making: Making, field: string): fc.Arbitrary<unknown> {
  const schema = resolve(referring, making.named);
  const known = making.known(field);
  if (making.depth > DEPTH_MAX) return anything;
  const right = plain(schema, { ...making, depth: making.depth + 1 }, field);
  return loosely(known === undefined ? right : fc.oneof({ weight: 3, arbitrary: known }, right));
}

function plain(schema: JsonSchema, making: Making, field: string): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => fitting(choice, making, field)));
  switch (schema.type) {
    case "string":
      return textOf(schema);
    case "integer":
    case "number":
      return numberOf(schema);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array": {
      const item = typeof schema.items === "object" && !Array.isArray(schema.items) ? schema.items : {};
      return fc.array(fitting(item, making, field.replace(/s$/, "")), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.max(schema.minItems ?? 0, Math.min(ENTRIES_MAX, schema.maxItems ?? ENTRIES_MAX)),
      });
    }
    case "object":
      return objectOf(schema, making);
    default:
      return anything;
  }
}

function objectOf(schema: JsonSchema, making: Making): fc.Arbitrary<unknown> {
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, member]) =>
      [name, typeof member === "object" ? fitting(member, making, name) : anything] as const,
  );
  const required = schema.required ?? [];
  const record = fc.record(Object.fromEntries(members), { requiredKeys: required });
  const more = schema.additionalProperties;
  const free = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 8 }),
    typeof more === "object" ? fitting(more, making, "") : anything,
    { maxKeys: ENTRIES_MAX },
  );
  const extended = fc.tuple(record, free).map(([own, others]) => ({ ...others, ...own }));
  if (typeof more === "object") return extended;
  return fc.oneof(
    { weight: WRONG_ONE_IN, arbitrary: record },
    { weight: 1, arbitrary: extended },
    { weight: 1, arbitrary: fc.record(Object.fromEntries(members), { requiredKeys: [] }) },
  );
}

function textOf({ format, pattern, minLength = 0, maxLength }: JsonSchema): fc.Arbitrary<string> {
  if (format === "date-time") {
    const years = { min: new Date("1999-01-01"), max: new Date("2101-01-01"), noInvalidDate: true };
    return fc.date(years).map((date) => date.toISOString());
  }
  if (pattern !== undefined) {
    try {
      return fc.stringMatching(new RegExp(pattern, "u"));
    } catch {
      // Not every pattern can be turned round: any text then.
    }
  }
  const most = Math.max(minLength, Math.min(maxLength ?? 24, 24));
  return fc.string({ minLength, maxLength: most, unit: "grapheme" });
}

function numberOf({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema) {
  const least = minimum ?? (typeof exclusiveMinimum === "number" ? exclusiveMinimum + 1 : -WHOLE_MAX);
  const most = maximum ?? (typeof exclusiveMaximum === "number" ? exclusiveMaximum - 1 : WHOLE_MAX);
  const bounds = { min: Math.min(least, most), max: Math.max(least, most) };
  if (type === "number") return fc.double({ ...bounds, noNaN: true });
  const whole = { min: Math.ceil(bounds.min), max: Math.floor(bounds.max) };
  return fc.oneof(fc.integer(whole), fc.constantFrom(whole.min, whole.max, Math.min(whole.max, 1)));
}
