import type { JsonObject } from "../../base/json.ts";
import type { ChatRequest } from "../../core/chat.ts";
import { thinkingFor } from "../anthropic-messages/thinking.ts";

/** What goes into `additionalModelRequestFields`, beside what the format says itself. */
export interface ModelFields {
  readonly fields: JsonObject;
  /** Fields of the request that go with none of this and were left out. */
  readonly dropped: readonly string[];
}

/** Makers of models have their own words for how much a model is to think. */
interface Maker {
  readonly models: RegExp;
  think(effort: string, request: ChatRequest, model: string): JsonObject | undefined;
}

const LEVELS: Readonly<Record<string, string>> = {
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "high",
};

const ANTHROPIC = /anthropic\.claude|claude-/;

const MAKERS: readonly Maker[] = [
  { models: ANTHROPIC, think: (_effort, request, model) => thinkingFor(request, model)?.fields },
  {
    models: /amazon\.nova-2|nova-2/,
    think: (effort) => {
      const maxReasoningEffort = LEVELS[effort];
      if (effort === "none") return { reasoningConfig: { type: "disabled" } };
      return maxReasoningEffort === undefined
        ? undefined
        : { reasoningConfig: { type: "enabled", maxReasoningEffort } };
    },
  },
  {
    models: /openai\.gpt/,
    think: (effort) => {
      const level = LEVELS[effort];
      return level === undefined ? undefined : { reasoning_effort: level };
    },
  },
];

/** Whether the model reads signed thinking of earlier answers. */
export function takesThinking(model: string): boolean {
  return ANTHROPIC.test(model);
}

/** What the model of this maker is told beyond the format. */
export function modelFields(request: ChatRequest, model: string): ModelFields {
  const isAnthropic = ANTHROPIC.test(model);
  const topK = request["top_k"];
  const effort = request.reasoning_effort;
  const thinking =
    effort === undefined
      ? {}
      : MAKERS.find(({ models }) => models.test(model))?.think(effort, request, model);
  const thinks = isAnthropic && thinking !== undefined && "thinking" in thinking;
  // Refused beside thinking.
  const noSampling = thinks
    ? (["temperature", "top_p", "top_k"] as const).filter((field) => request[field] !== undefined)
    : [];
  const hasTopK = topK !== undefined && isAnthropic && !thinks;
  return {
    fields: { ...thinking, ...(hasTopK && { top_k: topK }) },
    dropped: [
      ...noSampling,
      ...(topK !== undefined && !isAnthropic ? ["top_k"] : []),
      ...(thinking === undefined ? ["reasoning_effort"] : []),
    ],
  };
}
