import { expect } from "bun:test";
import { scaigridGenerate } from "../../../src/dialects/scaigrid-generate/scaigrid-generate.ts";
import { generateAnswerSchema, generateChunkSchema } from "../../../src/dialects/scaigrid-generate/wire.ts";
import { doorSuite, META } from "../door-suite.ts";

export { without } from "./openai-completions.ts";

function chunk(json: unknown): unknown {
  const { choices } = generateChunkSchema.parse(json);
  expect(choices).toHaveLength(1);
  return choices[0];
}

/** Runs the cases of native text completions as callers speak it. */
export const run = () =>
  doorSuite(scaigridGenerate, {
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
    answer: (json) => generateAnswerSchema.parse(json),
  });
