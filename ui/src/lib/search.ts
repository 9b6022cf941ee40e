/** What stands behind the `?` of an address, before anybody has looked at it. */
export type Search = Readonly<Record<string, unknown>>;

// What a validator leaves out stays as the address has it: each field that is not valid must be named as undefined.

/** A text of the address, if it is one and not empty. */
export function text(value: unknown): string | undefined {
  const shown = typeof value === "number" ? String(value) : value;
  return typeof shown === "string" && shown !== "" ? shown : undefined;
}
