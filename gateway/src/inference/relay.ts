import { ApiError } from "../errors.ts";
import { SSE_KEEP_ALIVE } from "../base/sse.ts";
import { type Fault, FaultError } from "../core/fault.ts";
import type { ChatEvent } from "../core/chat.ts";
import type { StreamEncoder } from "../core/dialect.ts";
import type { Attempts } from "./attempts.ts";
import type { Call } from "./call.ts";
import { contentBytes } from "./content-bytes.ts";
import type { InferenceDeps } from "./deps.ts";
import type { Door } from "./door.ts";
import { endingOf } from "./ending.ts";
import type { Finish } from "./finish.ts";
import { readerIdleSeconds } from "./inbound.ts";
import { KeepAlive } from "./keep-alive.ts";
import type { Opened } from "./open.ts";
import { Reported } from "./reported.ts";
import { Said } from "./said.ts";
import type { Held } from "./stages/08-hold.ts";
import type { Attempted } from "./stages/09-attempt.ts";
import { type EventSource, isContent } from "./upstream-stream.ts";
import { answerMeta, nameBackend } from "./whole.ts";

const SSE_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};
const SILENCE = Symbol("silence");

/** Waits for `promise`, but no longer than `waitMs` (Infinity = for ever); the promise goes on either way. */
function within<T>(promise: Promise<T>, waitMs: number): Promise<T | typeof SILENCE> {
  if (waitMs === Number.POSITIVE_INFINITY) return promise;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(SILENCE), waitMs);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/**
 * Relays a streamed answer. Status and headers are held back until the first content, for as long as the
 * configuration says: until then a failure is an ordinary HTTP error (thrown as ApiError). After that the
 * stream owns its end: exactly one terminal mark, whatever the upstream does.
 */
export async function relayStream(
  held: Held,
  attempting: Promise<Attempted>,
  door: Door,
  finish: Finish,
  deps: InferenceDeps,
): Promise<Response> {
  const { call } = held;
  let begun: Attempted | typeof SILENCE;
  try {
    begun = await within(attempting, deps.config.holdHeadersSeconds * 1000);
    if (call.endError) throw call.endError;
  } catch (error) {
    const ending = endingOf(error, call);
    await finish(ending);
    throw ending.error ?? error;
  }
  const body = new RelayedStream(held, attempting, begun === SILENCE, door, finish, deps);
  if (call.isDraining) {
    // Nobody is there to be answered, nor to pull.
    await body.cancel();
    throw new DOMException("client_gone", "AbortError");
  }
  if (begun !== SILENCE) nameBackend(held);
  const timeouts = held.itinerary.routes.flatMap(({ timeouts: each }) => each);
  call.inbound.setIdleTimeout(readerIdleSeconds(deps.config.keepAliveSeconds, timeouts));
  return new Response(new ReadableStream<Uint8Array>(body, { highWaterMark: 0 }), {
    headers: { ...call.answerHeaders, ...SSE_HEADERS },
  });
}

/** The pull side of one relayed stream: one upstream read for each pull, so back-pressure reaches the upstream. */
class RelayedStream {
  readonly #held: Held;
  readonly #call: Call;
  readonly #encoder: StreamEncoder;
  readonly #finish: Finish;
  readonly #keepAlive: KeepAlive;
  readonly #bytes = new TextEncoder();
  /** What the pull under way waits for. */
  #pending: Promise<readonly ChatEvent[] | undefined> | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #source: EventSource | undefined;
  #attempts: Attempts | undefined;
  /** What was said, where another backend may go on from it. */
  readonly #said: Said | undefined;
  readonly #reported: Reported;
  #leaving: Promise<void> | undefined;
  #late: boolean;

  constructor(
    held: Held,
    attempting: Promise<Attempted>,
    late: boolean,
    door: Door,
    finish: Finish,
    deps: InferenceDeps,
  ) {
    this.#held = held;
    this.#call = held.call;
    this.#encoder = door.dialect.streamEncoder(held.call.head());
    this.#finish = finish;
    const { keepAliveSeconds } = deps.config;
    const everyMs = keepAliveSeconds === 0 ? Number.POSITIVE_INFINITY : keepAliveSeconds * 1000;
    // A pull is under way then: what is given meanwhile goes down at once.
    this.#keepAlive = new KeepAlive(everyMs, deps.clock, () => this.#give(this.#silence()));
    this.#reported = new Reported(held.choices);
    this.#late = late;
    this.#said = held.policy.midstream === "continue" ? new Said(held.choices) : undefined;
    this.#pending = this.#begin(attempting);
    // A caller may leave before the first pull: the rejection is met there, or by `cancel`.
    this.#pending.catch(() => undefined);
  }

  /** One read of the upstream, or more where one holds nothing for the caller. */
  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#controller = controller;
    if (this.#late) {
      // The headers go down with these bytes: the caller's proxies see a living connection.
      this.#late = false;
      return this.#give(this.#silence());
    }
    for (;;) {
      try {
        const events = await this.#wait();
        if (this.#call.isDraining) return await this.cancel();
        this.#pending = undefined;
        if (this.#call.endError) throw this.#call.endError;
        const text = events && this.#encode(events);
        // What says nothing to the caller is silence, however often it comes.
        if (text === "") continue;
        this.#keepAlive.rests();
        return text === undefined ? this.#giveLast(await this.#end()) : this.#give(text);
      } catch (error) {
        if (this.#call.isDraining) return this.cancel();
        this.#pending = undefined;
        this.#keepAlive.rests();
        if (!this.#goesOn(error)) return this.#giveLast(await this.#fail(error));
      }
    }
  }

  cancel(): Promise<void> {
    this.#keepAlive.end();
    this.#call.abort("client_gone");
    return (this.#leaving ??= this.#leave());
  }

  async #leave(): Promise<void> {
    if (this.#call.isDraining) await this.#drain();
    this.#source?.close();
    await this.#finish({ ...endingOf(undefined, this.#call), reported: this.#reported.whole });
  }

  /** Reads the answer to its end for a caller who has left, to learn what it comes to; no further than what is held. */
  async #drain(): Promise<void> {
    const call = this.#call;
    try {
      for (let events = await this.#wait(); events && !call.endError; events = await this.#wait()) {
        for (const event of events) {
          this.#reported.note(event);
          if (isContent(event)) call.drained(contentBytes(event));
        }
        if (this.#isBeyondHold()) call.cutDrain("all that was set aside is used");
        this.#pending = undefined;
      }
      if (call.endError) return;
      this.#attempts?.completed();
      call.mark("drained");
    } catch (error) {
      if (error instanceof FaultError) this.#broke(error.fault);
    }
  }

  #broke(fault: Fault): void {
    this.#call.attemptBroke(fault);
    this.#attempts?.broke(fault);
  }

  /** Whether what was read, as we count it, comes to all that was set aside. */
  #isBeyondHold(): boolean {
    const { intent, tokensMax } = this.#held.open;
    return intent.inputEstimate + this.#call.outputTokens >= tokensMax;
  }

  async #begin(attempting: Promise<Attempted>): Promise<readonly ChatEvent[] | undefined> {
    const { opened, attempts } = await attempting;
    this.#attempts = attempts;
    return this.#follow(opened);
  }

  #follow(opened: Opened): Promise<readonly ChatEvent[] | undefined> | readonly ChatEvent[] {
    if (opened.kind !== "stream") throw new Error("a whole answer where a stream was asked for");
    this.#source = opened.source;
    return opened.first.length > 0 ? opened.first : opened.source.next();
  }

  /** The rest of an answer that broke off, from another backend. Rejects with the fault where there is none. */
  async #goOn(broken: FaultError, said: string): Promise<readonly ChatEvent[] | undefined> {
    const call = this.#call;
    this.#source?.close();
    this.#broke(broken.fault);
    const opened = await this.#attempts?.goOn(broken.fault, said);
    if (call.endError) {
      if (opened?.kind === "stream") opened.source.close();
      throw call.endError;
    }
    if (!opened) {
      this.#said?.end();
      throw broken;
    }
    this.#reported.continued();
    return this.#follow(opened);
  }

  /** Whether the answer goes on after what went wrong: then that is what the next pull waits for. */
  #goesOn(thrown: unknown): boolean {
    const said = this.#said?.text;
    if (!(thrown instanceof FaultError) || said === undefined || this.#call.endError) return false;
    this.#pending = this.#goOn(thrown, said);
    this.#pending.catch(() => undefined);
    return true;
  }

  /** The next events. */
  #wait(): Promise<readonly ChatEvent[] | undefined> {
    if (!this.#call.isDraining) this.#keepAlive.waits();
    return (this.#pending ??= this.#source?.next() ?? Promise.resolve(undefined));
  }

  #give(text: string): void {
    this.#controller?.enqueue(this.#bytes.encode(text));
  }

  #giveLast(text: string): void {
    this.#keepAlive.end();
    if (text !== "") this.#give(text);
    this.#controller?.close();
  }

  #silence(): string {
    return this.#encoder.keepAlive?.() ?? SSE_KEEP_ALIVE;
  }

  #encode(events: readonly ChatEvent[]): string {
    let text = "";
    for (const event of events) {
      this.#reported.note(event);
      if (event.type === "skipped") this.#call.skipped("event_skipped", event.reason);
      if (isContent(event)) this.#call.delivered(contentBytes(event));
      this.#said?.note(event);
      text += this.#encoder.event(event);
    }
    return text;
  }

  /** The settlement is in the journal before the last byte goes down. */
  async #end(): Promise<string> {
    this.#source?.close();
    this.#attempts?.completed();
    const { last: reported } = this.#reported;
    const ending = { status: "completed", httpStatus: 200, isUnderWay: true, reported } as const;
    const settlement = await this.#finish(ending);
    return this.#encoder.final(settlement.usage, answerMeta(this.#held));
  }

  async #fail(thrown: unknown): Promise<string> {
    this.#source?.close();
    if (thrown instanceof FaultError) this.#broke(thrown.fault);
    let ending = endingOf(thrown, this.#call);
    try {
      await this.#finish({ ...ending, isUnderWay: true, reported: this.#reported.whole });
    } catch (error) {
      ending = endingOf(error, this.#call);
    }
    const error = ending.error ?? new ApiError("INTERNAL_ERROR");
    const { retryAfterSeconds } = error.init;
    return this.#encoder.error({
      code: error.code,
      message: error.message,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    });
  }
}
