import type { WorkerFiles } from "../../src/store/sqlite/open.ts";

/** Where the worker files are, seen from the tests. */
export const WORKERS: WorkerFiles = {
  reader: new URL("../../src/workers/reader.ts", import.meta.url).href,
  checkpointer: new URL("../../src/workers/checkpointer.ts", import.meta.url).href,
};
