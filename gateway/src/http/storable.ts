import { ApiError, type ErrorDetail } from "../errors.ts";

/**
 * Refuses NUL wherever it stands in what a caller has sent: PostgreSQL keeps no such text, nothing that exists has one
 * in its name, and both engines must say the same. Throws ApiError VALIDATION_ERROR by field.
 */
export function demandStorable(value: unknown, place: string): void {
  const details = nulsIn(value, place);
  if (details.length > 0) throw new ApiError("VALIDATION_ERROR", undefined, { details });
}

function nulsIn(value: unknown, field: string): ErrorDetail[] {
  if (typeof value === "string") return value.includes("\0") ? [nulAt(field)] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => nulsIn(item, `${field}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name.includes("\0")) return [nulAt(field)];
    return nulsIn(member, field === "" ? name : `${field}.${name}`);
  });
}

function nulAt(field: string): ErrorDetail {
  return { field: field === "" ? "body" : field, message: "must not contain NUL" };
}
