import { isList, isObject } from "../../base/json.ts";
import type { Issue } from "../../core/dialect.ts";

/**
 * Checks of single values, put together into tables. They collect sentences for people; the schemas in
 * `request-schema.ts` say the same for OpenAPI, and a property test holds the two together. Written by hand
 * because a small request passes in 0.6 µs; the schema library takes 3 µs.
 */
export type Check = (value: unknown, field: string, issues: Issue[]) => void;

/** No more issues than this are told: the rest of a hostile body is not worth the answer. */
export const ISSUES_MAX = 32;

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (isList(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return value === "" ? "an empty string" : "a string";
  return typeof value === "number" || typeof value === "boolean" ? `${value}` : typeof value;
}

/** Notes that a value is not what it must be. */
export function mustBe(what: string, value: unknown, field: string, issues: Issue[]): void {
  const found = value === undefined ? "but is missing" : `not ${kindOf(value)}`;
  tell(issues, field, `must be ${what}, ${found}`);
}

/** Notes one issue, up to the bound. */
export function tell(issues: Issue[], field: string, message: string): void {
  if (issues.length < ISSUES_MAX) issues.push({ field, message });
}

/** A string of so many characters. */
export function textOf(minChars: number, maxChars: number = Number.MAX_SAFE_INTEGER): Check {
  const size = maxChars === Number.MAX_SAFE_INTEGER ? "" : ` of at most ${maxChars} characters`;
  const what = minChars > 0 ? `a non-empty string${size}` : `a string${size}`;
  return (value, field, issues) => {
    if (typeof value !== "string" || value.length < minChars) mustBe(what, value, field, issues);
    else if (value.length > maxChars) tell(issues, field, `must be ${what}, not ${value.length}`);
  };
}

/** A number within these two. */
export function numberOf(min: number, max: number): Check {
  const what = `a number from ${min} to ${max}`;
  return (value, field, issues) => {
    if (typeof value !== "number" || !(value >= min && value <= max)) mustBe(what, value, field, issues);
  };
}

/** A whole number within these two. */
export function integerOf(min: number, max: number): Check {
  const what =
    max < Number.MAX_SAFE_INTEGER
      ? `a whole number from ${min} to ${max}`
      : min > Number.MIN_SAFE_INTEGER
        ? `a whole number of at least ${min}`
        : "a whole number";
  return (value, field, issues) => {
    if (!Number.isSafeInteger(value) || typeof value !== "number" || value < min || value > max) {
      mustBe(what, value, field, issues);
    }
  };
}

export const flag: Check = (value, field, issues) => {
  if (typeof value !== "boolean") mustBe("true or false", value, field, issues);
};

/** One of these words. */
export function oneOf(words: readonly string[]): Check {
  const what = words.length === 1 ? `"${words[0]}"` : `one of ${words.map((word) => `"${word}"`).join(", ")}`;
  return (value, field, issues) => {
    if (typeof value === "string" && words.includes(value)) return;
    const shown = typeof value === "string" && value !== "" && value.length <= 64;
    if (shown) tell(issues, field, `must be ${what}, not "${value}"`);
    else mustBe(what, value, field, issues);
  };
}

export const anyObject: Check = (value, field, issues) => {
  if (!isObject(value)) mustBe("an object", value, field, issues);
};

/** Null passes as well. */
export function orNull(check: Check): Check {
  return (value, field, issues) => {
    if (value !== null) check(value, field, issues);
  };
}

/** A list of so many items. */
export function listOf(check: Check, minItems: number, maxItems: number): Check {
  const what = minItems > 0 ? "a non-empty list" : "a list";
  return (value, field, issues) => {
    if (!isList(value) || value.length < minItems) return mustBe(what, value, field, issues);
    if (value.length > maxItems)
      return tell(issues, field, `may have at most ${maxItems} items, not ${value.length}`);
    for (let i = 0; i < value.length && issues.length < ISSUES_MAX; i++)
      check(value[i], `${field}[${i}]`, issues);
  };
}

/** An object with these fields; others are let through. Absent ones pass unless required. */
export function objectOf(
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>>,
) {
  const must = Object.entries(required);
  const may = Object.entries(optional);
  return (value: unknown, field: string, issues: Issue[]): void => {
    if (!isObject(value)) return mustBe("an object", value, field, issues);
    for (const [name, check] of must) check(value[name], `${field}.${name}`, issues);
    for (const [name, check] of may) {
      if (value[name] !== undefined) check(value[name], `${field}.${name}`, issues);
    }
  };
}
