/** The thread that runs queries for reports and management reads on SQLite. Started by `store/sqlite/reader-pool.ts`. */
import type { ReaderMessage } from "../store/sqlite/reader-protocol.ts";
import { readerThread } from "../store/sqlite/reader-thread.ts";
import { runBehind } from "./behind.ts";

declare const self: Worker;

/** A report may take longer where calls are served meanwhile. */
runBehind(10);

const handle = readerThread({
  postMessage: (reply) => self.postMessage(reply),
  exit: () => process.exit(0),
});
self.onmessage = (event: MessageEvent<ReaderMessage>) => handle(event.data);
