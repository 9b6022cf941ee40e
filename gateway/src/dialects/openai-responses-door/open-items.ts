import type { JsonObject } from "../../base/json.ts";
import type { Opaque } from "../../core/chat.ts";
import { callItem, type ItemIds, messageItem, reasoningItem, textPart } from "./items.ts";

/** What says the events of a stream: a type and its members. */
export type Say = (type: string, members: JsonObject) => string;

/** A message that is being written; of text or of a refusal, one part either way. */
export class OpenMessage {
  readonly kind: "text" | "refusal";
  readonly #id: string;
  readonly #index: number;
  readonly #phase: unknown;
  readonly #annotations: unknown[] = [];
  readonly #logprobs: unknown[] = [];
  #text = "";

  constructor(kind: "text" | "refusal", id: string, index: number, phase: unknown) {
    this.kind = kind;
    this.#id = id;
    this.#index = index;
    this.#phase = phase;
  }

  begin(say: Say): string {
    const item = { ...this.item("in_progress"), content: [] };
    return (
      say("response.output_item.added", { output_index: this.#index, item }) +
      say("response.content_part.added", { ...this.#place(), part: this.#part() })
    );
  }

  delta(say: Say, text: string, logprobs: readonly unknown[]): string {
    this.#text += text;
    this.#logprobs.push(...logprobs);
    if (this.kind === "refusal") return say("response.refusal.delta", { ...this.#place(), delta: text });
    return say("response.output_text.delta", { ...this.#place(), delta: text, logprobs });
  }

  annotate(say: Say, annotations: readonly unknown[]): string {
    return annotations
      .map((annotation) => {
        const annotation_index = this.#annotations.push(annotation) - 1;
        const members = { ...this.#place(), annotation_index, annotation };
        return say("response.output_text.annotation.added", members);
      })
      .join("");
  }

  end(say: Say, status: string): string {
    const said =
      this.kind === "text" ? { text: this.#text, logprobs: this.#logprobs } : { refusal: this.#text };
    const type = this.kind === "text" ? "response.output_text.done" : "response.refusal.done";
    return (
      say(type, { ...this.#place(), ...said }) +
      say("response.content_part.done", { ...this.#place(), part: this.#part() }) +
      say("response.output_item.done", { output_index: this.#index, item: this.item(status) })
    );
  }

  item(status: string): JsonObject {
    return { ...messageItem(this.#id, [this.#part()], this.#phase), status };
  }

  #part(): JsonObject {
    if (this.kind === "refusal") return { type: "refusal", refusal: this.#text };
    return textPart(this.#text, [...this.#annotations], [...this.#logprobs]);
  }

  #place(): JsonObject {
    return { item_id: this.#id, output_index: this.#index, content_index: 0 };
  }
}

/** Thoughts that are being written, and what their provider wants to have back. */
export class OpenThought {
  readonly #id: string;
  readonly #index: number;
  readonly #opaque: Opaque[] = [];
  #text: string | undefined;
  /** What OpenAI itself encrypted of them. */
  #own: JsonObject | undefined;

  constructor(id: string, index: number) {
    this.#id = id;
    this.#index = index;
  }

  /** Whether it has been signed: what is thought after that is another thought. */
  get isSealed(): boolean {
    return this.#opaque.length > 0 || this.#own !== undefined;
  }

  begin(say: Say): string {
    const item = reasoningItem(this.#id, "", []);
    return say("response.output_item.added", { output_index: this.#index, item });
  }

  delta(say: Say, text: string): string {
    const isFirst = this.#text === undefined;
    this.#text = (this.#text ?? "") + text;
    const part = { type: "summary_text", text: "" };
    const begin = isFirst ? say("response.reasoning_summary_part.added", { ...this.#place(), part }) : "";
    return begin + say("response.reasoning_summary_text.delta", { ...this.#place(), delta: text });
  }

  keep(opaque: Opaque): void {
    this.#opaque.push(opaque);
  }

  /** OpenAI's own item of these thoughts, under the name they have begun with. */
  seal(item: JsonObject): void {
    this.#own = { ...item, id: this.#id };
  }

  end(say: Say): string {
    const text = this.#text;
    const part = { type: "summary_text", text };
    const told =
      text === undefined
        ? ""
        : say("response.reasoning_summary_text.done", { ...this.#place(), text }) +
          say("response.reasoning_summary_part.done", { ...this.#place(), part });
    return told + say("response.output_item.done", { output_index: this.#index, item: this.item() });
  }

  item(): JsonObject {
    return this.#own ?? reasoningItem(this.#id, this.#text ?? "", this.#opaque);
  }

  #place(): JsonObject {
    return { item_id: this.#id, output_index: this.#index, summary_index: 0 };
  }
}

/** A call that is being written. */
export class OpenCall {
  readonly callId: string;
  readonly #id: string;
  readonly #index: number;
  readonly #opaque: Opaque[] = [];
  #name: string;
  #arguments = "";

  constructor(ids: ItemIds, index: number, callId: string, name: string) {
    this.#id = ids.next("fc");
    this.#index = index;
    this.callId = callId;
    this.#name = name;
  }

  begin(say: Say): string {
    return say("response.output_item.added", { output_index: this.#index, item: this.item("in_progress") });
  }

  piece(say: Say, name: string, text: string, opaque: readonly Opaque[]): string {
    this.#name += name;
    this.#arguments += text;
    this.#opaque.push(...opaque);
    if (text === "") return "";
    const place = { item_id: this.#id, output_index: this.#index };
    return say("response.function_call_arguments.delta", { ...place, delta: text });
  }

  end(say: Say): string {
    const place = { item_id: this.#id, output_index: this.#index };
    const done = { ...place, name: this.#name, arguments: this.#arguments };
    return (
      say("response.function_call_arguments.done", done) +
      say("response.output_item.done", { output_index: this.#index, item: this.item("completed") })
    );
  }

  /** What of another provider's belongs to it. */
  get foreign(): readonly Opaque[] {
    return this.#opaque.filter(({ family }) => family !== "openai");
  }

  item(status: string): JsonObject {
    return { ...callItem(this.#id, this.callId, this.#name, this.#arguments, this.#opaque), status };
  }
}
