import { z } from "zod";

/**
 * Answers of the Responses API, for OpenAPI and for checking every answer of every test. Loose: members an upstream of
 * the same format adds are passed on.
 */
const tokens = z.int().min(0);

const itemSchema = z.looseObject({
  type: z.string().describe("`message`, `function_call`, `reasoning`; others of the provider's own tools."),
  id: z.string().optional(),
});

export const responseSchema = z
  .looseObject({
    id: z.string().describe("`resp_…`"),
    object: z.literal("response"),
    created_at: z.number().describe("Epoch seconds."),
    status: z.enum(["in_progress", "completed", "incomplete", "failed"]),
    model: z.string().describe("The slug that was asked for."),
    output: z.array(itemSchema),
    error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
    incomplete_details: z.looseObject({ reason: z.string() }).nullable(),
    usage: z
      .looseObject({
        input_tokens: tokens,
        input_tokens_details: z.looseObject({ cached_tokens: tokens }),
        output_tokens: tokens,
        output_tokens_details: z.looseObject({ reasoning_tokens: tokens }),
        total_tokens: tokens,
      })
      .nullable(),
  })
  .meta({ id: "OpenAiResponse" });

/** One event of a stream: named by its type, and numbered. */
export const responseEventSchema = z
  .looseObject({
    type: z.string(),
    sequence_number: z.int().min(0),
    response: responseSchema.optional(),
    item: itemSchema.optional(),
    delta: z.string().optional(),
  })
  .meta({ id: "OpenAiResponseEvent" });
