import { z } from "zod";
import { chatRequestSchema } from "../chat-completions/request-schema.ts";

const {
  model,
  max_tokens,
  max_completion_tokens,
  temperature,
  top_p,
  stop,
  seed,
  stream,
  stream_options,
  response_format,
  reasoning_effort,
  n,
  presence_penalty,
  frequency_penalty,
  user,
  metadata,
} = chatRequestSchema.shape;

/**
 * The request of `POST /v1/inference/generate` and of OpenAI's older completions, for OpenAPI and the docs.
 * `readCompletionRequest` is what checks bodies. Unknown fields are allowed and passed on.
 */
export const completionRequestSchema = z
  .looseObject({
    model,
    prompt: z
      .union([z.string().min(1), z.array(z.string().min(1)).length(1)])
      .describe("What the text is to go on after; one prompt for each request."),
    max_tokens,
    max_completion_tokens,
    temperature,
    top_p,
    stop,
    seed,
    stream,
    stream_options,
    response_format,
    reasoning_effort,
    n,
    presence_penalty,
    frequency_penalty,
    user,
    metadata,
  })
  .meta({ examples: [{ model: "scailabs/poolnoodle-omni", prompt: "Once upon a time" }] });
