import type { JsonObject } from "../../base/json.ts";
import { editMembers, type Member, membersOf } from "../../base/json-members.ts";
import type { AnswerHead } from "../../core/dialect.ts";

/** What a chunk calls itself; some servers say something else. */
const CHUNK = "chat.completion.chunk";
const NULL_USAGE = `,"usage":null`;

/**
 * Puts our id, the slug and the right `usage` into the chunks of one stream and leaves all else as it came. Chunks of
 * a stream begin alike: what stands before the choices is looked at once, and compared as a piece of text from then
 * on. The same beginning holds the same members, so the splice is where the top-level member is, wherever else the
 * same words may stand. 0.3 µs for a chunk of 300 characters, 1 µs where it must be looked at member by member.
 */
export class FrameEditor {
  readonly #id: string;
  readonly #model: string;
  readonly #created: string;
  readonly #includeUsage: boolean;
  /** The beginning of the last chunk that was looked at, up to the end of both members; empty = none. */
  #beginning = "";
  #edited = "";

  constructor(head: AnswerHead) {
    this.#id = JSON.stringify(head.id);
    this.#model = JSON.stringify(head.model);
    this.#created = String(head.created);
    this.#includeUsage = head.includeUsage;
  }

  /** The text of a chunk as the caller gets it; `chunk` is the text parsed. Its usage, if any, becomes null. */
  edit(data: string, chunk: JsonObject): string {
    return this.#byBeginning(data, chunk) ?? this.#byMembers(data, chunk);
  }

  #byBeginning(data: string, { object, created, usage }: JsonObject): string | undefined {
    if (object !== CHUNK || created === undefined) return undefined;
    if (this.#beginning === "" || !data.startsWith(this.#beginning)) return undefined;
    const from = this.#beginning.length;
    // A second member of the same name further on would be the one that counts; a name can be written with escapes.
    if (data.includes(`"model"`, from) || data.includes(`"id"`, from) || data.includes("\\u00", from)) {
      return undefined;
    }
    const rest = this.#usageOf(data, usage, from);
    return rest === undefined ? undefined : this.#edited + rest;
  }

  /** What follows the beginning, with its usage as the caller expects it; undefined where that takes a closer look. */
  #usageOf(data: string, usage: unknown, from: number): string | undefined {
    if (this.#includeUsage) {
      if (usage === null) return data.slice(from);
      const isPlain = usage === undefined && data.endsWith("}");
      return isPlain ? `${data.slice(from, -1)}${NULL_USAGE}}` : undefined;
    }
    if (usage === undefined) return data.slice(from);
    const at = usage === null ? data.indexOf(NULL_USAGE, from) : -1;
    // Its first one, and a key: a comma before it, a colon behind. No brace follows but the chunk's own.
    if (at < 0 || data.indexOf(`"usage"`, from) !== at + 1) return undefined;
    if (data.indexOf("}", at) !== data.length - 1) return undefined;
    return data.slice(from, at) + data.slice(at + NULL_USAGE.length);
  }

  #byMembers(data: string, chunk: JsonObject): string {
    const members = membersOf(data);
    const edits = new Map<string, string | undefined>([
      ["id", this.#id],
      ["model", this.#model],
    ]);
    if (chunk["object"] !== CHUNK) edits.set("object", JSON.stringify(CHUNK));
    if (chunk["created"] === undefined) edits.set("created", this.#created);
    if (this.#includeUsage) edits.set("usage", "null");
    else if (chunk["usage"] !== undefined) edits.set("usage", undefined);
    this.#remember(data, members);
    return editMembers(data, edits, members);
  }

  /** Keeps the beginning of a chunk that has both members once, and before its usage. */
  #remember(data: string, members: readonly Member[]): void {
    this.#beginning = "";
    const named = members.filter(({ key }) => key === "id" || key === "model");
    const last = named.at(-1);
    if (last === undefined || named.length !== 2 || named[0]?.key === last.key) return;
    const before = members.slice(0, members.indexOf(last) + 1);
    if (before.some(({ key }) => key === "usage")) return;
    const text = data.slice(0, last.end);
    this.#beginning = text;
    // The text is cut off after a value: closed, it is an object of its own.
    const edits = new Map([
      ["id", this.#id],
      ["model", this.#model],
    ]);
    this.#edited = editMembers(`${text}}`, edits, before).slice(0, -1);
  }
}
