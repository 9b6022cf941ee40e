import { isList, isObject } from "../base/json.ts";
import type {
  AnswerMessage,
  ChatAnswer,
  ChatEvent,
  FinishReason,
  Opaque,
  StopDetail,
  ToolCall,
} from "../core/chat.ts";

/** Events that say something about a choice. */
type ChoiceEvent = Extract<ChatEvent, { readonly index: number }>;

interface Choice {
  text: string;
  reasoning: string;
  refusal: string;
  readonly calls: { id: string; name: string; arguments: string; opaque: readonly Opaque[] }[];
  readonly opaque: Opaque[];
  /** Of its tokens, in their order. */
  readonly logprobs: unknown[];
  readonly extra: Record<string, readonly unknown[]>;
  finish?: FinishReason;
  detail?: StopDetail;
}

/**
 * The whole answer that these events tell. It has arrived whole: a choice that gives no reason for its end has ended
 * as what it holds tells.
 */
export function foldAnswer(events: readonly ChatEvent[]): ChatAnswer {
  const choices = new Map<number, Choice>();
  const skipped: string[] = [];
  let answer: Pick<ChatAnswer, "upstreamId" | "usage"> = {};
  for (const event of events) {
    if (event.type === "upstream_id") answer = { ...answer, upstreamId: event.id };
    else if (event.type === "usage") answer = { ...answer, usage: event.usage };
    else if (event.type === "skipped") skipped.push(event.reason);
    else if ("index" in event) add(event, choiceAt(choices, event.index));
  }
  return {
    ...answer,
    choices: [...choices].map(([index, choice]) => choiceOf(index, choice)),
    ...(skipped.length > 0 && { skipped }),
  };
}

function choiceAt(choices: Map<number, Choice>, index: number): Choice {
  const known = choices.get(index);
  if (known !== undefined) return known;
  const choice: Choice = {
    text: "",
    reasoning: "",
    refusal: "",
    calls: [],
    opaque: [],
    logprobs: [],
    extra: {},
  };
  choices.set(index, choice);
  return choice;
}

function add(event: ChoiceEvent, choice: Choice): void {
  switch (event.type) {
    case "text":
      if (isObject(event.logprobs) && isList(event.logprobs["content"])) {
        choice.logprobs.push(...event.logprobs["content"]);
      }
      choice.text += event.text;
      return;
    case "reasoning":
    case "refusal":
      choice[event.type] += event.text;
      return;
    case "tool_call":
      return addCall(event, choice);
    case "opaque":
      choice.opaque.push(event.opaque);
      return;
    case "extra":
      for (const [kind, items] of Object.entries(event.extra)) {
        choice.extra[kind] = [...(choice.extra[kind] ?? []), ...items];
      }
      return;
    case "finish":
      choice.finish = event.reason;
      if (event.detail !== undefined) choice.detail = event.detail;
  }
}

function addCall(event: ChatEvent & { readonly type: "tool_call" }, { calls }: Choice): void {
  const call = (calls[event.call] ??= { id: "", name: "", arguments: "", opaque: [] });
  call.id ||= event.id ?? "";
  call.name += event.name ?? "";
  call.arguments += event.arguments;
  if (event.opaque !== undefined) call.opaque = [...call.opaque, ...event.opaque];
}

function choiceOf(index: number, choice: Choice): ChatAnswer["choices"][number] {
  const { text, reasoning, refusal, opaque, extra, finish, detail } = choice;
  const calls = choice.calls.map(callOf);
  const saysElse = calls.length > 0 || refusal !== "";
  const message: AnswerMessage = {
    role: "assistant",
    content: text === "" && saysElse ? null : text,
    ...(reasoning !== "" && { reasoning }),
    ...(refusal !== "" && { refusal }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(opaque.length > 0 && { opaque }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
  return {
    index,
    message,
    finish_reason: finish ?? (calls.length > 0 ? "tool_calls" : "stop"),
    ...(detail !== undefined && { stop_detail: detail }),
    ...(choice.logprobs.length > 0 && { logprobs: { content: choice.logprobs } }),
  };
}

function callOf({ id, name, arguments: text, opaque }: Choice["calls"][number]): ToolCall {
  return {
    id,
    type: "function",
    function: { name, arguments: text },
    ...(opaque.length > 0 && { opaque }),
  };
}
