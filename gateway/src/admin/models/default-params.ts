import { z } from "zod";
import { wholeNumber } from "../fields.ts";

function within(min: number, max: number) {
  return z.number().min(min, `must be from ${min} to ${max}`).max(max, `must be from ${min} to ${max}`);
}

/** Parameters a model sets for callers who leave them out: those of the chat contract that make sense as defaults. */
export const defaultParams = z.strictObject({
  max_tokens: wholeNumber(1, 100_000_000).optional(),
  temperature: within(0, 2).optional(),
  top_p: within(0, 1).optional(),
  presence_penalty: within(-2, 2).optional(),
  frequency_penalty: within(-2, 2).optional(),
  seed: z.int().optional(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).optional(),
  reasoning_effort: z.string().max(40).optional(),
});
