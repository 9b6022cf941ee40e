import type { ChatMessage, ChatRequest } from "../../core/chat.ts";
import type { JsonObject } from "../../base/json.ts";
import { FAMILY, stringIn } from "./wire.ts";

/** Tokens to think with, for models that are told how many. */
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 32_000,
  max: 32_000,
};
const BUDGET_MIN = 1_024;
/** Tokens that are left for the answer itself. */
const ANSWER_MIN = 1_024;

/** `claude-sonnet-4-5-20250929`, `claude-opus-5`, `claude-3-7-sonnet-20250219`; a date is no version. */
const NAMED = /claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2})(?!\d))?/;
/** From this version on models choose for themselves how long they think. */
const ADAPTIVE_FROM = { major: 4, minor: 6 };

/** Fields of the request that make a model think. */
export interface Thinking {
  readonly fields: JsonObject;
  /** Whether it thinks at all: then other fields are refused. */
  readonly thinks: boolean;
}

const NO_THINKING: Thinking = { fields: {}, thinks: false };

/**
 * What `reasoning_effort` comes to; undefined where it cannot be had: with a tool it must call, with too few tokens,
 * or in the middle of a round of tools whose reasoning was not handed back.
 */
export function thinkingFor(request: ChatRequest, upstreamModel: string): Thinking | undefined {
  const effort = request.reasoning_effort;
  if (effort === undefined) return { fields: {}, thinks: thinksAlready(request["thinking"]) };
  if (effort === "none") return NO_THINKING;
  if (BUDGETS[effort] === undefined || mustCall(request)) return undefined;
  if (isAdaptive(upstreamModel)) {
    const level = effort === "minimal" ? "low" : effort;
    return { fields: { thinking: { type: "adaptive" }, output_config: { effort: level } }, thinks: true };
  }
  const room = (request.max_tokens ?? 0) - ANSWER_MIN;
  const budget_tokens = Math.min(BUDGETS[effort] ?? 0, room);
  if (budget_tokens < BUDGET_MIN || isMidRoundUnsigned(request.messages)) return undefined;
  return { fields: { thinking: { type: "enabled", budget_tokens } }, thinks: true };
}

function thinksAlready(thinking: unknown): boolean {
  if (typeof thinking !== "object" || thinking === null || !("type" in thinking)) return false;
  return thinking.type !== "disabled";
}

function mustCall({ tool_choice: choice }: ChatRequest): boolean {
  return choice === "required" || typeof choice === "object";
}

/** Models nobody knows yet are newer ones. */
function isAdaptive(model: string): boolean {
  const named = NAMED.exec(model);
  if (named === null) return true;
  const [major, minor] = [Number(named[1]), Number(named[2] ?? 0)];
  return major > ADAPTIVE_FROM.major || (major === ADAPTIVE_FROM.major && minor >= ADAPTIVE_FROM.minor);
}

/** Whether the answers to tool calls follow a turn that does not begin with signed thinking. */
function isMidRoundUnsigned(messages: readonly ChatMessage[]): boolean {
  if (messages.at(-1)?.role !== "tool") return false;
  const asked = messages.findLast(({ role }) => role === "assistant");
  const isSigned = ({ opaque = [] }: ChatMessage): boolean =>
    opaque.some(({ family, data }) => family === FAMILY && stringIn(data["type"]).endsWith("thinking"));
  return asked !== undefined && !isSigned(asked);
}
