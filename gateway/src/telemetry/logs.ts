import type { Clock } from "../base/clock.ts";
import { cleanFields, type LogFields, type LogValue } from "./log-fields.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = "json" | "pretty";

export interface LoggerOptions {
  /** Lines below this level are not made. */
  readonly level: LogLevel;
  /** `json`: one object a line. `pretty`: for a terminal. */
  readonly format: LogFormat;
  /** Colours of the pretty format. */
  readonly colour?: boolean;
  readonly clock: Clock;
  /** Takes whole lines, the last one's end included. May throw: then they are counted as lost. */
  write(text: string): void;
  /** Runs the flush soon, once: `setImmediate`. */
  defer(flush: () => void): void;
}

/** Characters that wait at most; then they are written at once. */
const WAITING_MAX = 65_536;

/**
 * One event a line. Lines of one event-loop turn are written together; an error's line at once, because the process
 * may be about to end.
 */
export class Logger {
  #tags: LogFields = {};
  readonly #options: LoggerOptions;
  readonly #threshold: number;
  #waiting = "";
  #waitingLines = 0;
  #lostLines = 0;

  constructor(options: LoggerOptions) {
    this.#options = options;
    this.#threshold = LOG_LEVELS.indexOf(options.level);
  }

  /** Whether lines of this level are made: asked first where making the fields costs something. */
  writes(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= this.#threshold;
  }

  /** From now on each line says this too, unless it says otherwise of itself. */
  tag(tags: LogFields): void {
    this.#tags = { ...this.#tags, ...tags };
  }

  /** Writes one event; `event` is a fixed name such as `request.completed`, never built from input. */
  log(level: LogLevel, event: string, fields: LogFields = {}): void {
    if (!this.writes(level)) return;
    const first = this.#waitingLines === 0;
    this.#waiting += this.#line(level, event, fields);
    this.#waitingLines += 1;
    if (level === "error" || this.#waiting.length >= WAITING_MAX) this.flush();
    else if (first) this.#options.defer(() => this.flush());
  }

  /** Writes what waits. Never throws: a log that cannot be written must not stop the work it tells of. */
  flush(): void {
    if (this.#waitingLines === 0) return;
    const text = this.#waiting;
    const lines = this.#waitingLines;
    this.#waiting = "";
    this.#waitingLines = 0;
    const lost = this.#lostLines;
    const notice = lost > 0 ? this.#line("warn", "log.lost", { count: lost }) : "";
    try {
      this.#options.write(notice + text);
      this.#lostLines = 0;
    } catch {
      this.#lostLines = lost + lines;
    }
  }

  /** Lines that could not be written since the last that could; the next line that can tells of them. */
  get lostLines(): number {
    return this.#lostLines;
  }

  #line(level: LogLevel, event: string, fields: LogFields): string {
    const time = new Date(this.#options.clock.now()).toISOString();
    const clean = cleanFields({ ...this.#tags, ...fields });
    if (this.#options.format === "json") return jsonLine(time, level, event, clean);
    return prettyLine(time, level, event, clean, this.#options.colour ?? false);
  }
}

type CleanFields = readonly (readonly [string, LogValue])[];

function jsonLine(time: string, level: LogLevel, event: string, fields: CleanFields): string {
  const line = JSON.stringify({ time, level, event, ...Object.fromEntries(fields) });
  return `${escapeInvisible(line)}\n`;
}

const COLOURS: Readonly<Record<LogLevel, string>> = {
  debug: "\u001b[90m",
  info: "\u001b[36m",
  warn: "\u001b[33m",
  error: "\u001b[31m",
};
const COLOUR_END = "\u001b[0m";

function prettyLine(
  time: string,
  level: LogLevel,
  event: string,
  fields: CleanFields,
  colour: boolean,
): string {
  const name = colour ? `${COLOURS[level]}${level.padEnd(5)}${COLOUR_END}` : level.padEnd(5);
  const rest = fields.map(([field, value]) => ` ${field}=${prettyValue(value)}`).join("");
  return `${time.slice(11, 23)} ${name} ${event}${rest}\n`;
}

function prettyValue(value: LogValue): string {
  const text = String(value);
  return /^[\w./:@+-]+$/.test(text) ? text : escapeInvisible(JSON.stringify(text));
}

// JSON leaves DEL, C1 controls and direction marks as they are: a model's name could then redraw a terminal.
function escapeInvisible(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
