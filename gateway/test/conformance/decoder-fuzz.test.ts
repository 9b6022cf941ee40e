import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { isList, isObject } from "../../src/base/json.ts";
import { FINISH_REASONS } from "../../src/core/chat.ts";
import type { UpstreamDialect } from "../../src/core/dialect.ts";
import { FaultError } from "../../src/core/fault.ts";
import { UPSTREAM_DIALECTS } from "../../src/main/dialects.ts";
import { readCases, type Told, upstreamCaseSchema } from "./case-file.ts";
import { tell } from "./told.ts";

const FIXTURES = join(import.meta.dir, "../fixtures/conformance");
/** The same damage in every run; more of it, of another seed, for those who look for what nobody has found. */
const CHOSEN = { numRuns: 150, seed: 20_261_130 };

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom("", null, 0, -1, 1e18, [], {}, true, "stop", [[]], [null]),
);

/** Paths of all that a JSON value holds. */
function placesOf(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [[...path]];
  const inner = Object.entries(value).flatMap(([key, child]) =>
    placesOf(child, [...path, isList(value) ? Number(key) : key]),
  );
  return [[...path], ...inner];
}

function replaced(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

/** What was recorded, with a few of its values replaced by others. */
function damaged(recorded: unknown): fc.Arbitrary<unknown> {
  const places = placesOf(recorded);
  const damages = fc.array(fc.tuple(fc.nat(places.length - 1), anything), { minLength: 1, maxLength: 3 });
  return damages.map((list) =>
    list.reduce<unknown>((value, [at, by]) => {
      try {
        return replaced(value, places[at] ?? [], by);
      } catch {
        // An earlier damage has taken the place away.
        return value;
      }
    }, recorded),
  );
}

/** Runs what may throw a FaultError; anything else is a bug. */
function orFault(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    expect(error.fault.reason).not.toBe("");
  }
}

function decodeStream(dialect: UpstreamDialect, events: readonly unknown[]): void {
  const told: Told = { choices: [], usage: null, id: null, skipped: 0, ended: false };
  const decoder = dialect.streamDecoder();
  orFault(() => {
    // `tell` throws where calls have gaps, or an id or an end is told twice.
    for (const event of events) {
      const name = isObject(event) && typeof event["type"] === "string" ? event["type"] : undefined;
      for (const decoded of decoder.push(JSON.stringify(event ?? null), name)) tell(told, decoded);
    }
  });
}

const dialects = UPSTREAM_DIALECTS.filter(({ name }) => existsSync(join(FIXTURES, `${name}.jsonl`)));

test("every format has cases to damage", () => {
  expect(dialects).toHaveLength(UPSTREAM_DIALECTS.length);
});

describe.each(dialects.map((dialect) => [dialect.name, dialect] as const))(
  "whatever is wrong with an answer of %s, it is a fault or an answer",
  (name, dialect) => {
    const cases = readCases(name, upstreamCaseSchema);
    const streams = cases.flatMap((one) =>
      one.kind === "stream" && one.events ? [one.events.filter(isObject)] : [],
    );
    const bodies = cases.flatMap((one) => (one.kind === "answer" && isObject(one.body) ? [one.body] : []));

    test("whole", () => {
      const body = fc.constantFrom(...bodies).chain(damaged);
      fc.assert(
        fc.property(body, (one) => {
          orFault(() => {
            for (const choice of dialect.decodeAnswer(one).choices) {
              expect(FINISH_REASONS).toContain(choice.finish_reason);
              for (const call of choice.message.tool_calls ?? []) expect(call.id).not.toBe("");
            }
          });
        }),
        CHOSEN,
      );
    });

    test("streamed", () => {
      const stream = fc.constantFrom(...streams).chain(damaged);
      fc.assert(
        fc.property(stream, (events) => {
          if (isList(events)) decodeStream(dialect, events);
        }),
        CHOSEN,
      );
    });

    test("refused", () => {
      fc.assert(
        fc.property(fc.integer({ min: 300, max: 599 }), fc.json(), (status, body) => {
          const fault = dialect.classify(status, {}, body, 0);
          expect(fault.reason.length).toBeWithin(1, 501);
          expect(fault.publicReason ?? "").not.toContain("://");
        }),
        CHOSEN,
      );
    });
  },
);
