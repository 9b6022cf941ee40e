import type { Clock } from "../../base/clock.ts";
import { FaultError } from "../../core/fault.ts";
import type { ErrorCode } from "../../errors.ts";
import { ExpiringMap } from "../expiring-map.ts";
import type { UpstreamCall } from "../upstream.ts";

/** The errors a sandbox can be asked for: those that come from upstreams. */
export const SIMULATED_ERRORS = [
  "BACKEND_RATE_LIMITED",
  "BACKEND_TIMEOUT",
  "BACKEND_ERROR",
  "UPSTREAM_SHAPE_MISMATCH",
  "CONTENT_FILTERED",
  "CONTEXT_LENGTH_EXCEEDED",
  "MODEL_UNAVAILABLE",
] as const satisfies readonly ErrorCode[];
export type SimulatedError = (typeof SIMULATED_ERRORS)[number];

/** What to fake in one call. */
export interface Simulation {
  readonly error?: SimulatedError;
  readonly retryAfterSeconds?: number;
  /** The answer breaks off after so many tokens; together with `error`, a stream fails there with that error. */
  readonly cutAfterTokens?: number;
  /** Milliseconds before the first token, or before the error. */
  readonly firstTokenMs?: number;
  /** Milliseconds between words. */
  readonly tokenMs?: number;
}

type Parsed =
  | { readonly simulation: Simulation; readonly times: number | undefined; readonly problem?: never }
  | { readonly problem: string };

const INSTRUCTION_CHARS_MAX = 1_000;
const COUNTED_MAX = 10_000;
const COUNTED_TTL_MS = 60_000;

/** The whole numbers an instruction may hold, each with its bounds. */
const NUMBERS = {
  retry_after: { min: 1, max: 3_600 },
  times: { min: 1, max: 1_000 },
  cut_after_tokens: { min: 0, max: 100_000 },
  first_token_ms: { min: 0, max: 600_000 },
  token_ms: { min: 0, max: 600_000 },
} as const;
const FIELDS = ["error", ...Object.keys(NUMBERS)];

function isSimulatedError(value: unknown): value is SimulatedError {
  return SIMULATED_ERRORS.some((code) => code === value);
}

/** Reads an instruction; everything it holds must be understood, or the test it stands in would prove nothing. */
export function parseSimulation(instruction: string): Parsed {
  if (instruction.length > INSTRUCTION_CHARS_MAX) {
    return { problem: `must have at most ${INSTRUCTION_CHARS_MAX} characters` };
  }
  let given: unknown;
  try {
    given = JSON.parse(instruction);
  } catch {
    return { problem: 'must be a string holding JSON, such as {"error":"BACKEND_TIMEOUT"}' };
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return { problem: 'must hold a JSON object, such as {"error":"BACKEND_TIMEOUT"}' };
  }
  const fields = new Map<string, unknown>(Object.entries(given));
  const unknown = [...fields.keys()].find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) return { problem: `knows no "${unknown}"; it knows ${FIELDS.join(", ")}` };
  const error = fields.get("error");
  if (error !== undefined && !isSimulatedError(error)) {
    return { problem: `error must be one of ${SIMULATED_ERRORS.join(", ")}` };
  }
  for (const [name, { min, max }] of Object.entries(NUMBERS)) {
    if (fields.has(name) && !isWithin(fields.get(name), min, max)) {
      return { problem: `${name} must be a whole number from ${min} to ${max}` };
    }
  }
  return { simulation: simulationOf(fields, error), times: numberOf(fields, "times") };
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}

function numberOf(fields: ReadonlyMap<string, unknown>, name: keyof typeof NUMBERS): number | undefined {
  const value = fields.get(name);
  return typeof value === "number" ? value : undefined;
}

function simulationOf(fields: ReadonlyMap<string, unknown>, error: SimulatedError | undefined): Simulation {
  const retryAfterSeconds = numberOf(fields, "retry_after");
  const cutAfterTokens = numberOf(fields, "cut_after_tokens");
  const firstTokenMs = numberOf(fields, "first_token_ms");
  const tokenMs = numberOf(fields, "token_ms");
  return {
    ...(error !== undefined && { error }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(cutAfterTokens !== undefined && { cutAfterTokens }),
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    ...(tokenMs !== undefined && { tokenMs }),
  };
}

/** Decides what each call fakes, and remembers how often, for instructions with `times`. */
export class Simulations {
  readonly #used: ExpiringMap<{ count: number }>;

  constructor(clock: Clock) {
    this.#used = new ExpiringMap(clock, COUNTED_TTL_MS, COUNTED_MAX);
  }

  /**
   * What this call fakes; undefined when nothing (or no longer). With `times`, the first calls of one user with
   * one and the same instruction within 60 s. Throws FaultError `bad_request` for an instruction that cannot be
   * understood.
   */
  of(call: UpstreamCall): Simulation | undefined {
    if (call.simulate === undefined) return undefined;
    const { instruction, userId } = call.simulate;
    const parsed = parseSimulation(instruction);
    if (parsed.problem !== undefined) {
      throw new FaultError({
        class: "bad_request",
        reason: `simulation instruction ${parsed.problem}`,
        publicReason: parsed.problem,
        field: "metadata.simulate",
        simulated: true,
      });
    }
    if (parsed.times === undefined) return parsed.simulation;
    const key = `${userId} ${instruction}`;
    const used = this.#used.get(key) ?? { count: 0 };
    if (used.count === 0) this.#used.set(key, used);
    used.count += 1;
    return used.count <= parsed.times ? parsed.simulation : undefined;
  }
}
