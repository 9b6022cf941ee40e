/** Lines told of one failure, and failures told again at the end. */
const LINES_MAX = 80;
const TOLD_MAX = 20;
const FILE = /^(\S+\.test\.tsx?):$/;
const RESULT = /^\((pass|fail|skip|todo)\) /;
/** A file that could not be loaded has no result, only this. */
const BROKEN = "# Unhandled error between tests";
/** The end of a long run tells its failures again, without their files. */
const AGAIN = /^\d+ tests? failed:$/;

/** A test that failed, or a file that broke. */
export interface Failure {
  /** As Bun names it: below the root of the repository. */
  readonly file: string;
  /** What Bun said of it, its last line with the test's name. */
  readonly text: string;
}

/** Picks the failures out of what `bun test` says, which is too long for anyone to find them in. */
export class FailureReader {
  readonly #failures: Failure[] = [];
  #count = 0;
  #file = "";
  #lines: string[] = [];
  #rest = "";
  #isToldAgain = false;

  push(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#read(line);
  }

  /** Those that are told; `count` says how many there were. */
  get failures(): readonly Failure[] {
    return this.#failures;
  }

  get count(): number {
    return this.#count;
  }

  #read(line: string): void {
    this.#isToldAgain ||= AGAIN.test(line);
    if (this.#isToldAgain) return;
    const file = FILE.exec(line)?.[1];
    const outcome = RESULT.exec(line)?.[1];
    if (file !== undefined) {
      this.#file = file;
      this.#lines = [];
    } else if (outcome === "fail" || line === BROKEN) {
      this.#count++;
      const text = [...this.#lines, line].join("\n").trim();
      if (this.#failures.length < TOLD_MAX) this.#failures.push({ file: this.#file, text });
      this.#lines = [];
    } else if (outcome !== undefined) {
      this.#lines = [];
    } else {
      this.#lines.push(line);
      if (this.#lines.length > LINES_MAX) this.#lines.shift();
    }
  }
}

/** Failures as they are told at the end, where whoever looks for them looks first. */
export function tellFailures(failures: readonly Failure[]): string {
  return failures.map(({ file, text }) => `${file}:\n${text}\n`).join("\n");
}
