import { isObject } from "./json.ts";

const KEPT_CHARS_MAX = 8 * 1024 * 1024;
const KEPT_LINES_MAX = 100_000;

/** One JSON log line. */
export type LogLine = Readonly<Record<string, unknown>>;

/** Everything a process prints, line by line, with waiting for a line to come. */
export class Output {
  #text = "";
  readonly #logs: LogLine[] = [];
  readonly #stdoutLines: string[] = [];
  #changed = Promise.withResolvers<void>();
  #ended = false;

  /** Everything printed so far on both streams, the oldest part dropped beyond 8 million characters. */
  get text(): string {
    return this.#text;
  }

  /** The lines that were JSON objects. */
  get logs(): readonly LogLine[] {
    return this.#logs;
  }

  /** The first 100 000 lines of the first stream, as they were printed. */
  get stdoutLines(): readonly string[] {
    return this.#stdoutLines;
  }

  /** Reads streams to their ends, standard output the first of them; resolves then. */
  async drain(streams: readonly ReadableStream<Uint8Array<ArrayBuffer>>[]): Promise<void> {
    await Promise.all(streams.map((stream, i) => this.#read(stream, i === 0)));
    this.#ended = true;
    this.#wake();
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>, isStdout: boolean): Promise<void> {
    let rest = "";
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#line(line, isStdout);
      if (lines.length > 0) this.#wake();
    }
    if (rest !== "") this.#line(rest, isStdout);
  }

  #line(line: string, isStdout: boolean): void {
    if (isStdout && this.#stdoutLines.length < KEPT_LINES_MAX) this.#stdoutLines.push(line);
    this.#text = `${this.#text}${line}\n`.slice(-KEPT_CHARS_MAX);
    if (!line.startsWith("{")) return;
    try {
      const value: unknown = JSON.parse(line);
      if (isObject(value)) this.#logs.push(value);
    } catch {
      // A line that only looks like JSON is text like any other, and is kept as such above.
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /**
   * What `find` finds in the output, as soon as it does. Throws with the output so far when the process ends first
   * or `timeoutMs` pass.
   */
  async until<Found>(what: string, find: () => Found | undefined, timeoutMs: number): Promise<Found> {
    const deadline = AbortSignal.timeout(timeoutMs);
    deadline.addEventListener("abort", () => this.#wake(), { once: true });
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const end = this.#ended ? "before the process ended" : `within ${timeoutMs} ms`;
      if (this.#ended || deadline.aborted) throw new Error(`no ${what} ${end}; output:\n${this.#text}`);
      await this.#changed.promise;
    }
  }
}
