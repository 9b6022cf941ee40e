import { expect } from "bun:test";
import { scaigrid } from "../../../src/dialects/scaigrid/scaigrid.ts";
import { chatAnswerSchema, chatChunkSchema } from "../../../src/dialects/scaigrid/wire.ts";
import { doorSuite, META } from "../door-suite.ts";

function chunk(json: unknown): unknown {
  const { choices } = chatChunkSchema.parse(json);
  expect(choices).toHaveLength(1);
  return choices[0];
}

/** Runs the cases of the native format as callers speak it. */
export const run = () =>
  doorSuite(scaigrid, {
    terminal: "[DONE]",
    chunk,
    final: (json) => {
      chunk(json);
      expect(json["_meta"]).toEqual(META);
    },
    error: ({ event, data }, code) => {
      expect(event).toBe("error");
      const end = JSON.parse(data) as Record<string, unknown>;
      expect([end["code"], end["choices"]]).toEqual([code, undefined]);
    },
    answer: (json) => chatAnswerSchema.parse(json),
  });
