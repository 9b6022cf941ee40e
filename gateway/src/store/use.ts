import type { LogEvent } from "kysely";

/** How often a store has been asked since it was opened. */
export class StoreUse {
  /** Queries of management and reports. */
  reads = 0;
  /** Commits, refused ones included. */
  commits = 0;

  /** Takes note of a query, whatever became of it. */
  readonly noteRead = (_event: LogEvent): void => {
    this.reads++;
  };
}
