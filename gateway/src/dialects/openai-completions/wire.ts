import { z } from "zod";
import { completionSchema } from "../openai-door/wire.ts";

/** Text completions in OpenAI's format, for OpenAPI and for checking every answer of every test. */
const head = {
  id: z.string().describe("`cmpl-…`"),
  object: z.literal("text_completion"),
  created: z.int().describe("Epoch seconds."),
  model: z.string().describe("The slug that was asked for."),
};
const said = {
  text: z.string(),
  index: z.int().min(0),
  logprobs: z.null(),
  reasoning_content: z.string().optional().describe("What reasoning models thought, where they tell."),
};
const { usage } = completionSchema.shape;

export const textCompletionSchema = z
  .strictObject({
    ...head,
    choices: z.array(z.strictObject({ ...said, finish_reason: z.string() })).min(1),
    usage,
  })
  .meta({ id: "OpenAiCompletion" });

/** One data event of a stream. `choices` is empty in the chunk that tells the usage, and in no other. */
export const textCompletionChunkSchema = z
  .strictObject({
    ...head,
    choices: z.array(z.strictObject({ ...said, finish_reason: z.string().nullable() })),
    usage: usage.nullish().describe("Null in every chunk but the last, and only where it was asked for."),
  })
  .meta({ id: "OpenAiCompletionChunk" });
