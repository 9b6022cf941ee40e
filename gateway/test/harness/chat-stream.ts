import { sendCall } from "./api.ts";
import type { ApiCall } from "./api.ts";
import { checkAgainstContract, checkEvent } from "./contract.ts";
import type { AnsweredCall } from "./contract.ts";
import { pick } from "./json.ts";

/** One server-sent event as a browser would see it. */
export interface SentEvent {
  readonly name: string;
  readonly data: string;
  /** `data` parsed; undefined when it is not JSON (`[DONE]`). */
  readonly json: unknown;
}

/** How a stream ended, and everything that came before. */
export interface StreamEnd {
  readonly events: readonly SentEvent[];
  readonly comments: readonly string[];
  /** Content deltas of choice 0, joined. */
  readonly content: string;
  /** The finish reason of choice 0. */
  readonly finishReason: string | undefined;
  readonly usage: unknown;
  /** The data of the event named `error`, if there was one. */
  readonly error: unknown;
  /** How many `[DONE]` came. */
  readonly doneCount: number;
  /** What came after the last blank line: a well-formed stream leaves nothing. */
  readonly rest: string;
  /** The connection broke: the body did not end in good order. */
  readonly broken: boolean;
}

/**
 * Splits a stream of server-sent events, by the rules of the HTML standard (any of the three line ends, comments,
 * multi-line data). The gateway's own splitter is not used: it is under test.
 */
export class EventSplitter {
  #rest = "";
  #name = "";
  #data: string[] = [];
  readonly comments: string[] = [];

  get rest(): string {
    return this.#rest + this.#data.join("\n");
  }

  /** The events that this text completes. */
  push(text: string): readonly SentEvent[] {
    const events: SentEvent[] = [];
    this.#rest += text;
    // A CR at the very end may be the first half of CRLF: it waits.
    for (let m = /\r\n|\n|\r(?!$)/.exec(this.#rest); m; m = /\r\n|\n|\r(?!$)/.exec(this.#rest)) {
      const line = this.#rest.slice(0, m.index);
      this.#rest = this.#rest.slice(m.index + m[0].length);
      if (line === "") this.#dispatch(events);
      else this.#line(line);
    }
    return events;
  }

  #line(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return void this.comments.push(line.slice(1).trim());
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    if (field === "data") this.#data.push(value);
  }

  #dispatch(events: SentEvent[]): void {
    if (this.#data.length > 0) {
      const data = this.#data.join("\n");
      events.push({ name: this.#name === "" ? "message" : this.#name, data, json: jsonOf(data) });
    }
    this.#name = "";
    this.#data = [];
  }
}

function jsonOf(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // `[DONE]` and the like are not JSON; tests that expect JSON look at the field and find nothing.
    return undefined;
  }
}

/** A streamed answer that is being read. */
export class ChatStream {
  readonly status: number;
  readonly headers: Headers;
  /** The body of a refusal; empty while the answer is a stream. */
  readonly text: string;
  readonly #reader: { read(): Promise<{ value?: Uint8Array | undefined }> } | undefined;
  readonly #splitter = new EventSplitter();
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #events: SentEvent[] = [];
  readonly #leave: AbortController;
  readonly #call: AnsweredCall;
  #taken = 0;
  #commentsTaken = 0;
  #ended = false;
  #broken = false;

  constructor(response: Response, call: AnsweredCall, leave: AbortController) {
    this.#call = call;
    this.status = response.status;
    this.headers = response.headers;
    this.text = call.text;
    this.#reader = response.body?.getReader();
    this.#leave = leave;
  }

  get requestId(): string {
    return this.headers.get("x-scaigrid-request-id") ?? "";
  }

  /** Events that have come so far. */
  get eventsSeen(): number {
    return this.#events.length;
  }

  /** The next event, in order; undefined at the end of the stream. */
  async next(): Promise<SentEvent | undefined> {
    while (this.#taken === this.#events.length && !this.#ended) await this.#read();
    return this.#events[this.#taken++];
  }

  /** Reads events until one has content for choice 0; that content. Undefined at the end of the stream. */
  async nextContent(): Promise<string | undefined> {
    for (let event = await this.next(); event; event = await this.next()) {
      const content = contentOf(event);
      if (content !== "") return content;
    }
    return undefined;
  }

  /** The next comment, in order; undefined at the end of the stream. */
  async nextComment(): Promise<string | undefined> {
    while (this.#commentsTaken === this.#splitter.comments.length && !this.#ended) await this.#read();
    return this.#splitter.comments[this.#commentsTaken++];
  }

  /** Reads to the end and sums up. Throws when a byte of the stream is not UTF-8. */
  async end(): Promise<StreamEnd> {
    while (!this.#ended) await this.#read();
    const finishes = this.#events.map((event) => pick(event.json, "choices.0.finish_reason"));
    const finish = finishes.find((reason) => typeof reason === "string");
    return {
      events: this.#events,
      comments: this.#splitter.comments,
      content: this.#events.map(contentOf).join(""),
      finishReason: typeof finish === "string" ? finish : undefined,
      usage: this.#events.map((event) => pick(event.json, "usage")).findLast((usage) => usage != null),
      error: this.#events.find((event) => event.name === "error")?.json,
      doneCount: this.#events.filter((event) => event.data === "[DONE]").length,
      rest: this.#splitter.rest,
      broken: this.#broken,
    };
  }

  /** Closes the connection, as a client that leaves. */
  leave(): void {
    this.#leave.abort();
  }

  async #read(): Promise<void> {
    const part = await this.#nextPart();
    const text = part ? this.#decoder.decode(part, { stream: true }) : this.#decoder.decode();
    for (const event of this.#splitter.push(text)) {
      checkEvent(this.#call, event);
      this.#events.push(event);
    }
    if (!part) this.#ended = true;
  }

  async #nextPart(): Promise<Uint8Array | undefined> {
    try {
      return (await this.#reader?.read())?.value;
    } catch {
      // Reset, cut or left: all of them show as `broken` in the summary.
      this.#broken = true;
      return undefined;
    }
  }
}

function contentOf(event: SentEvent): string {
  const content = pick(event.json, "choices.0.delta.content");
  return typeof content === "string" ? content : "";
}

/** Starts a streamed call; resolves with its headers. A refusal's body is checked against the contract. */
export async function openChatStream(baseUrl: string, path: string, call: ApiCall): Promise<ChatStream> {
  const leave = new AbortController();
  const signal = call.signal ? AbortSignal.any([call.signal, leave.signal]) : leave.signal;
  const response = await sendCall(baseUrl, "POST", path, { timeoutMs: 60_000, ...call, signal });
  const { status, headers } = response;
  const text = status === 200 ? "" : await response.clone().text();
  const answered = {
    method: "POST",
    path,
    requestBody: call.body,
    status,
    headers,
    body: jsonOf(text),
    text,
  };
  checkAgainstContract(answered);
  return new ChatStream(response, answered, leave);
}
