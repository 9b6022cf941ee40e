import OpenAI from "openai";
import { openaiResponsesDoor } from "../../../../src/dialects/openai-responses-door/openai-responses-door.ts";
import { extraSchema, opaqueSchema } from "../../../../src/dialects/chat-completions/asides-schema.ts";
import { answering, type DoorReader, type Heard } from "./door.ts";

const ASKED = { model: "acme/model", input: "hi" };

function client(body: string | Uint8Array, contentType: string): OpenAI {
  return new OpenAI({
    apiKey: "key",
    baseURL: "http://door.invalid/v1",
    fetch: answering(body, contentType),
  });
}

function finishOf({ status, incomplete_details: details }: OpenAI.Responses.Response, calls: number): string {
  if (status === "completed") return calls > 0 ? "tool_calls" : "stop";
  return details?.reason === "max_output_tokens" ? "length" : (details?.reason ?? "error");
}

/** Encrypted reasoning as it reaches the provider again, when the caller sends the answer's items back. */
function handedBack(output: readonly OpenAI.Responses.ResponseOutputItem[]): readonly object[] {
  const known = output.filter(({ type }) => ["message", "function_call", "reasoning"].includes(type));
  const input = [{ role: "user", content: "hi" }, ...known];
  const read = openaiResponsesDoor.parse(structuredClone({ model: "acme/model", input }));
  if (read.issues) throw new Error(JSON.stringify(read.issues));
  return read.request.messages.flatMap(({ opaque = [] }) => reasoningIn(opaque));
}

function reasoningIn(opaque: readonly object[]): readonly object[] {
  return opaque.flatMap((one) => {
    const { family, data } = opaqueSchema.element.parse(one);
    return data["type"] === "message" || /_call$|^program|^compaction|^mcp_/.test(String(data["type"]))
      ? []
      : [{ family, data }];
  });
}

function heard(response: OpenAI.Responses.Response): Heard {
  const { output, usage } = response;
  const said = output.flatMap((item) => (item.type === "message" ? item.content : []));
  const calls = output.flatMap((item) => (item.type === "function_call" ? [item] : []));
  const thoughts = output.flatMap((item) => (item.type === "reasoning" ? item.summary : []));
  const annotations = said.flatMap((part) => (part.type === "output_text" ? part.annotations : []));
  return {
    opaque: handedBack(output),
    // What other providers say beside a text is no part of the format: the package hands it through.
    extra: {
      ...(annotations.length > 0 && { annotations }),
      ...Object.assign({}, ...output.map((item) => extraSchema.optional().parse(Reflect.get(item, "extra")))),
    },
    text: said.map((part) => (part.type === "output_text" ? part.text : "")).join(""),
    reasoning: thoughts.map(({ text }) => text).join("\n\n"),
    refusal: said.map((part) => (part.type === "refusal" ? part.refusal : "")).join(""),
    calls: calls.map((call) => ({ id: call.call_id, name: call.name, arguments: call.arguments })),
    finish: finishOf(response, calls.length),
    prompt: usage?.input_tokens,
    answer: usage?.output_tokens,
    cached: usage?.input_tokens_details.cached_tokens ?? 0,
    reasoned: usage?.output_tokens_details.reasoning_tokens ?? 0,
  };
}

/** The Responses API, by the package `openai`. */
export const openaiResponsesReader: DoorReader = {
  door: openaiResponsesDoor,
  async whole(body) {
    return heard(await client(body, "application/json").responses.create(ASKED));
  },
  async stream(bytes) {
    const stream = await client(bytes, "text/event-stream").responses.create({ ...ASKED, stream: true });
    let last: OpenAI.Responses.Response | undefined;
    const items = new Map<string | undefined, OpenAI.Responses.ResponseOutputItem>();
    let text = "";
    let numbered = 0;
    for await (const event of stream) {
      if (event.sequence_number < numbered) throw new Error(`event ${event.sequence_number} out of order`);
      numbered = event.sequence_number + 1;
      if (event.type === "response.output_text.done") text += event.text;
      if (event.type === "response.output_item.done") items.set(event.item.id ?? undefined, event.item);
      if (event.type === "response.completed" || event.type === "response.incomplete") last = event.response;
    }
    if (last === undefined) throw new Error("the stream has no end");
    // Thoughts as they came: what is encrypted is encrypted anew in the whole response.
    const output = last.output.map((item) => {
      return item.type === "reasoning" ? (items.get(item.id) ?? item) : item;
    });
    const whole = heard({ ...last, output });
    return { ...whole, text: text === "" ? whole.text : text };
  },
  // Where it stands among the items, and whose call it is, the items say by themselves.
  expects: ({ opaque = [], calls, finish, ...said }) => ({
    ...said,
    // An answer that is whole and calls something is one that calls.
    finish: finish === "stop" && calls.length > 0 ? "tool_calls" : finish,
    opaque: reasoningIn(opaque),
    calls: calls.map(({ id, name, arguments: text }) => ({ id, name, arguments: text })),
  }),
};
