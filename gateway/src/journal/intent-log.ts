import { rmSync } from "node:fs";
import { StoreUnavailable } from "../store/errors.ts";
import { AppendFile, type Sync } from "./append-file.ts";
import { linesOf, numbersOf } from "./intent-files.ts";

/** Lines that may wait for the end of the turn. */
const PENDING_MAX = 100_000;
/** A file of about 10 000 intents; it goes when all of them are settled. */
const FILE_BYTES_MAX = 4 << 20;
/** Files kept for what is still open in them; beyond it the oldest one's open lines move to the newest. */
const FILES_MAX = 8;
/** A file in which nothing is open goes after at most so long, however few requests come. */
const QUIET_MS = 60_000;
/** One file of the log. */
interface LogFile {
  readonly path: string;
  /** Intents in it that are not settled. */
  open: number;
}

interface Line {
  readonly id: string;
  readonly text: string;
  /** Written by a former process. */
  readonly isLeft: boolean;
  file: LogFile | undefined;
}

export interface IntentLogOptions {
  /** Files are named after this path: `…-1`, `-2` and so on. */
  readonly base: string;
  /**
   * Asked before each write whether what is promised now could be settled now. Throws StoreUnavailable where it could
   * not: then nothing is promised.
   */
  readonly guard: () => void;
  /** Hears of syncs that failed. */
  readonly onFailure: (error: unknown) => void;
  /** Whether a line is promised only once it would survive a power cut. */
  readonly isStrict?: boolean;
  /** For tests. */
  readonly sync?: Sync;
  /** For tests. */
  readonly fileBytesMax?: number;
  /** For tests. */
  readonly quietMs?: number;
}

/**
 * Intents, one JSON text a line, in append-only files: all of a turn of the event loop are one write, and a settled
 * one costs nothing more (a row inserted and deleted in SQLite cost 7 µs). A line that is written survives the death
 * of the process; a sync on another thread follows within 50 ms. Which of the lines are settled is not in the files:
 * after a crash whoever reads them asks where the settlements are.
 */
export class IntentLog {
  readonly #base: string;
  readonly #fileBytesMax: number;
  readonly #quietMs: number;
  readonly #guard: () => void;
  readonly #isStrict: boolean;
  readonly #sync: Sync | undefined;
  readonly #onFailure: (error: unknown) => void;
  /** Lines whose intents are not settled, the left ones of a former process included. */
  readonly #lines = new Map<string, Line>();
  readonly #files: LogFile[];
  /** Files of a former process that nobody has asked about yet. */
  readonly #unread: LogFile[];
  /** The file that lines go to, and its end of the pen. */
  #current: { readonly file: LogFile; readonly pen: AppendFile } | undefined;
  #nextNumber: number;
  #waiting: Line[] = [];
  #turn: PromiseWithResolvers<void> | undefined;
  #failing = false;
  #closed = false;
  #quiet: Timer | undefined;

  /** Reads what a former process left. Throws StoreUnavailable. */
  constructor(options: IntentLogOptions) {
    const { base, guard, onFailure, isStrict = false, sync } = options;
    const { fileBytesMax = FILE_BYTES_MAX, quietMs = QUIET_MS } = options;
    this.#base = base;
    this.#quietMs = quietMs;
    this.#guard = guard;
    this.#isStrict = isStrict;
    this.#sync = sync;
    this.#onFailure = onFailure;
    this.#fileBytesMax = fileBytesMax;
    const numbers = storing(() => numbersOf(base));
    this.#files = numbers.map((number) => ({ path: `${base}-${number}`, open: 0 }));
    this.#unread = [...this.#files];
    this.#nextNumber = (numbers.at(-1) ?? 0) + 1;
  }

  /** Resolves once the line would survive the process; a strict log's, the machine. Rejects with StoreUnavailable. */
  append(id: string, text: string): Promise<void> {
    if (this.#closed) return Promise.reject(new StoreUnavailable("the journal is closed"));
    if (this.#waiting.length >= PENDING_MAX) {
      return Promise.reject(new StoreUnavailable(`${PENDING_MAX} intents are waiting for the disk`));
    }
    this.#waiting.push({ id, text, isLeft: false, file: undefined });
    // One promise for all of a turn: they fare alike.
    if (this.#turn === undefined) {
      this.#turn = Promise.withResolvers();
      setImmediate(() => this.#write());
    }
    return this.#turn.promise;
  }

  /** The intent needs its line no longer. A file all of whose intents are settled is removed. */
  settled(id: string): void {
    const line = this.#lines.get(id);
    if (line === undefined) return;
    this.#lines.delete(id);
    this.#leave(line.file);
  }

  /**
   * What a former process wrote and has not removed: the id and text of each line, settled ones among them. Each is
   * to be answered with `settled`. Reads on the event loop, and is meant for the start. Throws StoreUnavailable.
   */
  left(idOf: (text: string) => string): readonly { readonly id: string; readonly text: string }[] {
    for (const file of this.#unread.splice(0)) {
      for (const text of storing(() => linesOf(file.path))) {
        this.#keep({ id: idOf(text), text, isLeft: true, file });
      }
      if (file.open === 0) this.#remove(file);
    }
    return [...this.#lines.values()].filter((line) => line.isLeft);
  }

  pending(): number {
    return this.#waiting.length;
  }

  /** How many of the lines that were kept are not settled. */
  open(): number {
    return this.#lines.size;
  }

  /** Whether the last write failed. */
  failing(): boolean {
    return this.#failing;
  }

  /** Writes an empty line for the sake of knowing whether that works again. Throws StoreUnavailable. */
  probe(): void {
    storing(() => this.#put([], "\n"));
    this.#failing = false;
  }

  /** Writes what is waiting and refuses what comes later. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#quiet);
    this.#write();
    this.#retire();
  }

  /** Writes the waiting lines in one go. */
  #write(): void {
    const [lines, turn] = [this.#waiting, this.#turn];
    if (turn === undefined) return;
    this.#waiting = [];
    this.#turn = undefined;
    try {
      storing(() => this.#put(lines));
      this.#failing = false;
      if (this.#isStrict) this.#whenSynced(lines, turn);
      else turn.resolve();
    } catch (error) {
      this.#failing = true;
      turn.reject(error);
    }
  }

  /** Resolves the turn once its lines are on the disk. Those that are not are promised to nobody. */
  #whenSynced(lines: readonly Line[], turn: PromiseWithResolvers<void>): void {
    this.#current?.pen.synced().then(turn.resolve, (error: unknown) => {
      this.#failing = true;
      for (const { id } of lines) this.settled(id);
      turn.reject(unavailable(error));
    });
  }

  #put(lines: readonly Line[], more = ""): void {
    this.#guard();
    if (this.#current === undefined || this.#current.pen.bytes >= this.#fileBytesMax) this.#rotate();
    const file = this.#append(lines, more);
    for (const line of lines) {
      line.file = file;
      this.#keep(line);
    }
  }

  #append(lines: readonly Line[], more = ""): LogFile {
    if (this.#current === undefined) throw new Error("no file to append to");
    let text = more;
    for (const line of lines) text += `${line.text}\n`;
    this.#current.pen.append(text);
    return this.#current.file;
  }

  #rotate(): void {
    const pen = new AppendFile(`${this.#base}-${this.#nextNumber}`, this.#onFailure, this.#sync);
    this.#nextNumber++;
    this.#retire();
    const file: LogFile = { path: pen.path, open: 0 };
    this.#current = { file, pen };
    this.#files.push(file);
    if (this.#files.length > FILES_MAX) this.#gather();
  }

  /** Nothing is added to the current file any more; it stays while anything in it is open. */
  #retire(): void {
    const last = this.#current;
    this.#current = undefined;
    last?.pen.close();
    if (last?.file.open === 0) this.#remove(last.file);
  }

  /** Moves the open lines of the oldest file to the newest: long streams must not keep a file each. */
  #gather(): void {
    const [oldest] = this.#files;
    if (oldest === undefined || this.#unread.includes(oldest)) return;
    const open = [...this.#lines.values()].filter((line) => line.file === oldest);
    const file = this.#append(open);
    for (const line of open) line.file = file;
    file.open += open.length;
    oldest.open = 0;
    // Only once the copies are as safe as what they were copied from.
    this.#files.splice(0, 1);
    this.#current?.pen.syncNow((error) => {
      if (error === null) this.#remove(oldest);
    });
  }

  #keep(line: Line): void {
    // Twice where a process died between copying a line and removing the file it was in.
    this.#leave(this.#lines.get(line.id)?.file);
    this.#lines.set(line.id, line);
    if (line.file !== undefined) line.file.open++;
  }

  #leave(file: LogFile | undefined): void {
    if (file === undefined) return;
    file.open--;
    if (file.open > 0) return;
    if (file !== this.#current?.file) this.#remove(file);
    else this.#quiet ??= setTimeout(() => this.#goWhenQuiet(), this.#quietMs).unref();
  }

  /** Lines that are settled must not outlive what is known of their settlements, which a journal keeps for a day. */
  #goWhenQuiet(): void {
    this.#quiet = undefined;
    if (this.#current?.file.open === 0) this.#retire();
  }

  #remove(file: LogFile): void {
    const at = this.#files.indexOf(file);
    if (at !== -1) this.#files.splice(at, 1);
    try {
      rmSync(file.path, { force: true });
    } catch (error) {
      // Read again at the next start, and found settled.
      this.#onFailure(error);
    }
  }
}

function storing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(error instanceof Error ? error.message : String(error), error);
}
