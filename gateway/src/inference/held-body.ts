import { ApiError } from "../errors.ts";
import type { Allowance } from "../limits/allowance.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { overloaded } from "./admission.ts";

/** Bodies up to this size are not counted: there are no more of them than calls in flight. */
export const SMALL_BYTES = 65_536;

/** The part of the allowance for request bodies that one call has: as much as has come or was announced. */
export class HeldBody {
  readonly #allowance: Allowance;
  readonly #metrics: Pick<Metrics, "loadShed">;
  #bytes = 0;

  constructor(allowance: Allowance, metrics: Pick<Metrics, "loadShed">) {
    this.#allowance = allowance;
    this.#metrics = metrics;
  }

  /** Makes sure that `bytes` are covered. Throws ApiError OVERLOADED when all calls together have too many. */
  cover(bytes: number): void {
    if (bytes <= SMALL_BYTES || bytes <= this.#bytes) return;
    if (!this.#allowance.take(bytes - this.#bytes)) {
      this.#metrics.loadShed("bodies");
      throw overloaded("Too many large request bodies are being worked on.", true);
    }
    this.#bytes = bytes;
  }

  free(): void {
    this.#allowance.giveBack(this.#bytes);
    this.#bytes = 0;
  }
}

/** A body that came too slowly. */
export function bodyOverdue(seconds: number): ApiError {
  return new ApiError("VALIDATION_ERROR", "The body did not arrive in time.", {
    details: [{ field: "body", message: `must arrive within ${seconds} seconds` }],
    headers: { connection: "close" },
  });
}
