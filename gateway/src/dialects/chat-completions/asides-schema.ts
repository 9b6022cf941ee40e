import { z } from "zod";
import { PROVIDER_FAMILIES } from "../../core/chat.ts";

/** What stands beside the text of messages and answers, for OpenAPI and the docs. */
export const opaqueSchema = z
  .array(
    z.strictObject({
      family: z.enum(PROVIDER_FAMILIES),
      data: z.record(z.string(), z.unknown()),
      at: z.strictObject({ text: z.int().min(0), calls: z.int().min(0) }).optional(),
    }),
  )
  .describe(
    "What a provider put into the answer for itself, such as signed reasoning. Send it back with the answer, unchanged.",
  );

export const extraSchema = z
  .record(z.string(), z.array(z.unknown()))
  .describe("What stands beside the text, such as `citations`, as the provider wrote it.");

export const cacheControlSchema = z
  .looseObject({ type: z.literal("ephemeral"), ttl: z.enum(["5m", "1h"]).optional() })
  .nullish()
  .describe("Up to here the prompt is to be kept for later calls.");

export const stopDetailSchema = z
  .strictObject({
    reason: z.string(),
    sequence: z.string().optional().describe("The stop sequence that was met."),
    more: z.record(z.string(), z.unknown()).optional(),
  })
  .describe("Why the answer ended, in the provider's words, where they say more than `finish_reason`.");
