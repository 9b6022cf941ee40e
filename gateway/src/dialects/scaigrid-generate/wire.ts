import { z } from "zod";
import { chatAnswerSchema, chatChunkSchema } from "../scaigrid/wire.ts";

/** Native text completions, for OpenAPI and for checking every answer of every test. */
const { model, created, usage, _meta } = chatAnswerSchema.shape;
const head = { id: z.string().describe("`cmpl-…`"), model, created };
const { finish_reason } = chatAnswerSchema.shape.choices.element.shape;

/** `data` of a whole answer. */
export const generateAnswerSchema = z
  .strictObject({
    ...head,
    choices: z
      .array(
        z.strictObject({
          index: z.int().min(0),
          text: z.string(),
          reasoning: z.string().optional(),
          finish_reason,
        }),
      )
      .min(1),
    usage,
    _meta,
  })
  .meta({ id: "GenerateAnswer" });

/** One data event of a stream, the final one included. */
export const generateChunkSchema = z
  .strictObject({
    ...head,
    choices: z
      .array(
        z.strictObject({
          index: z.int().min(0),
          text: z.string(),
          delta: z
            .strictObject({ content: z.string().optional(), reasoning: z.string().optional() })
            .describe("The same piece as a chat tells it."),
          finish_reason: finish_reason.nullable(),
        }),
      )
      .min(1),
    usage: chatChunkSchema.shape.usage,
    _meta: chatChunkSchema.shape._meta,
  })
  .meta({ id: "GenerateChunk" });
