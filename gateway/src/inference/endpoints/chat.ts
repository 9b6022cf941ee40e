import { chatRequestSchema } from "../../dialects/chat-completions/request-schema.ts";
import { chatAnswerSchema, chatChunkSchema } from "../../dialects/scaigrid/wire.ts";
import { serveChat } from "../pipeline.ts";
import type { InferenceEndpoint } from "./endpoint.ts";

export const chatEndpoint: InferenceEndpoint = {
  kind: "inference",
  method: "POST",
  path: "/v1/inference/chat",
  access: "models:use",
  tag: "Inference",
  operationId: "chat",
  summary: "A chat completion, whole or streamed",
  costBearing: true,
  body: chatRequestSchema,
  response: chatAnswerSchema,
  event: chatChunkSchema,
  serve: serveChat,
};
