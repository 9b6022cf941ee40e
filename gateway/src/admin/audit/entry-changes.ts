import type { Changes } from "../../core/audit.ts";
import type { Recorded } from "../../store/recording/recorded.ts";

/** Fields one entry tells of; more are counted. */
const FIELDS_MAX = 200;
/** Characters of a value, as JSON; longer ones are cut. */
const VALUE_CHARS_MAX = 2_000;

/**
 * What a call has changed, as its entry tells it: the fields of what the call was about under their own names, those
 * of everything else under `kind[id].field`. Bounded, whatever was sent.
 */
export function entryChanges(
  done: readonly Recorded[],
  subject: Pick<Recorded, "kind" | "id"> | undefined,
): Changes {
  const changes: Record<string, readonly [unknown, unknown]> = {};
  let fields = 0;
  for (const { kind, id, changes: changed } of done) {
    const prefix = kind === subject?.kind && id === subject.id ? "" : `${kind}[${id ?? ""}].`;
    for (const [field, [from, to]] of Object.entries(changed)) {
      if (++fields <= FIELDS_MAX) changes[`${prefix}${field}`] = [bounded(from), bounded(to)];
    }
  }
  return fields > FIELDS_MAX ? { ...changes, more_fields: [null, fields - FIELDS_MAX] } : changes;
}

function bounded(value: unknown): unknown {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= VALUE_CHARS_MAX
    ? value
    : `${text.slice(0, VALUE_CHARS_MAX).toWellFormed()}… (${text.length} characters)`;
}
