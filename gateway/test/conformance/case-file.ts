import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CONCERNS, ORIGINS } from "./concerns.ts";

/**
 * Cases are one JSON object per line in `test/fixtures/conformance/<format>.jsonl`, readable from any
 * language. Strict schemas: a misspelt expectation is an error, not an expectation that always holds.
 */
const anyRecord = z.record(z.string(), z.unknown());
const head = { concern: z.enum(CONCERNS), origin: z.enum(ORIGINS), name: z.string() };

const faultSchema = z.strictObject({
  class: z.string(),
  status: z.int().optional(),
  unknownModel: z.literal(true).nullable().optional(),
  field: z.string().optional(),
  publicReason: z.string().nullable().optional().describe("null: there must be none"),
  retryAfterSeconds: z.int().nullable().optional(),
});

const choiceSchema = z.strictObject({
  text: z.string().default(""),
  reasoning: z.string().default(""),
  refusal: z.string().default(""),
  calls: z
    .array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        arguments: z.string(),
        opaque: z.array(anyRecord).optional(),
      }),
    )
    .default([]),
  opaque: z.array(anyRecord).default([]),
  extra: z.record(z.string(), z.array(z.unknown())).default({}),
  finish: z.string().nullable().default(null),
  detail: anyRecord.nullable().default(null),
});

/** What an answer said, however it came. */
export const toldSchema = z.strictObject({
  choices: z.array(choiceSchema).default([]),
  usage: z.record(z.string(), z.int()).nullable().default(null),
  id: z.string().nullable().default(null),
  skipped: z.int().default(0),
  ended: z.boolean().default(false),
  fault: faultSchema.optional(),
});
export type Told = z.output<typeof toldSchema>;
export type ExpectedFault = z.output<typeof faultSchema>;

/** Cases of a format that upstreams speak. */
export const upstreamCaseSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...head,
    kind: z.literal("stream"),
    /** Data of the events; objects are serialised. Or the bytes themselves, as text. */
    events: z.array(z.union([z.string(), anyRecord])).optional(),
    raw: z.string().optional(),
    expect: toldSchema,
  }),
  z.strictObject({ ...head, kind: z.literal("answer"), body: z.unknown(), expect: toldSchema }),
  z.strictObject({
    ...head,
    kind: z.literal("request"),
    request: anyRecord,
    quirks: anyRecord.default({}),
    /** The backend's model; some formats write for one generation of models what others do not know. */
    model: z.string().default("upstream-model"),
    /** Below the base URL; absent = not looked at. */
    path: z.string().optional(),
    /** Fields of the body that is sent; null = absent. */
    sends: anyRecord,
    dropped: z.array(z.string()).default([]),
    /** The caller's headers which their door forwards, and those that are sent. */
    forwarded: z.record(z.string(), z.string()).optional(),
    headers: z.record(z.string(), z.string()).default({}),
  }),
  z.strictObject({ ...head, kind: z.literal("refuse"), request: anyRecord, fields: z.array(z.string()) }),
  z.strictObject({
    ...head,
    kind: z.literal("http"),
    status: z.int(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string(),
    expect: faultSchema,
  }),
]);
export type UpstreamCase = z.output<typeof upstreamCaseSchema>;

/** Cases of a format that callers speak. */
export const doorCaseSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...head,
    kind: z.literal("parse"),
    body: z.unknown(),
    /** The request; absent = the body itself. */
    request: anyRecord.optional(),
    /** Fields at fault, in order; absent = none. */
    issues: z.array(z.string()).optional(),
  }),
  z.strictObject({
    ...head,
    kind: z.literal("encode"),
    events: z.array(anyRecord),
    usage: z.record(z.string(), z.int()).default({}),
    /** Ends with an error instead of a final chunk. */
    error: anyRecord.optional(),
    /** `choices[0]` of each chunk but the final one. */
    chunks: z.array(anyRecord),
    wire_usage: anyRecord.optional(),
  }),
  z.strictObject({
    ...head,
    kind: z.literal("pass"),
    /** Data of the events of an upstream that speaks this format; objects are serialised. */
    events: z.array(z.union([z.string(), anyRecord])),
    include_usage: z.boolean().default(false),
    usage: z.record(z.string(), z.int()).default({}),
    /** The chunks the caller gets, whole. */
    chunks: z.array(anyRecord),
    /** The stream ends with an error. */
    fails: z.boolean().default(false),
  }),
  z.strictObject({
    ...head,
    kind: z.literal("pass_answer"),
    /** A whole answer of an upstream that speaks this format, and what the caller gets of it. */
    body: anyRecord,
    usage: z.record(z.string(), z.int()).default({}),
    sends: anyRecord,
  }),
  z.strictObject({
    ...head,
    kind: z.literal("answer"),
    answer: anyRecord,
    usage: z.record(z.string(), z.int()),
    body: anyRecord,
  }),
]);
export type DoorCase = z.output<typeof doorCaseSchema>;

/** Reads the case file of a format. Throws with the line's number when a line is not a case. */
export function readCases<Case>(format: string, schema: z.ZodType<Case>): Case[] {
  const path = join(import.meta.dir, "../fixtures/conformance", `${format}.jsonl`);
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.flatMap((line, i) => {
    if (line === "") return [];
    const read = schema.safeParse(JSON.parse(line));
    if (!read.success) throw new Error(`${format}.jsonl:${i + 1}: ${z.prettifyError(read.error)}`);
    return [read.data];
  });
}
