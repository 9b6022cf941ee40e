type Schema = Readonly<Record<string, unknown>>;

const DEPTH_MAX = 24;
/** Schemas come from callers: nested lists of a hundred items each must not keep the process busy. */
const NODES_MAX = 5_000;
/** From here on arrays stay as short as they may be, so that recursive schemas end. */
const DEPTH_SPARSE = 6;
const ITEMS_MAX = 100;
const LENGTH_MAX = 10_000;

const STRING_OF_FORMAT: Readonly<Record<string, string>> = {
  date: "2026-01-01",
  time: "12:00:00Z",
  "date-time": "2026-01-01T12:00:00Z",
  duration: "PT1H",
  email: "someone@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  url: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
};

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numberAt(schema: Schema, key: string): number | undefined {
  const value = schema[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function listAt(schema: Schema, key: string): readonly unknown[] {
  const value = schema[key];
  return Array.isArray(value) ? value : [];
}

/** What one run works with: the document references point into, and how many nodes it may still visit. */
interface Run {
  readonly root: unknown;
  nodesLeft: number;
}

/**
 * A value that satisfies a JSON schema: constants, enumerations, defaults and examples as given, otherwise the
 * plainest value of the type, with required properties and simple bounds. `pattern` and the conditional
 * keywords are not solved for; a schema too deep or too large to satisfy gets nulls where it was given up. The
 * same schema always gives the same value.
 */
export function valueFor(schema: unknown): unknown {
  return value(schema, { root: schema, nodesLeft: NODES_MAX }, "text", 0);
}

function value(node: unknown, run: Run, name: string, depth: number): unknown {
  if (!isSchema(node)) return {};
  if (depth > DEPTH_MAX || run.nodesLeft <= 0) return null;
  const schema = flattened(node, run, depth);
  if ("const" in schema) return schema["const"];
  for (const key of ["enum", "examples"]) {
    const [first] = listAt(schema, key);
    if (first !== undefined) return first;
  }
  if ("default" in schema) return schema["default"];
  switch (typeOf(schema)) {
    case "object":
      return objectFor(schema, run, depth);
    case "array":
      return arrayFor(schema, run, name, depth);
    case "string":
      return stringFor(schema, name);
    case "integer":
      return numberFor(schema, 1);
    case "number":
      return numberFor(schema, 0.5);
    case "boolean":
      return true;
    default:
      return null;
  }
}

/** One schema for a node with its reference, all of `allOf` and one choice of `anyOf` and `oneOf` folded in. */
function flattened(node: unknown, run: Run, depth: number): Schema {
  run.nodesLeft -= 1;
  if (!isSchema(node) || depth > DEPTH_MAX || run.nodesLeft <= 0) return {};
  const { $ref: reference, allOf: _all, anyOf: _any, oneOf: _one, ...own } = node;
  const parts = [
    ...(typeof reference === "string" ? [pointed(reference, run.root)] : []),
    ...listAt(node, "allOf"),
    ...choice(listAt(node, "anyOf"), depth),
    ...choice(listAt(node, "oneOf"), depth),
  ];
  return parts.length === 0 ? own : merged([...parts.map((part) => flattened(part, run, depth + 1)), own]);
}

/** The first option; far down the plainest one, so that recursive schemas end. */
function choice(options: readonly unknown[], depth: number): readonly unknown[] {
  const plain = depth >= DEPTH_SPARSE ? options.find(isPlain) : undefined;
  return plain === undefined ? options.slice(0, 1) : [plain];
}

function isPlain(option: unknown): boolean {
  return isSchema(option) && !("$ref" in option) && option["type"] !== "object" && option["type"] !== "array";
}

function pointed(reference: string, root: unknown): unknown {
  let node: unknown = root;
  for (const step of reference.replace(/^#\/?/, "").split("/")) {
    if (step === "") continue;
    if (!isSchema(node)) return undefined;
    node = node[step.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return node;
}

function merged(parts: readonly Schema[]): Schema {
  const properties: Record<string, unknown> = {};
  for (const part of parts) if (isSchema(part["properties"])) Object.assign(properties, part["properties"]);
  const required = parts.flatMap((part) => listAt(part, "required"));
  return Object.assign({}, ...parts, { properties, required });
}

function typeOf(schema: Schema): string {
  const declared = schema["type"];
  if (typeof declared === "string") return declared;
  const named = listAt(schema, "type").find((type) => type !== "null");
  if (typeof named === "string") return named;
  return "items" in schema || "prefixItems" in schema ? "array" : "object";
}

function objectFor(schema: Schema, run: Run, depth: number): object {
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  const made: Record<string, unknown> = {};
  for (const name of listAt(schema, "required")) {
    if (typeof name === "string")
      made[name] = value(properties[name] ?? { type: "string" }, run, name, depth + 1);
  }
  return made;
}

function arrayFor(schema: Schema, run: Run, name: string, depth: number): unknown[] {
  const fixed = listAt(schema, "prefixItems");
  const least = numberAt(schema, "minItems") ?? 0;
  const most = Math.min(numberAt(schema, "maxItems") ?? ITEMS_MAX, ITEMS_MAX);
  const wanted = depth >= DEPTH_SPARSE ? least : Math.max(least, fixed.length, 1);
  return Array.from({ length: Math.min(wanted, most) }, (_, at) =>
    value(fixed[at] ?? schema["items"] ?? { type: "string" }, run, name, depth + 1),
  );
}

function stringFor(schema: Schema, name: string): string {
  const format = typeof schema["format"] === "string" ? STRING_OF_FORMAT[schema["format"]] : undefined;
  if (format !== undefined) return format;
  const least = Math.min(numberAt(schema, "minLength") ?? 0, LENGTH_MAX);
  const most = numberAt(schema, "maxLength") ?? LENGTH_MAX;
  return `sample ${name}`.padEnd(least, ".").slice(0, most);
}

function numberFor(schema: Schema, fallbackUnit: number): number {
  const unit = numberAt(schema, "multipleOf") ?? fallbackUnit;
  const over = numberAt(schema, "exclusiveMinimum");
  const under = numberAt(schema, "exclusiveMaximum");
  const least = numberAt(schema, "minimum") ?? (over === undefined ? undefined : over + unit);
  const most = numberAt(schema, "maximum") ?? (under === undefined ? undefined : under - unit);
  const wanted = Math.min(Math.max(1, least ?? 1), most ?? Infinity);
  // Rounded towards the side that has room.
  const below = Math.floor(wanted / unit) * unit;
  return below >= (least ?? -Infinity) ? below : Math.ceil(wanted / unit) * unit;
}
