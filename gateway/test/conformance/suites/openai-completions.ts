import { expect } from "bun:test";
import { openaiCompletions } from "../../../src/dialects/openai-completions/openai-completions.ts";
import {
  textCompletionChunkSchema,
  textCompletionSchema,
} from "../../../src/dialects/openai-completions/wire.ts";
import type { Concern } from "../concerns.ts";
import { doorSuite } from "../door-suite.ts";

/** A text has no tools, and nobody goes on from it. */
export const without: readonly Concern[] = [
  "tools",
  "parallel_tools",
  "tool_without_arguments",
  "split_arguments",
  "opaque",
  "cache_control",
];

/** Runs the cases of OpenAI's older completions as callers speak it. */
export const run = () =>
  doorSuite(openaiCompletions, {
    terminal: "[DONE]",
    chunk: (json) => textCompletionChunkSchema.parse(json).choices[0],
    final: (json) => {
      expect(textCompletionChunkSchema.parse(json).choices).toEqual([]);
    },
    error: ({ event, data }, code) => {
      expect(event).toBeUndefined();
      const { error } = JSON.parse(data) as { error: Record<string, unknown> };
      expect(error["code"]).toBe(String(code).toLowerCase());
    },
    answer: (json) => textCompletionSchema.parse(json),
  });
