import type { ChatEvent } from "../../core/chat.ts";

/** Kinds of which one stream tells; their names are the provider's, and there may be any number of them. */
const KINDS_MAX = 20;
const NAME_CHARS_MAX = 60;

const NO_EVENTS: readonly ChatEvent[] = [];

/** Blocks that this version knows: in our own terms, or as what is kept whole for the models that wrote it. */
const BLOCKS: ReadonlySet<unknown> = new Set([
  "text",
  "thinking",
  "redacted_thinking",
  "tool_use",
  "server_tool_use",
  "mcp_tool_use",
  "container_upload",
  "compaction",
  "fallback",
]);
/** What came of tools that the provider runs: `web_search_tool_result`, `mcp_tool_result` and so on. */
const TOOL_RESULT = /_tool_result$/;

/**
 * What streams say in kinds that this version does not know. The format says that programs are to pass over them, so
 * each is told once, for the trace alone, and handed on to callers of the same format.
 */
export class UnknownKinds {
  readonly #told = new Set<string>();

  /** The note on what is of this type: an event, a block or a piece of one. */
  note(what: "event" | "block" | "piece", type: unknown): readonly ChatEvent[] {
    const name =
      typeof type === "string"
        ? `of type ${JSON.stringify(type.slice(0, NAME_CHARS_MAX))}`
        : "without a type";
    const reason = `${what} ${name}`;
    if (this.#told.has(reason) || this.#told.size >= KINDS_MAX) return NO_EVENTS;
    this.#told.add(reason);
    return [{ type: "skipped", reason, passes: true }];
  }
}

/** Whether a block of this type is one that this version knows. */
export function isKnownBlock(type: string): boolean {
  return BLOCKS.has(type) || TOOL_RESULT.test(type);
}
