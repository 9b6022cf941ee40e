import { BadFraming } from "../base/framing.ts";
import { SseDecoder } from "../base/sse.ts";
import { eventsOf } from "../core/answer-events.ts";
import type { ChatAnswer, ChatEvent } from "../core/chat.ts";
import type { FrameDecoder, StreamDecoder, UpstreamDialect } from "../core/dialect.ts";
import { FaultError } from "../core/fault.ts";
import { type Teller, toldFault, withoutCredentials, withoutSecret } from "../core/told-fault.ts";
import type { UpstreamReply } from "../upstream/upstream.ts";

/** Events that could not be read of which the trace of one stream tells. */
const SKIPPED_TOLD_MAX = 20;

/** How long a whole answer waits for its terminal mark: usage is often reported behind the reason for the end. */
const MARK_WAIT_MS = 2_000;

/** A source of answer events: an upstream's stream, or a whole answer told as one. */
export interface EventSource {
  /** The next events, never empty; undefined once the answer has properly ended. Throws FaultError. */
  next(): Promise<readonly ChatEvent[] | undefined>;
  close(): void;
}

type Soon = readonly ChatEvent[] | Promise<readonly ChatEvent[] | undefined>;

/** Whether an event is content: text, reasoning, a tool call, a refusal or a reason to finish. */
export function isContent(event: ChatEvent): boolean {
  switch (event.type) {
    case "text":
    case "reasoning":
    case "refusal":
      return event.text !== "";
    case "tool_call":
    case "opaque":
    case "finish":
      return true;
    case "extra":
    case "usage":
    case "upstream_id":
    case "skipped":
    case "frame":
    case "end":
      return false;
  }
}

/**
 * Bytes of an upstream in, events out. Completeness comes from the dialect alone: a body that ends before every
 * choice has its finish reason was cut, however cleanly the connection was closed.
 */
export class UpstreamStream implements EventSource {
  readonly #reply: UpstreamReply;
  readonly #frames: FrameDecoder;
  readonly #decoder: StreamDecoder;
  readonly #teller: Teller;
  readonly #choicesAsked: number;
  /** Choices that have begun, each with its place among those that were asked for; of them those yet to end. */
  readonly #places = new Map<number, number>();
  readonly #keepsFrames: boolean;
  readonly #open = new Set<number>();
  readonly #finished = new Set<number>();
  /** Whether a reason for an end may have been given before the end: some give one with every piece. */
  #endsEarly = false;
  #saysInFrame = false;
  #over = false;
  #contentSeen = false;
  #terminated = false;
  #failure: Error | undefined;
  #skipped = 0;
  /** Runs once the answer is whole: one for the whole stream. */
  #markTimer: Timer | undefined;
  /** Ends the wait for what is being read; says nothing to a read that has ended. */
  #giveUp: ((late: FaultError) => void) | undefined;

  constructor(
    reply: UpstreamReply,
    dialect: UpstreamDialect,
    teller: Teller,
    { choicesAsked, keepsFrames }: { readonly choicesAsked: number; readonly keepsFrames: boolean },
  ) {
    this.#reply = reply;
    this.#frames = dialect.framing?.decoder() ?? new SseDecoder();
    this.#decoder = dialect.streamDecoder();
    this.#teller = teller;
    this.#choicesAsked = choicesAsked;
    this.#keepsFrames = keepsFrames;
  }

  next(): Promise<readonly ChatEvent[] | undefined> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#over) return Promise.resolve(undefined);
    const reading = this.#reply.read();
    return (this.#isWhole() ? this.#orMarkOverdue(reading) : reading).then(this.#decode, this.#broke);
  }

  /** What is read behind the end of the answer; a rejection once there has been no terminal mark for too long. */
  #orMarkOverdue(reading: Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    this.#markTimer ??= setTimeout(this.#markOverdue, MARK_WAIT_MS);
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      reading.then(resolve, reject);
    });
  }

  /** Where nobody waits, the caller is slow to read: the next read starts the wait anew. */
  readonly #markOverdue = (): void => {
    this.#markTimer = undefined;
    this.#giveUp?.(
      new FaultError({ class: "timeout", reason: `no terminal mark within ${MARK_WAIT_MS} ms` }),
    );
  };

  /** The events in what was read, or where it holds none, the next ones. */
  readonly #decode = (bytes: Uint8Array | undefined): Soon => {
    const events: ChatEvent[] = [];
    try {
      this.#decodeInto(events, bytes);
    } catch (error) {
      // What came before the fault goes down first; the fault is met at the next call.
      if (this.#harmsNobody(error)) this.#endBroken(error, events);
      else this.#failure = this.#asError(error);
    }
    return events.length > 0 ? events : this.next();
  };

  /** A connection that fails behind the end of the answer costs nothing but its word in the trace. */
  readonly #broke = (error: unknown): readonly ChatEvent[] | undefined => {
    if (!this.#harmsNobody(error)) throw error;
    const events: ChatEvent[] = [];
    this.#endBroken(error, events);
    return events.length > 0 ? events : undefined;
  };

  #endBroken(error: FaultError, events: ChatEvent[]): void {
    this.#skip(behindEnd(error), events);
    this.#over = true;
  }

  /** Whether it comes behind the end of the answer, and takes back nothing of it. */
  #harmsNobody(error: unknown): error is FaultError {
    return error instanceof FaultError && error.fault.class !== "content_filter" && this.#isWhole();
  }

  close(): void {
    this.#over = true;
    clearTimeout(this.#markTimer);
    // A stream read to its terminal mark has nothing left to say: its connection can serve the next call.
    this.#reply.close(this.#terminated ? "complete" : undefined);
  }

  #decodeInto(events: ChatEvent[], bytes: Uint8Array | undefined): void {
    for (const frame of this.#framesOf(bytes)) {
      const from = events.length;
      this.#saysInFrame = false;
      const data = withoutSecret(frame.data, this.#teller.credentials);
      const decoded = this.#decoded(data, frame.event);
      if (this.#keepsFrames) this.#keepFrame(data, decoded, events);
      const kept = events.length;
      let isWhole = true;
      for (const event of decoded) {
        if (event.type === "end") {
          this.#terminated = true;
          return this.#ended();
        }
        if (!this.#take(event, events)) isWhole = false;
      }
      // A frame of which anything was left out is told in the door's own words alone.
      if (!isWhole && kept > from) events.splice(from, 1);
    }
    if (bytes === undefined) this.#ended();
  }

  /** The events of one frame. An error behind the end of the answer is told in the trace: usage may yet come. */
  #decoded(data: string, eventName: string | undefined): readonly ChatEvent[] {
    try {
      return this.#decoder.push(data, eventName);
    } catch (error) {
      if (!this.#harmsNobody(error)) throw error;
      return [{ type: "skipped", reason: behindEnd(error) }];
    }
  }

  /** Whether the event is told as it is, by its frame at least. The trace is told of one that is not told at all. */
  #take(event: ChatEvent, events: ChatEvent[]): boolean {
    if (event.type === "skipped") {
      this.#skip(event.reason, events);
      return event.passes === true;
    }
    if (!("index" in event)) {
      events.push(event);
      return true;
    }
    const index = this.#placeOf(event.index);
    if (index === undefined) {
      this.#skip(`choice ${event.index}, ${this.#choicesAsked} asked for`, events);
      return false;
    }
    const told = index === event.index ? event : { ...event, index };
    this.#note(told);
    events.push(told);
    return told === event;
  }

  #skip(reason: string, events: ChatEvent[]): void {
    if (++this.#skipped > SKIPPED_TOLD_MAX) return;
    events.push({ type: "skipped", reason: withoutCredentials(reason, this.#teller.credentials) });
  }

  /**
   * The place of a choice among the first so many, whatever its number: callers who asked for one take every text for its
   * text, and look for it at the first place.
   */
  #placeOf(index: number): number | undefined {
    const known = this.#places.get(index);
    if (known !== undefined || this.#places.size >= this.#choicesAsked) return known;
    const taken = new Set(this.#places.values());
    let place = index < this.#choicesAsked && !taken.has(index) ? index : 0;
    while (taken.has(place)) place++;
    this.#places.set(index, place);
    return place;
  }

  /** The frame itself goes before the events it was decoded into. */
  #keepFrame(data: string, decoded: readonly ChatEvent[], events: ChatEvent[]): void {
    const { chunk } = this.#decoder;
    if (chunk !== undefined) events.push({ type: "frame", data, chunk, events: decoded });
  }

  #asError(error: unknown): Error {
    const told = toldFault(error, this.#teller);
    return told instanceof Error ? told : new Error(String(told));
  }

  #framesOf(bytes: Uint8Array | undefined) {
    try {
      return bytes === undefined ? this.#frames.flush() : this.#frames.push(bytes);
    } catch (error) {
      if (error instanceof BadFraming) throw new FaultError({ class: "shape", reason: error.message });
      throw error;
    }
  }

  #note(event: ChatEvent): void {
    if (!isContent(event)) return;
    if (!this.#contentSeen) {
      this.#contentSeen = true;
      this.#reply.contentSeen();
    }
    if (event.type === "finish") {
      this.#open.delete(event.index);
      this.#finished.add(event.index);
      if (this.#saysInFrame) this.#endsEarly = true;
    } else if ("index" in event) {
      if (this.#finished.has(event.index)) {
        // A signature may come behind the reason for the end: it says nothing that would have to end again.
        if (event.type === "opaque") return;
        this.#endsEarly = true;
      }
      this.#saysInFrame = true;
      this.#open.add(event.index);
    }
  }

  /** Whether nothing can be missing: then it is all one how the connection ends. */
  #isWhole(): boolean {
    return this.#finished.size >= this.#choicesAsked && this.#open.size === 0 && !this.#endsEarly;
  }

  #ended(): void {
    this.#over = true;
    if (this.#finished.size > 0 && this.#open.size === 0) return;
    throw new FaultError({ class: "server_error", reason: "the stream ended without a finish reason" });
  }
}

function behindEnd({ fault }: FaultError): string {
  return `behind the end of the answer: ${fault.reason}`;
}

/** A whole answer where a stream was asked for: some upstreams do that. Told as a stream of a few events. */
export class WholeAsStream implements EventSource {
  #events: readonly ChatEvent[] | undefined;

  constructor(answer: ChatAnswer) {
    this.#events = eventsOf(answer);
  }

  next(): Promise<readonly ChatEvent[] | undefined> {
    const events = this.#events;
    this.#events = undefined;
    return Promise.resolve(events);
  }

  close(): void {
    this.#events = undefined;
  }
}
