import { expect } from "bun:test";
import { openaiDoor } from "../../../src/dialects/openai-door/openai-door.ts";
import { completionChunkSchema, completionSchema } from "../../../src/dialects/openai-door/wire.ts";
import { doorSuite } from "../door-suite.ts";

/** Runs the cases of OpenAI's chat completions as callers speak it. */
export const run = () =>
  doorSuite(openaiDoor, {
    terminal: "[DONE]",
    chunk: (json) => completionChunkSchema.parse(json).choices[0],
    final: (json) => {
      expect(completionChunkSchema.parse(json).choices).toEqual([]);
    },
    error: ({ event, data }, code) => {
      expect(event).toBeUndefined();
      const { error } = JSON.parse(data) as { error: Record<string, unknown> };
      expect(Object.keys(error)).toEqual(["message", "type", "param", "code"]);
      expect(error["code"]).toBe(String(code).toLowerCase());
    },
    answer: (json) => completionSchema.parse(json),
  });
