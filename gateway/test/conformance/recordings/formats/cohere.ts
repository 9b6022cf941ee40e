import { isList, isObject } from "../../../../src/base/json.ts";
import { cohere } from "../../../../src/dialects/cohere/cohere.ts";
import type { Oracle } from "../oracle.ts";
import type { RecordedFormat } from "../recording.ts";

interface Part {
  type?: string;
  text?: string;
  thinking?: string;
}

interface Call {
  id: string;
  function: { name: string; arguments: string };
}

interface Message {
  content?: Part[] | Part;
  tool_plan?: string;
  tool_calls?: Call[] | Partial<Call>;
}

interface Recorded {
  message?: Message;
  finish_reason?: string;
  usage?: { billed_units: { input_tokens: number; output_tokens: number } };
}

const REASONS: Readonly<Record<string, string>> = {
  COMPLETE: "stop",
  MAX_TOKENS: "length",
  TOOL_CALL: "tool_calls",
};

function read(json: readonly object[]): Oracle {
  // A whole body, or the deltas of a stream: the same members either way.
  const pieces = json.map((one) =>
    isObject(one) && isObject(one["delta"]) ? one["delta"] : one,
  ) as Recorded[];
  const messages = pieces.map(({ message = {} }) => message);
  const parts = messages.flatMap(({ content = [] }): Part[] => (isList(content) ? content : [content]));
  const thinking = parts.map((part) => part.thinking ?? "").join("");
  const plan = messages.map(({ tool_plan = "" }) => tool_plan).join("");
  const usage = pieces.map((piece) => piece.usage).findLast((found) => found !== undefined);
  const finish = pieces.map((piece) => piece.finish_reason).findLast((found) => found !== undefined);
  return {
    text: parts.map((part) => part.text ?? "").join(""),
    reasoning: [plan, thinking].filter((said) => said !== "").join("\n\n"),
    refusal: "",
    calls: callsIn(messages),
    finish: REASONS[finish ?? ""] ?? null,
    prompt: usage?.billed_units.input_tokens,
    answer: usage?.billed_units.output_tokens,
    cached: 0,
    reasoned: 0,
    opaque: handedBack(thinking, plan),
  };
}

function callsIn(messages: readonly Message[]): { id: string; name: string; arguments: string }[] {
  const calls: { id: string; name: string; arguments: string }[] = [];
  for (const { tool_calls: said = [] } of messages) {
    const pieces: readonly Partial<Call>[] = isList(said) ? said : [said];
    for (const call of pieces) {
      const { name = "", arguments: text = "" } = call.function ?? {};
      if (call.id !== undefined) calls.push({ id: call.id, name, arguments: text });
      else {
        const last = calls.at(-1);
        if (last) last.arguments += text;
      }
    }
  }
  return calls.map((call) => ({ ...call, arguments: call.arguments === "" ? "{}" : call.arguments }));
}

function handedBack(thinking: string, plan: string): object[] {
  if (thinking === "" && plan === "") return [];
  const data = { ...(thinking !== "" && { thinking }), ...(plan !== "" && { tool_plan: plan }) };
  return [{ family: "cohere", data }];
}

/** Cohere's chat, version 2. */
export const cohereRecordings: RecordedFormat = {
  dialect: cohere,
  recognises: ({ type, message, finish_reason }) =>
    type === "message-start" || (isObject(message) && typeof finish_reason === "string"),
  eventName: ({ type }) => (typeof type === "string" ? type : undefined),
  read,
};
