/** The thread that syncs and checkpoints the SQLite log. Started by `store/sqlite/checkpointer.ts`. */
import { systemClock } from "../base/clock.ts";
import { checkpointThread, type CheckpointStart } from "../store/sqlite/checkpoint-thread.ts";

declare const self: Worker;

self.onmessage = (event: MessageEvent<CheckpointStart>) => {
  checkpointThread(event.data, systemClock, (reply) => self.postMessage(reply));
  process.exit(0);
};
