import { z } from "zod";
import { extraSchema, opaqueSchema, stopDetailSchema } from "../chat-completions/asides-schema.ts";
import { toolCallSchema } from "../chat-completions/request-schema.ts";

/**
 * Answers in OpenAI's format, for OpenAPI and for checking every answer of every test. Loose: fields an upstream
 * adds are passed on.
 */
const tokens = z.int().min(0);

const usage = z.looseObject({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  total_tokens: tokens,
  prompt_tokens_details: z.looseObject({ cached_tokens: tokens.nullish() }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: tokens.nullish() }).nullish(),
});

const head = {
  id: z.string().describe("`chatcmpl-…`"),
  created: z.int().describe("Epoch seconds."),
  model: z.string().describe("The slug that was asked for."),
  system_fingerprint: z.string().nullish(),
};
const said = {
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  reasoning_content: z.string().nullish().describe("What reasoning models thought, where they tell."),
  opaque: opaqueSchema.optional(),
  extra: extraSchema.optional(),
};

export const completionSchema = z
  .looseObject({
    ...head,
    object: z.literal("chat.completion"),
    choices: z
      .array(
        z.looseObject({
          index: z.int().min(0),
          message: z.looseObject({
            role: z.literal("assistant"),
            ...said,
            tool_calls: z.array(toolCallSchema).nullish(),
          }),
          logprobs: z.unknown().optional(),
          finish_reason: z.string(),
          stop_detail: stopDetailSchema.optional(),
        }),
      )
      .min(1),
    usage,
  })
  .meta({ id: "OpenAiChatCompletion" });

const toolCallPiece = z.looseObject({
  index: z.int().min(0),
  id: z.string().nullish(),
  type: z.literal("function").nullish(),
  function: z.looseObject({ name: z.string().nullish(), arguments: z.string().nullish() }),
});

/** One data event of a stream. `choices` is empty in the chunk that tells the usage, and in no other. */
export const completionChunkSchema = z
  .looseObject({
    ...head,
    object: z.literal("chat.completion.chunk"),
    choices: z.array(
      z.looseObject({
        index: z.int().min(0),
        delta: z.looseObject({
          role: z.literal("assistant").nullish(),
          ...said,
          tool_calls: z.array(toolCallPiece).nullish(),
        }),
        logprobs: z.unknown().optional(),
        finish_reason: z.string().nullish(),
        stop_detail: stopDetailSchema.optional(),
      }),
    ),
    usage: usage.nullish().describe("Null in every chunk but the last, and only where it was asked for."),
  })
  .meta({ id: "OpenAiChatCompletionChunk" });

/** The body of a refusal. */
export const openAiErrorSchema = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
  request_id: z.string(),
});
