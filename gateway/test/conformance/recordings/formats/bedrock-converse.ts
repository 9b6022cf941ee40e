import { bedrockConverse } from "../../../../src/dialects/bedrock-converse/bedrock-converse.ts";
import { bedrockBytes } from "../../../fakes/event-stream-bytes.ts";
import type { Oracle } from "../oracle.ts";
import type { RecordedFormat } from "../recording.ts";

interface RecordedUsage {
  inputTokens: number;
  outputTokens: number;
  cacheReadInputTokens?: number;
}

interface RecordedBody {
  output: {
    message: { content: { text?: string; toolUse?: { toolUseId: string; name: string; input: object } }[] };
  };
  stopReason: string;
  usage?: RecordedUsage;
}

interface RecordedEvent {
  contentBlockStart?: { contentBlockIndex: number; start: { toolUse: { toolUseId: string; name: string } } };
  contentBlockDelta?: { contentBlockIndex: number; delta: { text?: string; toolUse?: { input: string } } };
  messageStop?: { stopReason: string };
  metadata?: { usage?: RecordedUsage };
}

const FINISH: Readonly<Record<string, string>> = { end_turn: "stop", tool_use: "tool_calls" };

function said(text: string, calls: Oracle["calls"], stop: string | undefined, usage?: RecordedUsage): Oracle {
  return {
    text,
    reasoning: "",
    refusal: "",
    calls,
    finish: FINISH[stop ?? ""] ?? null,
    prompt: usage && usage.inputTokens + (usage.cacheReadInputTokens ?? 0),
    answer: usage?.outputTokens,
    cached: usage?.cacheReadInputTokens ?? 0,
    reasoned: 0,
  };
}

function readWhole({ output, stopReason, usage }: RecordedBody): Oracle {
  const { content } = output.message;
  const calls = content.flatMap(({ toolUse: use }) =>
    use ? [{ id: use.toolUseId, name: use.name, arguments: JSON.stringify(use.input) }] : [],
  );
  return said(content.map(({ text }) => text ?? "").join(""), calls, stopReason, usage);
}

function readEvents(events: readonly RecordedEvent[]): Oracle {
  const deltas = events.flatMap(({ contentBlockDelta }) => contentBlockDelta ?? []);
  const calls = events
    .flatMap(({ contentBlockStart }) => contentBlockStart ?? [])
    .map(({ contentBlockIndex: index, start }) => ({
      id: start.toolUse.toolUseId,
      name: start.toolUse.name,
      arguments: deltas
        .filter(({ contentBlockIndex }) => contentBlockIndex === index)
        .map(({ delta }) => delta.toolUse?.input ?? "")
        .join(""),
    }));
  const stop = events.find(({ messageStop }) => messageStop)?.messageStop?.stopReason;
  const usage = events.find(({ metadata }) => metadata)?.metadata?.usage;
  return said(deltas.map(({ delta }) => delta.text ?? "").join(""), calls, stop, usage);
}

/** Amazon Bedrock's Converse. */
export const bedrockRecordings: RecordedFormat = {
  dialect: bedrockConverse,
  recognises: ({ output, stopReason, ...event }) =>
    (output !== undefined && stopReason !== undefined) ||
    ["messageStart", "contentBlockStart", "contentBlockDelta"].some((name) => event[name] !== undefined),
  endsWithBytes: true,
  frame: bedrockBytes,
  read(json) {
    const [first] = json;
    return first?.["output"] === undefined ? readEvents(json) : readWhole(first as unknown as RecordedBody);
  },
};
