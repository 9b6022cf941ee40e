import { expect } from "bun:test";
import { anthropicDoor } from "../../../src/dialects/anthropic-door/anthropic-door.ts";
import {
  anthropicStreamErrorSchema,
  messageEventSchema,
  messageSchema,
} from "../../../src/dialects/anthropic-door/wire.ts";
import { anthropicMessages } from "../../../src/dialects/anthropic-messages/anthropic-messages.ts";
import { doorSuite } from "../door-suite.ts";

/** Runs the cases of Anthropic's messages as callers speak it. */
export const run = () =>
  doorSuite(anthropicDoor, {
    terminal: `{"type":"message_stop"}`,
    endsWithError: true,
    isNamed: true,
    upstream: anthropicMessages,
    chunk: (json) => messageEventSchema.parse(json),
    final: (json) => {
      expect(messageEventSchema.parse(json).type).toBe("message_delta");
    },
    error: ({ event, data }) => {
      expect(event).toBe("error");
      expect(anthropicStreamErrorSchema.parse(JSON.parse(data)).error.message).not.toBe("");
    },
    answer: (json) => messageSchema.parse(json),
  });
