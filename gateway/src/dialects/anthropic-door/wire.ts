import { z } from "zod";

/**
 * Anthropic's format for OpenAPI, the docs and checking every answer of every test. Loose: `readMessagesRequest` is what
 * checks bodies, and fields an upstream adds are passed on.
 */
const tokens = z.int().min(0);
const block = z.looseObject({ type: z.string().min(1) });
const content = z.union([z.string(), z.array(block)]);
const system = z
  .union([z.string(), z.array(z.looseObject({ type: z.literal("text"), text: z.string() }))])
  .nullish();

const asked = {
  model: z.string().min(1).max(256).describe("The slug of a model: `vendor/name`."),
  messages: z.array(z.looseObject({ role: z.enum(["user", "assistant", "system"]), content })).min(1),
  system,
  tools: z.array(z.looseObject({ name: z.string().min(1).optional() })).nullish(),
  tool_choice: z.looseObject({ type: z.enum(["auto", "any", "tool", "none"]) }).nullish(),
  thinking: z.looseObject({ type: z.string().min(1) }).nullish(),
  output_config: z
    .looseObject({ effort: z.string().nullish(), format: z.looseObject({ type: z.string() }).nullish() })
    .nullish(),
};

export const messagesRequestSchema = z
  .looseObject({
    ...asked,
    max_tokens: z.int().min(1).describe("Upper limit of the answer's tokens."),
    temperature: z.number().min(0).max(1).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_k: z.int().min(0).nullish(),
    stop_sequences: z.array(z.string().min(1)).nullish(),
    stream: z.boolean().nullish(),
    metadata: z.looseObject({ user_id: z.string().max(512).nullish() }).nullish(),
  })
  .meta({
    examples: [
      {
        model: "scailabs/poolnoodle-omni",
        max_tokens: 1024,
        messages: [{ role: "user", content: "Hello" }],
      },
    ],
  });

export const countRequestSchema = z.looseObject(asked).meta({
  examples: [{ model: "scailabs/poolnoodle-omni", messages: [{ role: "user", content: "Hello" }] }],
});

export const countSchema = z.strictObject({ input_tokens: tokens }).meta({ id: "AnthropicTokenCount" });

const usage = z.looseObject({
  input_tokens: tokens.nullish(),
  cache_creation_input_tokens: tokens.nullish(),
  cache_read_input_tokens: tokens.nullish(),
  output_tokens: tokens,
});

export const messageSchema = z
  .looseObject({
    id: z.string().describe("`msg_…`"),
    type: z.literal("message"),
    role: z.literal("assistant"),
    model: z.string().describe("The slug that was asked for."),
    content: z.array(block),
    stop_reason: z.string().nullable(),
    stop_sequence: z.string().nullish(),
    usage,
  })
  .meta({ id: "AnthropicMessage" });

/** Kinds of event that an upstream may add. */
const otherEvent = z.looseObject({ type: z.string().regex(/^(?!message_|content_block_|ping$|error$)/) });

const knownEvent = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("message_start"), message: messageSchema }),
  z.looseObject({ type: z.literal("content_block_start"), index: z.int().min(0), content_block: block }),
  z.looseObject({ type: z.literal("content_block_delta"), index: z.int().min(0), delta: block }),
  z.looseObject({ type: z.literal("content_block_stop"), index: z.int().min(0) }),
  z.looseObject({
    type: z.literal("message_delta"),
    delta: z.looseObject({ stop_reason: z.string(), stop_sequence: z.string().nullish() }),
    usage,
  }),
  z.looseObject({ type: z.literal("message_stop") }),
  z.looseObject({ type: z.literal("ping") }),
]);

/** One data event of a stream. */
export const messageEventSchema = z.union([knownEvent, otherEvent]).meta({ id: "AnthropicMessageEvent" });

/** The body of a refusal. */
export const anthropicErrorSchema = z.strictObject({
  type: z.literal("error"),
  error: z.strictObject({ type: z.string(), message: z.string().min(1) }),
  request_id: z.string(),
});

/** Data of the `error` event. */
export const anthropicStreamErrorSchema = anthropicErrorSchema.omit({ request_id: true });
