import type { Gateway } from "../harness/gateway.ts";
import { RawStream } from "./raw-stream.ts";
import type { StreamListener } from "./raw-stream.ts";

const WAIT_MS_MAX = 60_000;

/** Many streamed calls at once, each with a label of its own in its prompt and in its metadata. */
export class Swarm implements StreamListener {
  readonly streams: readonly RawStream[];
  /** `#reached[n]` = streams that have at least n tokens. */
  readonly #reached: number[] = [];
  #ended = 0;
  #done = 0;
  #changed = Promise.withResolvers<void>();

  constructor(name: string, size: number) {
    this.streams = Array.from({ length: size }, (_, i) => new RawStream(`${name}-${i}`, this));
  }

  /** Starts all calls at once. `plan` is what the fake upstream is to do. */
  async open(gateway: Gateway, model: string, plan: string): Promise<void> {
    const port = Number(new URL(gateway.url).port);
    const key = gateway.firstKey;
    await Promise.all(
      this.streams.map((stream) =>
        stream.open(port, key, {
          model,
          messages: [{ role: "user", content: stream.label }],
          metadata: { label: stream.label },
          fake: plan,
        }),
      ),
    );
  }

  /** Streams that have at least that many tokens. */
  withTokens(count: number): number {
    return this.#reached[count] ?? 0;
  }

  get ended(): number {
    return this.#ended;
  }

  /** How many `[DONE]` have come. */
  get completed(): number {
    return this.#done;
  }

  leave(): void {
    for (const stream of this.streams) stream.leave();
  }

  /** Resolves as soon as `test` holds; it is asked again at every token and every end. */
  async until(what: string, test: () => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(WAIT_MS_MAX);
    const wake = () => this.#wake();
    deadline.addEventListener("abort", wake, { once: true });
    while (!test()) {
      if (deadline.aborted) throw new Error(`no ${what} within ${WAIT_MS_MAX} ms; ${this.#state()}`);
      await this.#changed.promise;
    }
    deadline.removeEventListener("abort", wake);
  }

  token(count: number): void {
    this.#reached[count] = this.withTokens(count) + 1;
    this.#wake();
  }

  done(): void {
    this.#done++;
    this.#wake();
  }

  closed(): void {
    this.#ended++;
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #state(): string {
    const refused = this.streams.find((stream) => stream.body !== "");
    return `${this.withTokens(1)} begun, ${this.#ended} ended; a refusal: ${refused?.body ?? "none"}`;
  }
}
