import { expect } from "bun:test";
import { isObject } from "../../../src/base/json.ts";
import { openaiResponses } from "../../../src/dialects/openai-responses/openai-responses.ts";
import { openaiResponsesDoor } from "../../../src/dialects/openai-responses-door/openai-responses-door.ts";
import { responseEventSchema, responseSchema } from "../../../src/dialects/openai-responses-door/wire.ts";
import { doorSuite } from "../door-suite.ts";

/** What an event says that those before it have not: its type, a piece, or an item once it is over. */
function told(json: unknown): unknown {
  const { type, delta, item } = responseEventSchema.parse(json);
  const name = type.replace(/^response\./, "");
  if (type === "response.output_item.done") return { [name]: item };
  return delta === undefined ? { [name]: null } : { [name]: delta };
}

/** Runs the cases of the Responses API as callers speak it. */
export const run = () =>
  doorSuite(openaiResponsesDoor, {
    isNamed: true,
    upstream: openaiResponses,
    chunk: told,
    final: (json) => {
      const { response } = responseEventSchema.parse(json);
      expect(["completed", "incomplete"]).toContain(response?.status ?? "");
    },
    error: ({ event, data }, code) => {
      expect(event).toBe("response.failed");
      const json: unknown = JSON.parse(data);
      const { response } = responseEventSchema.parse(json);
      expect([response?.status, response?.error?.code]).toEqual(["failed", String(code).toLowerCase()]);
      expect(isObject(json) && json["response"]).not.toBe(false);
    },
    answer: (json) => responseSchema.parse(json),
  });
