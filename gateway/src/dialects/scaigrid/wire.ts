import { z } from "zod";
import { FINISH_REASONS } from "../../core/chat.ts";
import { extraSchema, opaqueSchema, stopDetailSchema } from "../chat-completions/asides-schema.ts";
import { toolCallSchema } from "../chat-completions/request-schema.ts";

/** The native contract's answers, for OpenAPI and for checking every answer of every test. */
const tokens = z.int().min(0);

export const usageSchema = z.strictObject({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  total_tokens: tokens,
  prompt_tokens_details: z.strictObject({ cached_tokens: tokens, audio_tokens: tokens }).optional(),
  completion_tokens_details: z.strictObject({ reasoning_tokens: tokens, audio_tokens: tokens }).optional(),
});

export const answerMetaSchema = z.strictObject({
  request_id: z.string(),
  latency_ms: z.number().min(0).describe("Milliseconds from arrival to the end of the answer."),
  max_tokens: z.int().optional().describe("The limit in force, where the gateway chose or lowered it."),
  dropped: z.array(z.string()).optional().describe("Fields that could not be passed on."),
});

const head = {
  id: z.string().describe("`chatcmpl-…`"),
  model: z.string().describe("The slug that was asked for."),
  created: z.int().describe("Epoch seconds."),
};
const finishReason = z.enum(FINISH_REASONS);

/** Beside the text; in a stream in one delta, before the reason to finish. */
const asides = { opaque: opaqueSchema.optional(), extra: extraSchema.optional() };

/** `data` of a whole answer. */
export const chatAnswerSchema = z
  .strictObject({
    ...head,
    choices: z
      .array(
        z.strictObject({
          index: z.int().min(0),
          message: z.strictObject({
            role: z.literal("assistant"),
            content: z.string().nullable(),
            reasoning: z.string().optional(),
            refusal: z.string().optional(),
            tool_calls: z.array(toolCallSchema).optional(),
            ...asides,
          }),
          finish_reason: finishReason,
          stop_detail: stopDetailSchema.optional(),
          logprobs: z.unknown().optional(),
        }),
      )
      .min(1),
    usage: usageSchema,
    _meta: answerMetaSchema,
  })
  .meta({ id: "ChatAnswer" });

const toolCallPiece = z.strictObject({
  index: z.int().min(0),
  id: z.string().optional(),
  type: z.literal("function").optional(),
  function: z.strictObject({ name: z.string().optional(), arguments: z.string() }),
  opaque: opaqueSchema.optional(),
});

/** One data event of a stream, the final one included: `content` is never null. */
export const chatChunkSchema = z
  .strictObject({
    ...head,
    choices: z
      .array(
        z.strictObject({
          index: z.int().min(0),
          delta: z.strictObject({
            role: z.literal("assistant").optional(),
            content: z.string().optional(),
            reasoning: z.string().optional(),
            refusal: z.string().optional(),
            tool_calls: z.array(toolCallPiece).min(1).optional(),
            ...asides,
          }),
          logprobs: z.unknown().optional(),
          finish_reason: finishReason.nullable(),
          stop_detail: stopDetailSchema.optional(),
        }),
      )
      .min(1),
    usage: usageSchema.optional(),
    _meta: answerMetaSchema.optional(),
  })
  .meta({ id: "ChatChunk" });

/** Data of the `error` event. */
export const chatStreamErrorSchema = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    retry_after: z.int().min(1).optional(),
  })
  .meta({ id: "ChatStreamError" });
