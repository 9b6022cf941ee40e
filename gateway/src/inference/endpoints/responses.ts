import { openaiResponsesDoor } from "../../dialects/openai-responses-door/openai-responses-door.ts";
import { responsesRequestSchema } from "../../dialects/openai-responses-door/request-schema.ts";
import { responseEventSchema, responseSchema } from "../../dialects/openai-responses-door/wire.ts";
import { serveChat } from "../pipeline.ts";
import type { InferenceEndpoint } from "./endpoint.ts";

export const responses: InferenceEndpoint = {
  kind: "inference",
  method: "POST",
  path: "/oai/v1/responses",
  door: "openai",
  dialect: openaiResponsesDoor,
  access: "models:use",
  tag: "OpenAI format",
  operationId: "responses",
  summary: "An answer in the format of OpenAI's Responses API, whole or streamed",
  costBearing: true,
  body: responsesRequestSchema,
  response: responseSchema,
  event: responseEventSchema,
  serve: serveChat,
};

/** For tools that let one change the host alone. */
export const responsesAtV1: InferenceEndpoint = {
  ...responses,
  path: "/v1/responses",
  operationId: "responsesAtV1",
  summary: "The same as `POST /oai/v1/responses`",
};
