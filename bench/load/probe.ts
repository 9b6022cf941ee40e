import type { Distribution } from "../percentile.ts";

/** What the thread is told. */
export type ProbeOrder = { readonly port: number } | "begin" | "end" | "stop";

/**
 * How long the event loop of a target cannot be reached: a call that costs next to nothing, due every 10 ms on a
 * connection of its own, answered between whatever else the target does. In a thread of its own, or it would
 * measure the load's event loop as well.
 */
export class Probe {
  readonly #thread = new Worker(new URL("./probe-thread.ts", import.meta.url).href);

  private constructor(port: number) {
    this.#order({ port });
  }

  static async start(port: number): Promise<Probe> {
    const probe = new Probe(port);
    await probe.#heard();
    return probe;
  }

  /** The window that counts begins. */
  beginWindow(): void {
    this.#order("begin");
  }

  /** It ends: what has been due in it and is not answered yet still counts. */
  endWindow(): void {
    this.#order("end");
  }

  /** Waits for the last answer and gives what the probe has seen, in milliseconds. */
  async stop(): Promise<Distribution> {
    this.#order("stop");
    const seen = await this.#heard();
    this.#thread.terminate();
    return seen;
  }

  #order(order: ProbeOrder): void {
    this.#thread.postMessage(order);
  }

  /** The thread's next word. */
  #heard(): Promise<Distribution> {
    return new Promise((resolve, reject) => {
      this.#thread.onmessage = ({ data }: MessageEvent<Distribution>) => resolve(data);
      this.#thread.onerror = ({ message }) => reject(new Error(message));
    });
  }
}
