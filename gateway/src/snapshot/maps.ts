/** Keeps one object, or takes it out. */
export function put<Value>(map: Map<string, Value>, id: string, value: Value | undefined): void {
  if (value === undefined) map.delete(id);
  else map.set(id, value);
}

/** Keeps a second index in step, also when the indexed property itself has changed. */
export function putIndexed<Value>(
  map: Map<string, Value>,
  index: Map<string, Value>,
  keyOf: (value: Value) => string,
  id: string,
  value: Value | undefined,
): void {
  const former = map.get(id);
  if (former !== undefined && index.get(keyOf(former)) === former) index.delete(keyOf(former));
  put(map, id, value);
  if (value !== undefined) index.set(keyOf(value), value);
}
