import type { Socket } from "bun";

/**
 * One end of a raw connection: writes that wait for the other side to read, and the two ways to close.
 * Everything that waits is woken when the connection closes.
 */
export class Peer {
  readonly #socket: Socket<unknown>;
  #backlog: Uint8Array | undefined;
  #drained: PromiseWithResolvers<void> | undefined;
  readonly #gone = new AbortController();
  #closedByUs = false;

  constructor(socket: Socket<unknown>) {
    this.#socket = socket;
  }

  /** Aborted when the connection is closed, by whichever side. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  get closedByUs(): boolean {
    return this.#closedByUs;
  }

  /** Resolves once the kernel has taken all of it, or the connection is gone; says which. */
  async write(data: string | Uint8Array): Promise<boolean> {
    if (this.#gone.signal.aborted) return false;
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    const taken = Math.max(0, this.#socket.write(bytes));
    if (taken === bytes.byteLength) return true;
    this.#backlog = bytes.subarray(taken);
    this.#drained = Promise.withResolvers();
    await this.#drained.promise;
    return !this.gone.aborted;
  }

  /** The socket can take more. */
  onDrain(): void {
    if (this.#backlog === undefined) return;
    const taken = Math.max(0, this.#socket.write(this.#backlog));
    this.#backlog = this.#backlog.subarray(taken);
    if (this.#backlog.byteLength > 0) return;
    this.#backlog = undefined;
    this.#drained?.resolve();
  }

  /** The connection is closed. */
  onClose(): void {
    this.#backlog = undefined;
    this.#gone.abort();
    this.#drained?.resolve();
  }

  /** Ends in good order (FIN). */
  close(): void {
    this.#closedByUs = true;
    this.#socket.end();
  }

  /** Ends with a reset (RST). */
  reset(): void {
    this.#closedByUs = true;
    this.#socket.terminate();
  }

  /** Waits that long, or until the connection is gone; true when it is still there. */
  async pause(ms: number): Promise<boolean> {
    if (ms > 0 && !this.gone.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      const wake = () => resolve();
      this.gone.addEventListener("abort", wake, { once: true });
      await promise;
      clearTimeout(timer);
      this.gone.removeEventListener("abort", wake);
    }
    return !this.gone.aborted;
  }
}
