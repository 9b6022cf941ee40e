import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatMessage, ContentPart, Opaque, ToolCall } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import { mustBe, tell } from "../chat-completions/check.ts";
import { keptInText, type Kept } from "./opaque-text.ts";
import { readParts } from "./parts.ts";

const ROLES: ReadonlySet<unknown> = new Set(["user", "system", "developer"]);
/** Members of a function call that the middle form has places for. */
const CALL_MEMBERS: ReadonlySet<string> = new Set(["type", "id", "call_id", "name", "arguments", "status"]);

/** An answer of the model that is being put together from its items. */
interface Answer {
  text: string;
  reasoning: string;
  refusal: string | undefined;
  hasText: boolean;
  readonly calls: ToolCall[];
  readonly opaque: Opaque[];
}

/** Puts the items of a conversation together to messages: those of one answer are one message of a chat. */
export class Conversation {
  readonly messages: ChatMessage[] = [];
  readonly #issues: Issue[];
  #answer: Answer | undefined;
  /** What belongs to a call that has not come yet, by its id. */
  readonly #ofCalls = new Map<string, Kept["opaque"]>();

  constructor(issues: Issue[]) {
    this.#issues = issues;
  }

  /** Takes one item. `at` is its path. */
  item(item: unknown, at: string): void {
    if (!isObject(item)) return mustBe("an object", item, at, this.#issues);
    const type = item["type"] ?? "message";
    switch (type) {
      case "message":
        return this.#message(item, at);
      case "function_call":
        return this.#call(item, at);
      case "function_call_output":
        return this.#output(item, at);
      case "reasoning":
        return this.#reasoning(item, at);
      case "item_reference":
        return tell(
          this.#issues,
          at,
          "refers to an item, and none are kept here: send the item itself (clients do with store: false)",
        );
      default:
        tell(this.#issues, `${at}.type`, `is of a kind that is not possible here: ${nameOf(type)}`);
    }
  }

  /** No more items follow. */
  end(): void {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer === undefined) return;
    const { text, reasoning, refusal, calls, opaque } = answer;
    this.messages.push({
      role: "assistant",
      content: text === "" && (calls.length > 0 || refusal !== undefined || opaque.length > 0) ? null : text,
      ...(refusal !== undefined && { refusal }),
      ...(reasoning !== "" && { reasoning }),
      ...(calls.length > 0 && { tool_calls: calls }),
      ...(opaque.length > 0 && { opaque }),
    });
  }

  #message(item: JsonObject, at: string): void {
    const { role, content } = item;
    if (role === "assistant") return this.#said(item, at);
    if (!ROLES.has(role)) {
      return tell(this.#issues, `${at}.role`, `must be one of "user", "assistant", "system", "developer"`);
    }
    this.end();
    const told = role === "user" ? "user" : role === "system" ? "system" : "developer";
    this.messages.push({ role: told, content: this.#contentOf(content, `${at}.content`, told === "user") });
  }

  #said({ content, phase }: JsonObject, at: string): void {
    // Two messages in a row are two: an answer has one text.
    const answer = this.#open((known) => known.hasText);
    answer.hasText = true;
    if (typeof phase === "string") this.#keep({ family: "openai", data: { type: "message", phase } });
    if (typeof content === "string") {
      answer.text += content;
      return;
    }
    if (!isList(content))
      return mustBe("a string or a list of parts", content, `${at}.content`, this.#issues);
    for (const [i, part] of content.entries()) this.#saidPart(answer, part, `${at}.content[${i}]`);
  }

  #saidPart(answer: Answer, part: unknown, at: string): void {
    if (!isObject(part)) return mustBe("an object", part, at, this.#issues);
    const { type, text, refusal } = part;
    if (type === "refusal" && typeof refusal === "string") answer.refusal = (answer.refusal ?? "") + refusal;
    else if ((type === "output_text" || type === "input_text") && typeof text === "string")
      answer.text += text;
    else
      tell(this.#issues, `${at}.type`, `an answer holds "output_text" and "refusal" parts with their text`);
  }

  #call(item: JsonObject, at: string): void {
    const { call_id: id, name, arguments: text } = item;
    if (typeof id !== "string" || id === "") return mustBe("a string", id, `${at}.call_id`, this.#issues);
    if (typeof name !== "string" || name === "") return mustBe("a string", name, `${at}.name`, this.#issues);
    if (typeof text !== "string") return mustBe("a string", text, `${at}.arguments`, this.#issues);
    const more = Object.entries(item).filter(([key, value]) => !CALL_MEMBERS.has(key) && value != null);
    const own: Opaque[] = more.length === 0 ? [] : [{ family: "openai", data: Object.fromEntries(more) }];
    const opaque = [...own, ...(this.#ofCalls.get(id) ?? [])];
    this.#ofCalls.delete(id);
    const call: ToolCall = { id, type: "function", function: { name, arguments: text } };
    this.#open().calls.push(opaque.length === 0 ? call : { ...call, opaque });
  }

  #output({ call_id: id, output }: JsonObject, at: string): void {
    if (typeof id !== "string" || id === "") return mustBe("a string", id, `${at}.call_id`, this.#issues);
    this.end();
    this.messages.push({
      role: "tool",
      tool_call_id: id,
      content: this.#contentOf(output, `${at}.output`, true),
    });
  }

  #reasoning(item: JsonObject, at: string): void {
    const encrypted = item["encrypted_content"];
    const kept = typeof encrypted === "string" ? keptInText(encrypted) : undefined;
    if (kept === "invalid")
      return tell(this.#issues, `${at}.encrypted_content`, "is not as it was handed out");
    if (kept?.call !== undefined) return this.#keepOfCall(kept.call, kept.opaque);
    const answer = this.#open();
    const thought = [item["summary"], item["content"]].flatMap(textsIn).join("\n\n");
    if (thought !== "") answer.reasoning += answer.reasoning === "" ? thought : `\n\n${thought}`;
    if (kept !== undefined) for (const one of kept.opaque) this.#keep(one);
    // Without it there is nothing in the item that could be handed back.
    else if (typeof encrypted === "string" && encrypted !== "") this.#keep({ family: "openai", data: item });
  }

  #keepOfCall(id: string, opaque: Kept["opaque"]): void {
    const calls = this.#answer?.calls ?? [];
    const place = calls.findIndex((call) => call.id === id);
    const call = calls[place];
    if (call === undefined) this.#ofCalls.set(id, opaque);
    else calls[place] = { ...call, opaque: [...(call.opaque ?? []), ...opaque] };
  }

  #keep(one: Omit<Opaque, "at">): void {
    const { text, calls, opaque } = this.#open();
    const at = { text: text.length, calls: calls.length };
    opaque.push(at.text === 0 && at.calls === 0 ? one : { ...one, at });
  }

  /** The answer the next item belongs to; another one than before where `isOver` says so. */
  #open(isOver: (answer: Answer) => boolean = () => false): Answer {
    if (this.#answer && isOver(this.#answer)) this.end();
    this.#answer ??= { text: "", reasoning: "", refusal: undefined, hasText: false, calls: [], opaque: [] };
    return this.#answer;
  }

  #contentOf(content: unknown, at: string, isRich: boolean): string | readonly ContentPart[] {
    if (typeof content === "string") return content;
    if (isList(content) && content.length > 0) return readParts(content, at, isRich, this.#issues);
    mustBe("a string or a non-empty list of parts", content, at, this.#issues);
    return "";
  }
}

function textsIn(parts: unknown): string[] {
  if (!isList(parts)) return [];
  return parts.flatMap((part) => (isObject(part) && typeof part["text"] === "string" ? [part["text"]] : []));
}

function nameOf(type: unknown): string {
  return typeof type === "string" ? JSON.stringify(type.slice(0, 40)) : "no text";
}
