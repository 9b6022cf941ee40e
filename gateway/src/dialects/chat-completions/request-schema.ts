import { z } from "zod";
import { cacheControlSchema as cache_control, extraSchema, opaqueSchema } from "./asides-schema.ts";
import {
  CHOICES_MAX,
  METADATA_KEY_CHARS_MAX,
  METADATA_KEYS_MAX,
  METADATA_VALUE_CHARS_MAX,
  STOP_MAX,
} from "./request.ts";

/**
 * The request of `POST /v1/inference/chat` for OpenAPI and the docs. `readChatRequest` is what checks bodies;
 * it knows besides which fields belong to which role. Unknown fields are allowed and passed on.
 */
const textPart = z.looseObject({ type: z.literal("text"), text: z.string(), cache_control });
const imagePart = z.looseObject({
  cache_control,
  type: z.literal("image_url"),
  image_url: z.looseObject({
    url: z.string().regex(/^(?:https:\/\/|data:)/i, "must be an https or a data URL"),
    detail: z.enum(["auto", "low", "high"]).optional(),
  }),
});
const audioPart = z.looseObject({
  cache_control,
  type: z.literal("input_audio"),
  input_audio: z.looseObject({ data: z.string().min(1), format: z.string().min(1) }),
});
const filePart = z.looseObject({
  cache_control,
  type: z.literal("file"),
  file: z
    .looseObject({
      file_data: z.string().min(1).optional(),
      file_url: z
        .string()
        .regex(/^https:\/\//i, "must be an https URL")
        .optional(),
      file_id: z.string().min(1).optional(),
      filename: z.string().optional(),
    })
    .refine(({ file_data, file_url, file_id }) => [file_data, file_url, file_id].some((one) => one != null), {
      message: "needs file_data, file_url or file_id",
    }),
});
const richContent = z.union([
  z.string(),
  z.array(z.discriminatedUnion("type", [textPart, imagePart, audioPart, filePart])).min(1),
]);
const textContent = z.union([z.string(), z.array(textPart).min(1)]);

export const toolCallSchema = z.looseObject({
  id: z.string().min(1),
  type: z.literal("function"),
  function: z.looseObject({ name: z.string().min(1), arguments: z.string() }),
  opaque: opaqueSchema.nullish(),
});

const name = z.string().optional();
const messageSchema = z.discriminatedUnion("role", [
  z.looseObject({ role: z.enum(["system", "developer"]), content: textContent, name }),
  z.looseObject({ role: z.literal("user"), content: richContent, name }),
  z
    .looseObject({
      role: z.literal("assistant"),
      content: textContent.nullish(),
      name,
      tool_calls: z.array(toolCallSchema).optional(),
      refusal: z.string().nullish(),
      reasoning: z.string().optional(),
      opaque: opaqueSchema.nullish(),
      extra: extraSchema.nullish(),
    })
    .refine(
      (message) =>
        (message.tool_calls ?? []).length > 0 ||
        (message.opaque ?? []).length > 0 ||
        [message.content, message.refusal, message.reasoning, message["function_call"]].some(
          (said) => said != null,
        ),
      { message: "an assistant message needs content, tool_calls or a refusal" },
    ),
  z.looseObject({
    role: z.literal("tool"),
    content: richContent,
    tool_call_id: z.string().min(1),
    name,
    is_error: z.boolean().nullish(),
  }),
]);

const toolSchema = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({
    name: z.string().min(1),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    strict: z.boolean().nullish(),
  }),
  cache_control,
});

const toolChoiceSchema = z.union([
  z.enum(["none", "auto", "required"]),
  z.looseObject({ type: z.literal("function"), function: z.looseObject({ name: z.string().min(1) }) }),
]);

const responseFormatSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({
      name: z.string().min(1),
      description: z.string().optional(),
      schema: z.record(z.string(), z.unknown()).optional(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

const metadataSchema = z
  .record(z.string().max(METADATA_KEY_CHARS_MAX), z.string().max(METADATA_VALUE_CHARS_MAX))
  .refine((metadata) => Object.keys(metadata).length <= METADATA_KEYS_MAX, {
    message: `may have at most ${METADATA_KEYS_MAX} keys`,
  });

export const chatRequestSchema = z
  .looseObject({
    model: z.string().min(1).max(256).describe("The slug of a model: `vendor/name`."),
    messages: z.array(messageSchema).min(1),
    max_tokens: z.int().min(1).optional().describe("Upper limit of the answer's tokens."),
    max_completion_tokens: z.int().min(1).optional().describe("Another name of `max_tokens`."),
    temperature: z.number().min(0).max(2).optional(),
    top_p: z.number().min(0).max(1).optional(),
    stop: z.union([z.string(), z.array(z.string()).max(STOP_MAX)]).optional(),
    seed: z.int().optional(),
    stream: z.boolean().optional(),
    stream_options: z.looseObject({ include_usage: z.boolean().optional() }).optional(),
    tools: z.array(toolSchema).optional(),
    tool_choice: toolChoiceSchema.optional(),
    parallel_tool_calls: z.boolean().optional(),
    response_format: responseFormatSchema.optional(),
    reasoning_effort: z.string().min(1).max(64).optional(),
    n: z.int().min(1).max(CHOICES_MAX).optional(),
    logprobs: z.boolean().optional(),
    top_logprobs: z.int().min(0).max(20).optional(),
    presence_penalty: z.number().min(-2).max(2).optional(),
    frequency_penalty: z.number().min(-2).max(2).optional(),
    user: z.string().max(512).optional(),
    metadata: metadataSchema.optional().describe("Kept on the usage record; not sent upstream."),
  })
  .meta({
    examples: [{ model: "scailabs/poolnoodle-omni", messages: [{ role: "user", content: "Hello" }] }],
  });
