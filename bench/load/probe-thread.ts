/** The thread of a probe: answers its first order when it is ready and its last one with what it has seen. */
import { distribution } from "../percentile.ts";
import { startMetronome } from "./metronome.ts";
import { OpenLoop } from "./open-loop.ts";
import type { ProbeOrder } from "./probe.ts";

declare const self: Worker;

/** The cheapest thing each target answers itself; that nginx knows no such page is an answer as well. */
const PATH = "/health";
const INTERVAL_MS = 10;

interface Probing {
  readonly loop: OpenLoop;
  readonly stop: () => void;
}

async function start(port: number): Promise<Probing> {
  const request = Buffer.from(`GET ${PATH} HTTP/1.1\r\nhost: localhost:${port}\r\n\r\n`);
  const loop = await OpenLoop.connect(port, 1, () => request);
  return { loop, stop: startMetronome(INTERVAL_MS, (dueMs) => loop.due(dueMs)) };
}

let probing: Probing | undefined;
self.onmessage = async ({ data: order }: MessageEvent<ProbeOrder>) => {
  if (typeof order === "object") {
    probing = await start(order.port);
    postMessage(distribution([]));
  } else if (order === "begin") probing?.loop.beginWindow();
  else if (order === "end") {
    probing?.loop.endWindow();
    probing?.stop();
  } else {
    await probing?.loop.close();
    postMessage(distribution(probing?.loop.latenciesMs ?? []));
  }
};
