import type { Intent, Progress, Settlement } from "../core/accounting.ts";

/** An intent found without its settlement, with the last checkpoint of its stream. */
export interface OpenIntent {
  readonly intent: Intent;
  readonly progress?: Progress;
}

/**
 * The local append-only record of what was promised and what it came to. Writes of one event-loop turn share a
 * commit; a promise resolves when its row would survive `kill -9`.
 */
export interface Journal {
  /** Before the first upstream byte. Rejects when it cannot be written: then nothing may be sent. */
  intend(intent: Intent): Promise<void>;
  /** Before the last byte to the caller. The second settlement of a request changes nothing. */
  settle(settlement: Settlement): Promise<void>;
  /** How far every open stream has come: one row for all of them, replaced each time. */
  checkpoint(progress: readonly Progress[]): Promise<void>;
  /** What a former process left unsettled. */
  openIntents(): Promise<readonly OpenIntent[]>;
  /** Rows waiting for a commit. */
  pending(): number;
  /** Commits what is waiting. */
  close(): Promise<void>;
}

/** The journal of this process, which also says how it fares. */
export interface NodeJournal extends Journal {
  /** Whether the last commit got through. */
  healthy(): boolean;
  /** Writes a row for the sake of knowing whether that works again. Rejects with StoreUnavailable. */
  probe(): Promise<void>;
}
