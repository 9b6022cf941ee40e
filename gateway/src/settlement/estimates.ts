import type { BackendSeen } from "../core/estimate.ts";
import { inputTokens, outputTokens, type Usage } from "../core/usage.ts";
import { TokenRatio, USUAL_PER_KB } from "../pricing/token-ratio.ts";
import { promptTextTokens } from "../pricing/usage-estimate.ts";

/** A whole answer with what its upstream has reported of it. */
export interface ReportedCall {
  readonly backendId: string;
  /** UTF-8 bytes of the prompt; 0 = it had parts whose tokens do not follow from their bytes. */
  readonly promptBytes: number;
  readonly messages: number;
  /** UTF-8 bytes of the answer's text. */
  readonly outputBytes: number;
  readonly reported: Usage;
}

interface Ratios {
  readonly input: TokenRatio;
  readonly output: TokenRatio;
}

/**
 * How many tokens each backend makes of a text, for where its upstream does not say. Learned on each node from its own
 * calls; what it knew is kept and recalled at the next start.
 */
export class Estimates {
  readonly #ratios = new Map<string, Ratios>();
  readonly #changed = new Set<string>();

  /** Tokens of 1 000 bytes of a prompt. */
  inputPerKb(backendId: string): number {
    return this.#ratios.get(backendId)?.input.perKb ?? USUAL_PER_KB;
  }

  /** Tokens of 1 000 bytes of an answer. */
  outputPerKb(backendId: string): number {
    return this.#ratios.get(backendId)?.output.perKb ?? USUAL_PER_KB;
  }

  /** Less than a microsecond for each call. */
  learn({ backendId, promptBytes, messages, outputBytes, reported }: ReportedCall): void {
    const { input, output } = this.#of(backendId);
    if (reported.input_audio === undefined) {
      input.learn(promptBytes, promptTextTokens(inputTokens(reported), messages));
    }
    // Thoughts that are counted need not have been told.
    if (reported.output_reasoning === undefined && reported.output_audio === undefined) {
      output.learn(outputBytes, outputTokens(reported));
    }
    this.#changed.add(backendId);
  }

  /** What was known before this process; it counts beside what has been seen since. */
  recall({ backendId, input, output }: BackendSeen): void {
    const ratios = this.#of(backendId);
    ratios.input.recall(input);
    ratios.output.recall(output);
  }

  /** The backend is no more. */
  forget(backendId: string): void {
    this.#ratios.delete(backendId);
    this.#changed.delete(backendId);
  }

  /** What has changed since the last time. */
  takeChanged(): readonly BackendSeen[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed.flatMap((backendId) => {
      const ratios = this.#ratios.get(backendId);
      return ratios ? [{ backendId, input: ratios.input.seen, output: ratios.output.seen }] : [];
    });
  }

  /** What could not be kept is tried again. */
  putBack(changed: readonly BackendSeen[]): void {
    for (const { backendId } of changed) if (this.#ratios.has(backendId)) this.#changed.add(backendId);
  }

  #of(backendId: string): Ratios {
    const known = this.#ratios.get(backendId);
    if (known) return known;
    const made: Ratios = { input: new TokenRatio(), output: new TokenRatio() };
    this.#ratios.set(backendId, made);
    return made;
  }
}
