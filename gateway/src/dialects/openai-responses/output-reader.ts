import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent, Opaque } from "../../core/chat.ts";

const CHOICE = 0;
/** Between two parts of a summary. */
const PARAGRAPH = "\n\n";
/** A model's call without arguments: some upstreams send nothing at all, which no program can parse. */
const NO_ARGUMENTS = "{}";
/** Members of a function call that the middle form has places for, or that say nothing once it is over. */
const CALL_MEMBERS: ReadonlySet<string> = new Set(["type", "id", "call_id", "name", "arguments", "status"]);

/** How far one item of the output has been told. */
interface ItemState {
  /** Whose it is, where the item says. */
  readonly id: unknown;
  /** UTF-16 units of each of its texts, by the text's name. */
  readonly told: Map<string, number>;
  /** Its annotations, by the part's number. */
  readonly annotations: Map<number, number>;
  /** Its place among the calls, where it is one. */
  call?: number;
  over: boolean;
}

/**
 * Turns the items of an answer's output into events, whether they come piece by piece or whole. Each text is told
 * once: what a piece has told, its end only completes.
 */
export class OutputReader {
  readonly #items = new Map<number, ItemState>();
  #textTold = 0;
  #calls = 0;
  #hasReasoned = false;
  #searches = 0;

  /** Tool calls so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Searches that the provider has made for this answer. */
  get searches(): number {
    return this.#searches;
  }

  /** An item begins. */
  begin(index: number, item: JsonObject): readonly ChatEvent[] {
    const state = newState(item["id"]);
    this.#items.set(index, state);
    if (item["type"] === "function_call") return [this.#beginCall(state, item)];
    const phase = item["phase"];
    // Where one message ends and another begins, and which of them is the answer, would be lost otherwise.
    if (item["type"] === "message" && typeof phase === "string")
      return [this.#opaque({ type: "message", phase })];
    return [];
  }

  /** A piece of a text. `name` tells the texts of one item apart. */
  piece(
    kind: "text" | "refusal" | "reasoning",
    index: number,
    name: string,
    text: unknown,
    logprobs?: unknown,
  ): readonly ChatEvent[] {
    if (typeof text !== "string") return unread(kind, text);
    const state = this.#state(index);
    const before = state.told.get(name);
    state.told.set(name, (before ?? 0) + text.length);
    const hasLogprobs = isList(logprobs) && logprobs.length > 0;
    if (text === "" && !hasLogprobs) return [];
    switch (kind) {
      case "text":
        this.#textTold += text.length;
        return [
          { type: "text", index: CHOICE, text, ...(hasLogprobs && { logprobs: { content: logprobs } }) },
        ];
      case "refusal":
        return [{ type: "refusal", index: CHOICE, text }];
      case "reasoning": {
        const isNext = this.#hasReasoned && before === undefined;
        this.#hasReasoned = true;
        return [{ type: "reasoning", index: CHOICE, text: isNext ? PARAGRAPH + text : text }];
      }
    }
  }

  /** A piece of a call's arguments. */
  argumentsPiece(index: number, text: unknown): readonly ChatEvent[] {
    if (typeof text !== "string" || text === "") return [];
    const state = this.#state(index);
    if (state.call === undefined)
      return [{ type: "skipped", reason: "arguments of a call that never began" }];
    state.told.set("arguments", (state.told.get("arguments") ?? 0) + text.length);
    return [{ type: "tool_call", index: CHOICE, call: state.call, arguments: text }];
  }

  /** Something said about a text, such as where it is from. */
  annotation(index: number, part: number, annotation: unknown): readonly ChatEvent[] {
    if (!isObject(annotation)) return [];
    const { annotations } = this.#state(index);
    annotations.set(part, (annotations.get(part) ?? 0) + 1);
    return [{ type: "extra", index: CHOICE, extra: { annotations: [annotation] } }];
  }

  /** An item is over: whatever of it has not been told. */
  end(index: number, item: JsonObject): readonly ChatEvent[] {
    const events: ChatEvent[] = [];
    if (!this.#items.has(index)) events.push(...this.begin(index, item));
    const state = this.#state(index);
    if (state.over) return events;
    state.over = true;
    switch (item["type"]) {
      case "message":
        this.#endMessage(index, item, events);
        break;
      case "function_call":
        this.#endCall(index, state, item, events);
        break;
      case "reasoning":
        this.#endReasoning(index, item, events);
        break;
      default:
        this.#count(item);
        events.push(this.#opaque(item));
    }
    return events;
  }

  /** An item as the whole answer holds it, where it may have another place than it had when it came piece by piece. */
  endListed(index: number, item: JsonObject): readonly ChatEvent[] {
    const id = item["id"];
    for (const [place, state] of this.#items) {
      if (id !== undefined && state.id === id) return this.end(place, item);
    }
    return this.end(index, item);
  }

  #beginCall(state: ItemState, item: JsonObject): ChatEvent {
    const call = this.#calls++;
    state.call = call;
    const id = [item["call_id"], item["id"]].find((one) => typeof one === "string" && one !== "");
    const name = item["name"];
    return {
      type: "tool_call",
      index: CHOICE,
      call,
      id: typeof id === "string" ? id : `call_${call}`,
      ...(typeof name === "string" && { name }),
      arguments: "",
    };
  }

  #endMessage(index: number, { content }: JsonObject, events: ChatEvent[]): void {
    for (const [part, said] of (isList(content) ? content : []).entries()) {
      if (!isObject(said)) continue;
      if (said["type"] === "output_text") {
        events.push(...this.#rest("text", index, `text ${part}`, said["text"], said["logprobs"]));
        const annotations = isList(said["annotations"]) ? said["annotations"] : [];
        const told = this.#state(index).annotations.get(part) ?? 0;
        for (const one of annotations.slice(told)) events.push(...this.annotation(index, part, one));
      } else if (said["type"] === "refusal") {
        events.push(...this.#rest("refusal", index, `refusal ${part}`, said["refusal"]));
      } else events.push({ type: "skipped", reason: `content of type ${typeName(said["type"])}` });
    }
  }

  #endCall(index: number, state: ItemState, item: JsonObject, events: ChatEvent[]): void {
    const whole = item["arguments"];
    const told = state.told.get("arguments") ?? 0;
    if (typeof whole === "string") events.push(...this.argumentsPiece(index, whole.slice(told)));
    if (!state.told.has("arguments")) events.push(...this.argumentsPiece(index, NO_ARGUMENTS));
    const more = Object.entries(item).filter(([key, value]) => !CALL_MEMBERS.has(key) && value != null);
    if (more.length === 0 || state.call === undefined) return;
    const opaque: Opaque = { family: "openai", data: Object.fromEntries(more) };
    events.push({ type: "tool_call", index: CHOICE, call: state.call, arguments: "", opaque: [opaque] });
  }

  #endReasoning(index: number, item: JsonObject, events: ChatEvent[]): void {
    for (const member of ["summary", "content"]) {
      const parts = item[member];
      for (const [part, said] of (isList(parts) ? parts : []).entries()) {
        if (isObject(said)) events.push(...this.#rest("reasoning", index, `${member} ${part}`, said["text"]));
      }
    }
    // What is not encrypted is kept by the provider, and we have it keep nothing.
    const encrypted = item["encrypted_content"];
    if (typeof encrypted === "string" && encrypted !== "") events.push(this.#opaque(item));
  }

  /** What of a whole text has not come in pieces. */
  #rest(
    kind: "text" | "refusal" | "reasoning",
    index: number,
    name: string,
    whole: unknown,
    logprobs?: unknown,
  ): readonly ChatEvent[] {
    if (typeof whole !== "string") return unread(kind, whole);
    const told = this.#state(index).told.get(name);
    if (told === undefined) return this.piece(kind, index, name, whole, logprobs);
    return whole.length > told ? this.piece(kind, index, name, whole.slice(told)) : [];
  }

  #opaque(data: JsonObject): ChatEvent {
    const at = { text: this.#textTold, calls: this.#calls };
    const isInFront = at.text === 0 && at.calls === 0;
    return {
      type: "opaque",
      index: CHOICE,
      opaque: { family: "openai", data, ...(!isInFront && { at }) },
    };
  }

  #count({ type, action }: JsonObject): void {
    // Pages that were opened or looked through cost nothing of their own.
    if (type !== "web_search_call") return;
    if (!isObject(action) || action["type"] === undefined || action["type"] === "search") this.#searches++;
  }

  #state(index: number): ItemState {
    const known = this.#items.get(index);
    if (known !== undefined) return known;
    const state = newState(undefined);
    this.#items.set(index, state);
    return state;
  }
}

/** Of what should be text and is something else. */
function unread(kind: string, value: unknown): readonly ChatEvent[] {
  return value === undefined || value === null ? [] : [{ type: "skipped", reason: `${kind} that is none` }];
}

function newState(id: unknown): ItemState {
  return { id, told: new Map(), annotations: new Map(), over: false };
}

function typeName(type: unknown): string {
  return typeof type === "string" ? JSON.stringify(type.slice(0, 40)) : "unknown";
}
