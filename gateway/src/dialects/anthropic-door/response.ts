import { isObject } from "../../base/json.ts";
import { piecesOf } from "../../core/answer-events.ts";
import type { AnswerMessage, ChatAnswer, ToolCall } from "../../core/chat.ts";
import type { AnswerHead } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { foreignBlock } from "../anthropic-messages/foreign.ts";
import { type Block, FAMILY, isBlock, stringIn } from "../anthropic-messages/wire.ts";
import { stopMembers } from "./stop.ts";
import { writeUsage } from "./usage.ts";

/** Ids of answers look as this format's own. */
export function messageId({ id }: AnswerHead): string {
  return id.replace(/^[a-z]+-/, "msg_");
}

/** A whole answer as a message: the first choice, for there is no other. */
export function encodeAnswer({ choices }: ChatAnswer, usage: Usage, head: AnswerHead): object {
  const [choice] = choices;
  const hasCalls = (choice?.message.tool_calls ?? []).length > 0;
  return {
    id: messageId(head),
    type: "message",
    role: "assistant",
    model: head.model,
    content: choice === undefined ? [] : blocksOf(choice.message),
    ...stopMembers(choice?.finish_reason ?? "error", choice?.stop_detail, hasCalls),
    usage: writeUsage(usage),
  };
}

function blocksOf(message: AnswerMessage): readonly Block[] {
  const { reasoning, refusal, opaque = [], extra, tool_calls = [] } = message;
  const isSigned = opaque.some(({ family, data }) => family === FAMILY && data["type"] === "thinking");
  const thought: Block[] =
    reasoning === undefined || isSigned ? [] : [{ type: "thinking", thinking: reasoning, signature: "" }];
  const said = piecesOf(message).flatMap((piece): readonly Block[] => {
    if (piece.type === "text") return [{ type: "text", text: piece.text }];
    if (piece.type === "tool_call") return callBlocks(tool_calls[piece.call]);
    const { family, data } = piece.opaque;
    return family === FAMILY ? (isBlock(data) ? [data] : []) : [foreignBlock({ opaque: piece.opaque })];
  });
  const refused: Block[] = refusal === undefined ? [] : [{ type: "text", text: refusal }];
  return withCitations([...thought, ...said, ...refused], citationsIn(extra?.["citations"]));
}

/** A call, and in front of it what another family has put there. */
export function callBlocks(call: ToolCall | undefined): readonly Block[] {
  if (call === undefined) return [];
  const { id, function: fn, opaque = [] } = call;
  const own = opaque.filter(({ family }) => family === FAMILY).map(({ data }) => data);
  const foreign = opaque.filter(({ family }) => family !== FAMILY);
  const block: Block = {
    type: "tool_use",
    id,
    name: fn.name,
    input: inputOf(fn.arguments),
    ...Object.assign({}, ...own),
  };
  return [...foreign.map((one) => foreignBlock({ opaque: one, call: id })), block];
}

/** Arguments that are no object are the model's mistake: its caller is shown them all the same. */
function inputOf(text: string): unknown {
  try {
    const input: unknown = text === "" ? {} : JSON.parse(text);
    return isObject(input) ? input : { arguments: text };
  } catch {
    return { arguments: text };
  }
}

/** Citations in this format's own words; what other providers cite looks otherwise. */
export function citationsIn(items: readonly unknown[] | undefined): readonly unknown[] {
  return (items ?? []).filter((item) => isObject(item) && stringIn(item["type"]).endsWith("_location"));
}

function withCitations(blocks: readonly Block[], citations: readonly unknown[]): readonly Block[] {
  const at = citations.length === 0 ? -1 : blocks.findLastIndex(({ type }) => type === "text");
  return blocks.map((block, i) => (i === at ? { ...block, citations } : block));
}
