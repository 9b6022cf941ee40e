import { chatRequestSchema } from "../../dialects/chat-completions/request-schema.ts";
import { completionChunkSchema, completionSchema } from "../../dialects/openai-door/wire.ts";
import { serveChat } from "../pipeline.ts";
import type { InferenceEndpoint } from "./endpoint.ts";

export const chatCompletions: InferenceEndpoint = {
  kind: "inference",
  method: "POST",
  path: "/oai/v1/chat/completions",
  door: "openai",
  access: "models:use",
  tag: "OpenAI format",
  operationId: "chatCompletions",
  summary: "A chat completion in OpenAI's format, whole or streamed",
  costBearing: true,
  body: chatRequestSchema,
  response: completionSchema,
  event: completionChunkSchema,
  serve: serveChat,
};

/** For tools that let one change the host alone. */
export const chatCompletionsAtV1: InferenceEndpoint = {
  ...chatCompletions,
  path: "/v1/chat/completions",
  operationId: "chatCompletionsAtV1",
  summary: "The same as `POST /oai/v1/chat/completions`",
};
