import { isList, isObject, type JsonObject } from "../../base/json.ts";
import { piecesOf } from "../../core/answer-events.ts";
import type { AnswerMessage, ChatAnswer, Opaque } from "../../core/chat.ts";
import { flatAnnotation } from "../openai-chat/extra.ts";
import { textOfKept } from "./opaque-text.ts";

/** Names the items of one answer: by its id, with a number. */
export class ItemIds {
  readonly #answer: string;
  #count = 0;

  constructor(responseId: string) {
    this.#answer = responseId.replace(/^[a-z]+_/, "");
  }

  next(prefix: "msg" | "fc" | "rs"): string {
    return `${prefix}_${this.#answer}_${this.#count++}`;
  }
}

/** A part of a message's content: text, and what is said about it. */
export function textPart(
  text: string,
  annotations: readonly unknown[],
  logprobs: readonly unknown[],
): JsonObject {
  return { type: "output_text", text, annotations, logprobs };
}

/** An item with what the model thought, and what a provider wants to have back of it. */
export function reasoningItem(id: string, text: string, opaque: readonly Opaque[]): JsonObject {
  return {
    id,
    type: "reasoning",
    summary: text === "" ? [] : [{ type: "summary_text", text }],
    ...(opaque.length > 0 && { encrypted_content: textOfKept({ opaque }) }),
  };
}

/** What callers are to send back with a call, so that it reaches the provider with what belongs to it. */
export function callKeeper(id: string, call: string, opaque: readonly Opaque[]): JsonObject {
  return { id, type: "reasoning", summary: [], encrypted_content: textOfKept({ call, opaque }) };
}

/** Whether data is an item of the Responses API as it stands, and not a note about a message. */
export function isOwnItem({ family, data }: Opaque): boolean {
  return family === "openai" && data["type"] !== "message";
}

/** The phase that a note about the message to come tells; undefined for anything else. */
export function phaseIn({ family, data }: Opaque): unknown {
  return family === "openai" && data["type"] === "message" ? data["phase"] : undefined;
}

/** Members of a function call that are OpenAI's own, beside those every call has. */
export function ownMembers(opaque: readonly Opaque[]): JsonObject {
  return Object.assign({}, ...opaque.filter(({ family }) => family === "openai").map(({ data }) => data));
}

/** The items of a whole answer, in its order. */
export function itemsOf({ choices }: ChatAnswer, ids: ItemIds): readonly JsonObject[] {
  const [choice] = choices;
  if (choice === undefined) return [];
  const { message, logprobs } = choice;
  const items: JsonObject[] = [...thoughtsOf(message, ids)];
  const annotations = (message.extra?.["annotations"] ?? []).map(flatAnnotation);
  const rest = Object.entries(message.extra ?? {}).filter(([kind]) => kind !== "annotations");
  let phase: unknown;
  for (const piece of piecesOf(message)) {
    if (piece.type === "text") {
      const isFirst = !items.some(({ type }) => type === "message");
      const told = isFirst && isObject(logprobs) && isList(logprobs["content"]) ? logprobs["content"] : [];
      const content = [textPart(piece.text, isFirst ? annotations : [], told)];
      const extra = isFirst && rest.length > 0 ? { extra: Object.fromEntries(rest) } : {};
      items.push({ ...messageItem(ids.next("msg"), content, phase), ...extra });
    } else if (piece.type === "opaque") {
      const { opaque } = piece;
      if (phaseIn(opaque) !== undefined) phase = phaseIn(opaque);
      else if (isOwnItem(opaque)) items.push(opaque.data);
      else if (!isTold(opaque, message)) items.push(reasoningItem(ids.next("rs"), "", [opaque]));
    } else {
      const { id = "", name = "", arguments: text, opaque = [] } = piece;
      const foreign = opaque.filter(({ family }) => family !== "openai");
      if (foreign.length > 0) items.push(callKeeper(ids.next("rs"), id, foreign));
      items.push(callItem(ids.next("fc"), id, name, text, opaque));
    }
  }
  if (message.refusal !== undefined) {
    items.push(messageItem(ids.next("msg"), [{ type: "refusal", refusal: message.refusal }], phase));
  }
  return items;
}

/** A whole message of the model. */
export function messageItem(id: string, content: readonly JsonObject[], phase: unknown): JsonObject {
  const item = { id, type: "message", status: "completed", role: "assistant", content };
  return phase === undefined ? item : { ...item, phase };
}

/** A whole call. */
export function callItem(
  id: string,
  callId: string,
  name: string,
  text: string,
  opaque: readonly Opaque[],
): JsonObject {
  const call = { id, type: "function_call", status: "completed", call_id: callId, name, arguments: text };
  return { ...ownMembers(opaque), ...call };
}

/** Another provider's data at the very front: it belongs to the thoughts that stand there. */
function isTold({ at, family }: Opaque, { reasoning }: AnswerMessage): boolean {
  return family !== "openai" && at === undefined && reasoning !== undefined;
}

/** The item of what the model thought, unless items of OpenAI's own hold it. */
function thoughtsOf(message: AnswerMessage, ids: ItemIds): readonly JsonObject[] {
  const { reasoning, opaque = [] } = message;
  if (reasoning === undefined || opaque.some((one) => isOwnItem(one) && one.data["type"] === "reasoning"))
    return [];
  return [
    reasoningItem(
      ids.next("rs"),
      reasoning,
      opaque.filter((one) => isTold(one, message)),
    ),
  ];
}
