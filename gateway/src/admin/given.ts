type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** The fields a caller has given: what zod leaves at undefined becomes absent. */
export function given<Fields extends Record<string, unknown>>(fields: Fields): Given<Fields> {
  const kept: Given<Fields> = {};
  for (const name in fields) {
    const value = fields[name];
    if (isGiven(value)) kept[name] = value;
  }
  return kept;
}

function isGiven<Value>(value: Value): value is Exclude<Value, undefined> {
  return value !== undefined;
}

/** An optional field after a change: null takes it away, undefined leaves it. */
export function kept<Value>(asked: Value | null | undefined, former: Value | undefined): Value | undefined {
  return asked === undefined ? former : (asked ?? undefined);
}
