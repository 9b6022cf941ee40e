import { FaultError } from "../../core/fault.ts";
import type { UpstreamReply } from "../upstream.ts";

/** Hears once how the answer of a node ended: undefined for an answer that was whole, or let go by our side. */
export type ReplyEnd = (fault: FaultError | undefined) => void;

/** A node's answer, which tells its pool when it is over. */
export class PooledReply implements UpstreamReply {
  readonly upstreamId?: string;
  readonly #reply: UpstreamReply;
  #onEnd: ReplyEnd | undefined;

  constructor(reply: UpstreamReply, onEnd: ReplyEnd) {
    this.#reply = reply;
    if (reply.upstreamId !== undefined) this.upstreamId = reply.upstreamId;
    this.#onEnd = onEnd;
  }

  get status(): number {
    return this.#reply.status;
  }

  get headers(): UpstreamReply["headers"] {
    return this.#reply.headers;
  }

  async read(): Promise<Uint8Array | undefined> {
    const piece = await this.#watched(this.#reply.read());
    if (piece === undefined) this.#end(undefined);
    return piece;
  }

  async readText(): Promise<string> {
    const text = await this.#watched(this.#reply.readText());
    this.#end(undefined);
    return text;
  }

  contentSeen(): void {
    this.#reply.contentSeen();
  }

  close(how?: "complete"): void {
    this.#end(undefined);
    this.#reply.close(how);
  }

  async #watched<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (error) {
      this.#end(error instanceof FaultError ? error : undefined);
      throw error;
    }
  }

  #end(fault: FaultError | undefined): void {
    const told = this.#onEnd;
    this.#onEnd = undefined;
    told?.(fault);
  }
}
