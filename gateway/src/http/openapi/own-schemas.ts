import { CODES } from "./errors-of.ts";
import { type JsonSchema, refTo } from "./json-schema.ts";

/** Schemas of the envelope and of the refusals of every door. */
export const OWN_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Meta: {
    type: "object",
    properties: { request_id: { type: "string" } },
    required: ["request_id"],
    additionalProperties: {},
  },
  Pagination: {
    type: "object",
    properties: {
      has_more: { type: "boolean" },
      next_cursor: { type: ["string", "null"], description: "Null on the last page." },
    },
    required: ["has_more", "next_cursor"],
  },
  ErrorCode: { type: "string", enum: [...CODES] },
  ErrorResponse: {
    type: "object",
    properties: {
      status: { const: "error" },
      error: {
        type: "object",
        properties: {
          code: refTo("ErrorCode"),
          message: { type: "string", description: "For people; it may change." },
          retry_after: { type: "integer", minimum: 1, description: "Whole seconds." },
          details: {
            type: "array",
            items: {
              type: "object",
              properties: { field: { type: "string" }, message: { type: "string" } },
              required: ["field", "message"],
            },
          },
          hint: { type: "string", description: "What to do, in one sentence." },
          doc_url: { type: "string", description: "The page of this code." },
        },
        required: ["code", "message"],
      },
      meta: refTo("Meta"),
    },
    required: ["status", "error", "meta"],
  },
  AnthropicErrorResponse: {
    type: "object",
    properties: { type: { const: "error" }, error: refTo("AnthropicError"), request_id: { type: "string" } },
    required: ["type", "error", "request_id"],
  },
  AnthropicStreamError: {
    type: "object",
    description: "Data of the event `error`, which ends a stream that failed.",
    properties: { type: { const: "error" }, error: refTo("AnthropicError") },
    required: ["type", "error"],
  },
  AnthropicError: {
    type: "object",
    properties: { type: { type: "string" }, message: { type: "string" } },
    required: ["type", "message"],
  },
  OpenAiErrorResponse: {
    type: "object",
    properties: { error: refTo("OpenAiError"), request_id: { type: "string" } },
    required: ["error", "request_id"],
  },
  OpenAiStreamError: {
    type: "object",
    description: "Data of the event that ends a stream which failed; after it comes `[DONE]`.",
    properties: { error: refTo("OpenAiError") },
    required: ["error"],
  },
  OpenAiError: {
    type: "object",
    properties: {
      message: { type: "string", description: "For people; it may change." },
      type: { type: "string" },
      param: { type: ["string", "null"], description: "The field at fault." },
      code: { type: ["string", "null"] },
    },
    required: ["message", "type", "param", "code"],
  },
  StreamError: {
    type: "object",
    description: "Data of the event named `error`; after it comes `[DONE]`.",
    properties: {
      code: refTo("ErrorCode"),
      message: { type: "string" },
      retry_after: { type: "integer", minimum: 1 },
    },
    required: ["code", "message"],
  },
};
