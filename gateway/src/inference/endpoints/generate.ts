import { scaigridGenerate } from "../../dialects/scaigrid-generate/scaigrid-generate.ts";
import { generateAnswerSchema, generateChunkSchema } from "../../dialects/scaigrid-generate/wire.ts";
import { completionRequestSchema } from "../../dialects/text-completions/request-schema.ts";
import { serveChat } from "../pipeline.ts";
import type { InferenceEndpoint } from "./endpoint.ts";

export const generate: InferenceEndpoint = {
  kind: "inference",
  method: "POST",
  path: "/v1/inference/generate",
  dialect: scaigridGenerate,
  access: "models:use",
  tag: "Inference",
  operationId: "generate",
  summary: "A text that goes on after a prompt, whole or streamed; any chat model serves it",
  costBearing: true,
  body: completionRequestSchema,
  response: generateAnswerSchema,
  event: generateChunkSchema,
  serve: serveChat,
};
