import type { z } from "zod";
import { nearest } from "../base/nearest.ts";

/** One thing wrong with what somebody gave. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * What a schema objects to, in words for people; a field or value nobody knows with the one it may have been meant to be.
 * Values are told of where the error carries what was given (`reportInput`).
 */
export function issuesOf(error: z.ZodError, schema: z.ZodType): Issue[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: messageOf(issue) }];
    const known = knownKeys(at(schema, issue.path));
    return issue.keys.map((key) => {
      const [closest] = nearest(key, known, 1);
      const meant = closest === undefined ? "" : `; did you mean ${closest}?`;
      return { path: [...issue.path, key], message: `is not a known field${meant}` };
    });
  });
}

/** A path as people write it: `targets[0].weight`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? String(part) : `.${String(part)}`;
  }
  return text;
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  if (issue.code !== "invalid_value") return issue.message;
  return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}${meant(issue)}`;
}

function meant({ input, values }: z.core.$ZodIssueInvalidValue): string {
  if (typeof input !== "string") return "";
  const known = values.filter((value) => typeof value === "string");
  const [closest] = nearest(input, known, 1);
  return closest === undefined ? "" : `; did you mean ${closest}?`;
}

/** The schema of what stands at a path, as far as it can be followed. */
function at(schema: unknown, path: readonly PropertyKey[]): unknown {
  let found = unwrapped(schema);
  for (const part of path) {
    const shape = property(found, "shape");
    const own = typeof shape === "object" && shape !== null && Object.hasOwn(shape, part);
    const inside = own ? property(shape, part) : (property(found, "valueType") ?? property(found, "element"));
    if (inside === undefined) return undefined;
    found = unwrapped(inside);
  }
  return found;
}

/** Without what says that it may be left out, or what becomes of it. */
function unwrapped(schema: unknown): unknown {
  let found = schema;
  for (;;) {
    const inside = property(property(found, "def"), "innerType") ?? property(found, "in");
    if (inside === undefined) return found;
    found = inside;
  }
}

function knownKeys(schema: unknown): string[] {
  const shape = property(schema, "shape");
  return typeof shape === "object" && shape !== null ? Object.keys(shape) : [];
}

function property(value: unknown, name: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
