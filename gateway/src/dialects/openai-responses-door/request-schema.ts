import { z } from "zod";
import { chatRequestSchema } from "../chat-completions/request-schema.ts";

/**
 * The request of `POST /oai/v1/responses` for OpenAPI and the docs. `readResponsesRequest` is what checks bodies; it
 * knows besides what belongs into which item. Unknown fields are allowed, and reach backends of the same format.
 */
const { model, stream, user, metadata } = chatRequestSchema.shape;

const part = z.looseObject({
  type: z.enum(["input_text", "input_image", "input_file", "input_audio", "output_text", "refusal", "text"]),
});
const content = z.union([z.string(), z.array(part)]);

const itemSchema = z.union([
  z.looseObject({
    type: z.literal("message").optional(),
    role: z.enum(["user", "assistant", "system", "developer"]),
    content,
  }),
  z.looseObject({
    type: z.literal("function_call"),
    call_id: z.string().min(1),
    name: z.string().min(1),
    arguments: z.string(),
  }),
  z.looseObject({
    type: z.literal("function_call_output"),
    call_id: z.string().min(1),
    output: z.union([z.string(), z.array(part).min(1)]),
  }),
  z
    .looseObject({
      type: z.literal("reasoning"),
      summary: z.array(z.looseObject({ text: z.string().optional() })).nullish(),
      encrypted_content: z.string().nullish(),
    })
    .describe("Of an earlier answer, as it was."),
]);

const toolSchema = z.looseObject({
  type: z.literal("function"),
  name: z.string().min(1),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});

const formatSchema = z.union([
  z.looseObject({ type: z.enum(["text", "json_object"]) }),
  z.looseObject({
    type: z.literal("json_schema"),
    name: z.string().min(1),
    schema: z.record(z.string(), z.unknown()),
    description: z.string().nullish(),
    strict: z.boolean().nullish(),
  }),
]);

const word = z.string().min(1).max(64).nullish();

export const responsesRequestSchema = z
  .looseObject({
    model,
    input: z
      .union([z.string().min(1), z.array(itemSchema).min(1)])
      .describe("A text, or the items of the whole conversation: nothing is kept between requests."),
    instructions: z.string().nullish(),
    max_output_tokens: z
      .int()
      .min(1)
      .nullish()
      .describe("Upper limit of the answer's tokens, reasoning included."),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    stream: stream.nullable(),
    store: z.boolean().nullish().describe("Nothing is stored, whatever it says; answers say `false`."),
    tools: z.array(toolSchema).nullish(),
    tool_choice: z
      .union([
        z.enum(["none", "auto", "required"]),
        z.looseObject({ type: z.literal("function"), name: z.string().min(1) }),
        z.looseObject({ type: z.literal("allowed_tools"), mode: z.enum(["auto", "required"]) }),
      ])
      .nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    reasoning: z.looseObject({ effort: word, summary: word }).nullish(),
    text: z.looseObject({ format: formatSchema.nullish(), verbosity: word }).nullish(),
    include: z.array(z.string().min(1)).max(64).nullish(),
    truncation: z.enum(["auto", "disabled"]).nullish(),
    user: user.nullable(),
    metadata: metadata.nullable(),
  })
  .meta({ examples: [{ model: "scailabs/poolnoodle-omni", input: "Hello" }] });
