/** The thread that syncs and checkpoints the SQLite log. Started by `store/sqlite/checkpointer.ts`. */
import { systemClock } from "../base/clock.ts";
import { checkpointThread, type CheckpointStart } from "../store/sqlite/checkpoint-thread.ts";
import { runBehind } from "./behind.ts";

declare const self: Worker;

// A pass over the log takes a core for milliseconds: calls come first, and a fourth of a busy core is enough for it.
runBehind(5);

self.onmessage = (event: MessageEvent<CheckpointStart>) => {
  checkpointThread(event.data, systemClock, (reply) => self.postMessage(reply));
  process.exit(0);
};
