import { Rounds } from "../../base/rounds.ts";
import { ConfigFileError, fileMark, readConfigFile } from "../../config/config-file.ts";
import type { FileProblem } from "../../config/yaml.ts";
import type { Logger } from "../../telemetry/logs.ts";
import { type ApplyDeps, applyFile, recordRefusal } from "./apply.ts";
import { type CheckedFile, checkConfigFile } from "./check.ts";
import type { Difference } from "./difference.ts";
import { planOf } from "./plan.ts";

/** Text of a reason in the log; the whole is in `GET /v1/config-file`. */
const PROBLEMS_LOGGED = 5;

/** A configuration file as it was read at the start. */
export interface OpenedFile {
  readonly path: string;
  readonly mark: string | undefined;
  readonly checked: CheckedFile;
}

/** What the file of a node has come to. */
export interface ConfigFileState {
  readonly path: string;
  /** `refused`: the file as it is now cannot be taken over, and what was taken over before is in force. */
  readonly state: "in_force" | "refused";
  /** Epoch milliseconds. */
  readonly appliedAt: number;
  readonly problems: readonly FileProblem[];
  /** What is not as the file says. */
  readonly drift: readonly Difference[];
}

/** Reads and checks a configuration file, before anything is opened. Throws errors that say what to do. */
export function openConfigFile(path: string): OpenedFile {
  const mark = fileMark(path);
  return { path, mark, checked: checkConfigFile(path, readConfigFile(path)) };
}

/** Keeps the store as the configuration file says while the gateway runs. */
export class ConfigFile {
  readonly #path: string;
  readonly #deps: ApplyDeps;
  readonly #log: Pick<Logger, "log">;
  readonly #rounds = new Rounds(() => this.#reload());
  #mark: string | undefined;
  #appliedAt: number;
  #problems: readonly FileProblem[] = [];

  /** Of a file that has been applied a moment ago. */
  constructor({ path, mark }: OpenedFile, deps: ApplyDeps, log: Pick<Logger, "log">) {
    this.#path = path;
    this.#mark = mark;
    this.#deps = deps;
    this.#log = log;
    this.#appliedAt = deps.clock.now();
  }

  /** Takes the file over if it has changed since it was last looked at. */
  async look(): Promise<void> {
    // What stood in its way may be gone, without any change to the file.
    if (this.#problems.length > 0 || fileMark(this.#path) !== this.#mark) await this.reload();
  }

  /** Takes the file over as it is now, all of it or nothing. A file that cannot be is told of, and never throws. */
  reload(): Promise<void> {
    return this.#rounds.run();
  }

  /** What has become of the file, and what there is that is not as it says. */
  state(): ConfigFileState {
    const base = { path: this.#path, appliedAt: this.#appliedAt };
    try {
      const checked = checkConfigFile(this.#path, readConfigFile(this.#path));
      const { differences, issues } = planOf(checked.declared, this.#deps);
      const problems = checked.problemsAt(issues);
      return { ...base, state: problems.length > 0 ? "refused" : "in_force", problems, drift: differences };
    } catch (error) {
      if (!(error instanceof ConfigFileError)) throw error;
      return { ...base, state: "refused", problems: error.problems, drift: [] };
    }
  }

  async #reload(): Promise<void> {
    const file = this.#path;
    const mark = fileMark(file);
    try {
      const checked = checkConfigFile(file, readConfigFile(file));
      const changed = await applyFile(file, checked, this.#deps);
      this.#appliedAt = this.#deps.clock.now();
      this.#problems = [];
      this.#log.log("info", "config_file_applied", { file, count: changed.length });
    } catch (error) {
      // An outage of the store is no fault of the file: the next look tries again.
      if (!(error instanceof ConfigFileError)) {
        this.#mark = undefined;
        throw error;
      }
      await this.#refused(error.problems);
    }
    this.#mark = mark;
  }

  async #refused(problems: readonly FileProblem[]): Promise<void> {
    const former = this.#problems;
    this.#problems = problems;
    if (Bun.deepEquals(former, this.#problems)) return;
    const told = this.#problems.slice(0, PROBLEMS_LOGGED);
    const reason = told.map(({ line, message }) => `line ${line}: ${message}`).join("; ");
    const hint = "correct the file; what was in force before stays in force";
    this.#log.log("error", "config_file_refused", {
      file: this.#path,
      count: this.#problems.length,
      reason,
      hint,
    });
    await recordRefusal(this.#path, this.#deps);
  }
}
