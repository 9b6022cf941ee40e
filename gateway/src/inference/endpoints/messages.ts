import { readCountRequest } from "../../dialects/anthropic-door/request.ts";
import { anthropicDoor } from "../../dialects/anthropic-door/anthropic-door.ts";
import {
  countRequestSchema,
  countSchema,
  messageEventSchema,
  messageSchema,
  messagesRequestSchema,
} from "../../dialects/anthropic-door/wire.ts";
import { serveChat, serveTokenCount } from "../pipeline.ts";
import type { InferenceEndpoint } from "./endpoint.ts";

export const messagesEndpoint: InferenceEndpoint = {
  kind: "inference",
  method: "POST",
  path: "/anthropic/v1/messages",
  door: "anthropic",
  access: "models:use",
  tag: "Anthropic format",
  operationId: "createMessage",
  summary: "A message in Anthropic's format, whole or streamed",
  costBearing: true,
  body: messagesRequestSchema,
  response: messageSchema,
  event: messageEventSchema,
  serve: serveChat,
};

/** Free, as it is at the provider; where that cannot count, an estimate, and a header says so. */
export const countTokensEndpoint: InferenceEndpoint = {
  kind: "inference",
  method: "POST",
  path: "/anthropic/v1/messages/count_tokens",
  door: "anthropic",
  dialect: { ...anthropicDoor, parse: readCountRequest },
  access: "models:use",
  tag: "Anthropic format",
  operationId: "countMessageTokens",
  summary: "How many tokens a message would take; free of charge",
  costBearing: false,
  body: countRequestSchema,
  response: countSchema,
  serve: serveTokenCount,
};
