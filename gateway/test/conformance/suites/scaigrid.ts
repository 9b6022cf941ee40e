import { expect } from "bun:test";
import { scaigrid } from "../../../src/dialects/scaigrid/scaigrid.ts";
import { chatAnswerSchema, chatChunkSchema } from "../../../src/dialects/scaigrid/wire.ts";
import { doorSuite } from "../door-suite.ts";

/** Runs the cases of the native format as callers speak it. */
export const run = () =>
  doorSuite(scaigrid, {
    terminal: "[DONE]",
    chunk: (json) => {
      const chunk = chatChunkSchema.parse(json);
      expect(chunk.choices).toHaveLength(1);
      return chunk.choices[0];
    },
    answer: (json) => chatAnswerSchema.parse(json),
  });
