import { openaiCompletions } from "../../dialects/openai-completions/openai-completions.ts";
import { textCompletionChunkSchema, textCompletionSchema } from "../../dialects/openai-completions/wire.ts";
import { completionRequestSchema } from "../../dialects/text-completions/request-schema.ts";
import { serveChat } from "../pipeline.ts";
import type { InferenceEndpoint } from "./endpoint.ts";

export const completions: InferenceEndpoint = {
  kind: "inference",
  method: "POST",
  path: "/oai/v1/completions",
  door: "openai",
  dialect: openaiCompletions,
  access: "models:use",
  tag: "OpenAI format",
  operationId: "completions",
  summary: "A text that goes on after a prompt, in OpenAI's older format, whole or streamed",
  costBearing: true,
  body: completionRequestSchema,
  response: textCompletionSchema,
  event: textCompletionChunkSchema,
  serve: serveChat,
};

/** For tools that let one change the host alone. */
export const completionsAtV1: InferenceEndpoint = {
  ...completions,
  path: "/v1/completions",
  operationId: "completionsAtV1",
  summary: "The same as `POST /oai/v1/completions`",
};
