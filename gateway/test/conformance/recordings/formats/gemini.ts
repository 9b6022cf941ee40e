import { isList } from "../../../../src/base/json.ts";
import { gemini } from "../../../../src/dialects/gemini/gemini.ts";
import type { Oracle } from "../oracle.ts";
import type { RecordedFormat } from "../recording.ts";

interface RecordedPart {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  functionCall?: {
    name?: string;
    args?: object;
    partialArgs?: { jsonPath: string; stringValue?: string; numberValue?: number }[];
  };
}

interface RecordedBody {
  candidates?: { content?: { parts?: RecordedPart[] }; finishReason?: string }[];
  usageMetadata?: {
    promptTokenCount?: number;
    totalTokenCount?: number;
    thoughtsTokenCount?: number;
    cachedContentTokenCount?: number;
  };
  responseId: string;
}

interface Call {
  name: string;
  args: Record<string, unknown>;
  signature: string | undefined;
}

const FINISH: Readonly<Record<string, string>> = { STOP: "stop", MAX_TOKENS: "length" };

function read(json: readonly object[]): Oracle {
  const bodies = json as readonly RecordedBody[];
  const candidates = bodies.flatMap((body) => body.candidates ?? []);
  const parts = candidates.flatMap(({ content }) => content?.parts ?? []);
  const usage = bodies.findLast((body) => body.usageMetadata?.promptTokenCount !== undefined)?.usageMetadata;
  const finish = candidates.findLast(({ finishReason }) => finishReason !== undefined)?.finishReason ?? "";
  const calls = callsIn(parts);
  const id = bodies[0]?.responseId ?? "";
  return {
    text: textOf(parts, false),
    reasoning: textOf(parts, true),
    refusal: "",
    calls: calls.map(({ name, args, signature }, place) => ({
      id: `call_${id}_0_${place}`,
      name,
      arguments: JSON.stringify(args),
      ...(signature !== undefined && {
        opaque: [{ family: "google", data: { thought_signature: signature } }],
      }),
    })),
    opaque: signaturesIn(parts),
    finish: calls.length > 0 && finish === "STOP" ? "tool_calls" : (FINISH[finish] ?? null),
    prompt: usage?.promptTokenCount,
    answer: usage && (usage.totalTokenCount ?? 0) - (usage.promptTokenCount ?? 0),
    cached: usage?.cachedContentTokenCount ?? 0,
    reasoned: usage?.thoughtsTokenCount ?? 0,
  };
}

function textOf(parts: readonly RecordedPart[], thought: boolean): string {
  return parts
    .filter((part) => (part.thought === true) === thought)
    .map((part) => part.text ?? "")
    .join("");
}

function signaturesIn(parts: readonly RecordedPart[]): object[] {
  let text = 0;
  let calls = 0;
  return parts.flatMap((part) => {
    if (part.functionCall?.name !== undefined) calls++;
    if (part.functionCall !== undefined || part.thought === true) return [];
    const length = (part.text ?? "").length;
    text += length;
    if (part.thoughtSignature === undefined) return [];
    const data = { thought_signature: part.thoughtSignature, text_length: length };
    return [{ family: "google", data, at: { text, calls } }];
  });
}

function callsIn(parts: readonly RecordedPart[]): Call[] {
  const calls: Call[] = [];
  for (const { functionCall: call, thoughtSignature: signature } of parts) {
    if (call?.name !== undefined) calls.push({ name: call.name, args: { ...call.args }, signature });
    for (const { jsonPath, stringValue, numberValue } of call?.partialArgs ?? []) {
      putAt(calls.at(-1)?.args ?? {}, jsonPath, stringValue ?? numberValue);
    }
  }
  return calls;
}

/** `$.items[0].name` in an object, texts going on where they stand. */
function putAt(root: Record<string, unknown>, path: string, value: string | number | undefined): void {
  const steps = path.match(/[^$.[\]]+/g) ?? [];
  let at: Record<string, unknown> = root;
  for (const [i, step] of steps.entries()) {
    const next = steps[i + 1];
    if (next === undefined) at[step] = typeof at[step] === "string" ? `${at[step]}${value}` : value;
    else at = (at[step] ??= /^\d+$/.test(next) ? [] : {}) as Record<string, unknown>;
  }
}

/** Google's generateContent, of the Gemini API and of Vertex AI. */
export const geminiRecordings: RecordedFormat = {
  dialect: gemini,
  recognises: ({ candidates, responseId }) => isList(candidates) && responseId !== undefined,
  endsWithBytes: true,
  read,
};
