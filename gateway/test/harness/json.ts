/** Whether a value is a JSON object (not null, not an array). */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * What stands at a dotted path of a JSON value (`choices.0.message.content`); undefined where the path ends early.
 * Tests read answers with it, so that a missing field fails an expectation instead of a type cast.
 */
export function pick(value: unknown, path: string): unknown {
  let at: unknown = value;
  for (const step of path.split(".")) {
    if (Array.isArray(at)) at = at[Number(step)];
    else if (isObject(at)) at = at[step];
    else return undefined;
  }
  return at;
}

/** The text at a path. Throws when there is none. */
export function pickText(value: unknown, path: string): string {
  const found = pick(value, path);
  if (typeof found !== "string")
    throw new Error(`no text at ${path} of ${JSON.stringify(value)?.slice(0, 300)}`);
  return found;
}
