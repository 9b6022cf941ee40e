import { FaultError } from "../../core/fault.ts";
import type { UpstreamReply } from "../upstream.ts";

/** How the answer of a node ended: read to its end, let go by our side before that, or by a fault. */
export type ReplyEnd = "whole" | "left" | FaultError;

/** A node's answer, which tells its pool when it is over. */
export class PooledReply implements UpstreamReply {
  readonly upstreamId?: string;
  readonly shown?: NonNullable<UpstreamReply["shown"]>;
  readonly #reply: UpstreamReply;
  #onEnd: ((end: ReplyEnd) => void) | undefined;

  constructor(reply: UpstreamReply, onEnd: (end: ReplyEnd) => void) {
    this.#reply = reply;
    if (reply.upstreamId !== undefined) this.upstreamId = reply.upstreamId;
    if (reply.shown !== undefined) this.shown = reply.shown;
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
    if (piece === undefined) this.#end("whole");
    return piece;
  }

  async readText(): Promise<string> {
    const text = await this.#watched(this.#reply.readText());
    this.#end("whole");
    return text;
  }

  contentSeen(): void {
    this.#reply.contentSeen();
  }

  close(how?: "complete"): void {
    this.#end(how === "complete" ? "whole" : "left");
    this.#reply.close(how);
  }

  async #watched<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (error) {
      this.#end(error instanceof FaultError ? error : "left");
      throw error;
    }
  }

  #end(end: ReplyEnd): void {
    const told = this.#onEnd;
    this.#onEnd = undefined;
    told?.(end);
  }
}
