import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ProviderFamily } from "../../core/chat.ts";

/** Whose models read what answers in this format hold for themselves. */
export const FAMILY: ProviderFamily = "anthropic";

/** The version of the format that is spoken unless the caller asks for another. */
export const VERSION = "2023-06-01";

/** A block of content, in a request or an answer. */
export interface Block extends JsonObject {
  readonly type: string;
}

/** Whether a value is a block of any kind. */
export function isBlock(value: unknown): value is Block {
  return isObject(value) && typeof value["type"] === "string";
}

/** The members of an object but these. */
export function membersBut(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** The string, or the empty one. */
export function stringIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The items, or none. */
export function listIn(value: unknown): readonly unknown[] {
  return isList(value) ? value : [];
}
