import { expect, test } from "bun:test";
import { sseBytes, sseEvent } from "../../src/base/sse.ts";
import type { ChatRequest } from "../../src/core/chat.ts";
import type { UpstreamDialect } from "../../src/core/dialect.ts";
import { FaultError } from "../../src/core/fault.ts";
import { readCases, type Told, type UpstreamCase, upstreamCaseSchema } from "./case-file.ts";
import { CHUNKINGS, faultLike, tellAnswer, tellStream } from "./told.ts";

type CaseOf<Kind extends UpstreamCase["kind"]> = Extract<UpstreamCase, { kind: Kind }>;

/** The bytes of a stream of these events: JSON, or what stands in its place. */
type Frame = (events: readonly string[]) => Uint8Array;

const sse: Frame = (events) => sseBytes(events.map((data) => sseEvent(data)).join(""));

/**
 * Runs every case of an upstream format; what it returns goes into the table of concerns. `frame` is for streams that
 * are no server-sent events.
 */
export function upstreamSuite(dialect: UpstreamDialect, frame: Frame = sse): readonly UpstreamCase[] {
  const cases = readCases(dialect.name, upstreamCaseSchema);
  for (const one of cases) {
    test(`${dialect.name}, ${one.concern} (${one.origin}): ${one.name}`, () => runCase(dialect, one, frame));
  }
  return cases;
}

function runCase(dialect: UpstreamDialect, one: UpstreamCase, frame: Frame): void {
  switch (one.kind) {
    case "stream":
      return runStream(dialect, one, frame);
    case "answer":
      return expectTold(answerTold(dialect, one.body), {
        ...one.expect,
        ended: one.expect.fault === undefined,
      });
    case "request":
      return runRequest(dialect, one);
    case "refuse":
      expect(dialect.refuse(asRequest(one.request)).map((issue) => issue.field)).toEqual(one.fields);
      return;
    case "http": {
      const fault = dialect.classify(one.status, one.headers, one.body, Date.UTC(2026, 0, 1));
      expect(faultLike(fault, one.expect)).toEqual(one.expect);
    }
  }
}

function runStream(dialect: UpstreamDialect, one: CaseOf<"stream">, frame: Frame): void {
  const events = (one.events ?? []).map((data) => (typeof data === "string" ? data : JSON.stringify(data)));
  const bytes = one.raw === undefined ? frame(events) : sseBytes(one.raw);
  for (const cut of Object.values(CHUNKINGS)) expectTold(tellStream(dialect, cut(bytes)), one.expect);
}

function runRequest(dialect: UpstreamDialect, one: CaseOf<"request">): void {
  const request = asRequest(one.request);
  const before = JSON.stringify(request);
  const built = dialect.build(request, {
    upstreamModel: one.model,
    quirks: one.quirks,
    ...(one.forwarded && { forwarded: one.forwarded }),
  });
  const sent = JSON.parse(built.body) as Record<string, unknown>;
  const seen = Object.keys(one.sends).map((field) => [field, sent[field] ?? null]);
  expect(Object.fromEntries(seen)).toEqual(one.sends);
  expect(built.dropped).toEqual(one.dropped);
  expect(built.headers ?? {}).toEqual(one.headers);
  if (one.path !== undefined) expect(built.path).toBe(one.path);
  // Where the body does not name the model, the path does.
  if (!decodeURIComponent(built.path).includes(one.model)) expect(sent["model"]).toBe(one.model);
  // The same request may be built again for the next backend.
  expect(JSON.stringify(request)).toBe(before);
}

function answerTold(dialect: UpstreamDialect, body: unknown): Told {
  try {
    return tellAnswer(dialect.decodeAnswer(body));
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    return { choices: [], usage: null, id: null, skipped: 0, ended: false, fault: { ...error.fault } };
  }
}

function expectTold(told: Told, expected: Told): void {
  const { fault, ...rest } = told;
  const { fault: expectedFault, ...expectedRest } = expected;
  expect(rest).toEqual(expectedRest);
  expect(fault === undefined).toBe(expectedFault === undefined);
  if (fault === undefined || expectedFault === undefined) return;
  expect(faultLike(fault as FaultError["fault"], expectedFault)).toEqual(expectedFault);
}

/** Case files hold requests as a door would have checked them. */
function asRequest(request: Record<string, unknown>): ChatRequest {
  return request as unknown as ChatRequest;
}
