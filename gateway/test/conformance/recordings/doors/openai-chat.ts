import OpenAI from "openai";
import { z } from "zod";
import { openaiDoor } from "../../../../src/dialects/openai-door/openai-door.ts";
import { answering, type DoorReader, type Heard } from "./door.ts";

const ASKED = { model: "acme/model", messages: [{ role: "user" as const, content: "hi" }] };

function client(body: string | Uint8Array, contentType: string): OpenAI {
  return new OpenAI({
    apiKey: "key",
    baseURL: "http://door.invalid/v1",
    fetch: answering(body, contentType),
  });
}

/** Reasoning is no part of OpenAI's own format: the package hands it through. */
function reasoningIn(said: object): string {
  const text: unknown = Reflect.get(said, "reasoning_content") ?? Reflect.get(said, "reasoning");
  return typeof text === "string" ? text : "";
}

/** What a program must hand back, which the package keeps without knowing it. */
function asidesOf(said: object): Pick<Heard, "opaque" | "extra"> {
  return {
    opaque: z.array(z.object({}).loose()).parse(Reflect.get(said, "opaque") ?? []),
    extra: z.record(z.string(), z.array(z.unknown())).parse(Reflect.get(said, "extra") ?? {}),
  };
}

/** What is cited, in the places where a passed answer has it and in those of one that was told anew. */
function citedIn(whole: object, message: object): NonNullable<Heard["extra"]> {
  const passed = {
    annotations: Reflect.get(message, "annotations"),
    citations: Reflect.get(whole, "citations"),
    search_results: Reflect.get(whole, "search_results"),
  };
  const lists = Object.entries(passed).filter(([, items]) => Array.isArray(items) && items.length > 0);
  return { ...asidesOf(message).extra, ...Object.fromEntries(lists) };
}

function heard(whole: OpenAI.ChatCompletion, reasoning: string): Heard {
  const [choice] = whole.choices;
  if (choice === undefined) throw new Error("no choice");
  const { message, finish_reason } = choice;
  const { usage } = whole;
  return {
    text: message.content ?? "",
    reasoning,
    refusal: message.refusal ?? "",
    calls: (message.tool_calls ?? []).map((call) => {
      if (call.type !== "function") throw new Error("not a function");
      const { opaque = [] } = asidesOf(call);
      const { name, arguments: text } = call.function;
      return { id: call.id, name, arguments: text, ...(opaque.length > 0 && { opaque }) };
    }),
    ...asidesOf(message),
    extra: citedIn(whole, message),
    finish: finish_reason,
    prompt: usage?.prompt_tokens,
    answer: usage?.completion_tokens,
    cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
    reasoned: usage?.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}

/** Chat completions, by the package `openai`. */
export const openaiChatReader: DoorReader = {
  door: openaiDoor,
  async whole(body) {
    const answer = await client(body, "application/json").chat.completions.create(ASKED);
    return heard(answer, answer.choices[0] ? reasoningIn(answer.choices[0].message) : "");
  },
  async stream(bytes) {
    const stream = client(bytes, "text/event-stream").chat.completions.stream(ASKED);
    let reasoning = "";
    for await (const { choices } of stream) reasoning += choices[0] ? reasoningIn(choices[0].delta) : "";
    return heard(await stream.finalChatCompletion(), reasoning);
  },
};
