import {
  chunk,
  cutInto,
  tokensOf,
  tokenText,
  toolArguments,
  toolCall,
  usageSentence,
  wholeAnswer,
  wholeMessage,
} from "./answers.ts";
import type { AnswerIdentity } from "./answers.ts";
import type { ChatAsked } from "./chat-asked.ts";
import type { Gates } from "./gates.ts";
import type { Peer } from "./peer.ts";
import type { Plan } from "./plan.ts";
import type { TruthLog, TruthRecord } from "./truth-log.ts";

const EVENT_STREAM = "text/event-stream; charset=utf-8";

export interface ExchangeParts {
  readonly plan: Plan;
  readonly asked: ChatAsked;
  readonly record: TruthRecord;
  readonly peer: Peer;
  readonly log: TruthLog;
  readonly gates: Gates;
  /** Whether this connection has already carried a request. */
  readonly reused: boolean;
}

/**
 * One request and its answer, as steps that a fault can stop, repeat or spoil. Each step resolves when its bytes
 * are in the socket; after the other side has left, steps do nothing.
 */
export class Exchange {
  readonly plan: Plan;
  readonly asked: ChatAsked;
  readonly peer: Peer;
  readonly who: AnswerIdentity;
  /** Content tokens of the whole answer: the plan's, or fewer when `max_tokens` says so. */
  readonly tokens: number;
  readonly finish: string;
  readonly reused: boolean;
  readonly #record: TruthRecord;
  readonly #log: TruthLog;
  readonly #gates: Gates;
  #contentSent = 0;
  #chunked = true;

  constructor(parts: ExchangeParts) {
    const { plan, asked, record } = parts;
    this.plan = plan;
    this.asked = asked;
    this.peer = parts.peer;
    this.reused = parts.reused;
    this.#record = record;
    this.#log = parts.log;
    this.#gates = parts.gates;
    if (plan.prefill === "continue") this.#contentSent = tokensOf(asked.begun);
    this.tokens = Math.min(plan.tokens, this.#contentSent + (asked.maxTokens ?? plan.tokens));
    const natural = this.tokens < plan.tokens ? "length" : plan.tools > 0 ? "tool_calls" : "stop";
    this.finish = plan.finish ?? natural;
    const created = Math.floor(record.receivedAtMs / 1000);
    this.who = { id: record.fakeId, model: record.requestedModel, created };
  }

  get stream(): boolean {
    return this.asked.stream;
  }

  /** What was really used up to here. */
  #usage(): unknown {
    const { plan, asked } = this;
    const used = {
      prompt: plan.prompt ?? asked.promptTokens,
      cached: plan.cached,
      completion: this.stream ? this.#record.tokensSent : this.#wholeTokens(),
      reasoning: plan.reasoning,
    };
    return usageSentence(plan.usage, used);
  }

  #wholeTokens(): number {
    let tools = 0;
    for (let call = 0; call < this.plan.tools; call++) tools += tokensOf(toolArguments(call));
    return (this.tokens + tools) * this.asked.choices + this.plan.reasoning;
  }

  /** Bytes as they are, cut into packets if the plan wants that. True while the other side is there. */
  async raw(data: string | Uint8Array): Promise<boolean> {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    const step = this.plan.packet > 0 ? this.plan.packet : bytes.byteLength;
    for (let at = 0; at < bytes.byteLength; at += step) {
      // A turn of the loop between packets, or the kernel would join them.
      if (this.plan.packet > 0) await new Promise<void>((resolve) => void setImmediate(resolve));
      const part = bytes.subarray(at, at + step);
      if (!(await this.peer.write(part))) return false;
      this.#record.bytesSent += part.byteLength;
    }
    return !this.peer.gone.aborted;
  }

  /** Bytes one at a time, `slow_ms` apart. */
  async slowly(text: string): Promise<void> {
    for (const byte of Buffer.from(text)) {
      await this.raw(Uint8Array.of(byte));
      if (!(await this.peer.pause(this.plan.slowMs))) return;
    }
  }

  /** Status line and headers; `x-request-id` is always among them. */
  head(status: number, headers: Readonly<Record<string, string>>): Promise<boolean> {
    const lines = Object.entries({ "x-request-id": this.who.id, ...headers }).map(([n, v]) => `${n}: ${v}`);
    return this.raw(`HTTP/1.1 ${status} Fake\r\n${lines.join("\r\n")}\r\n\r\n`);
  }

  /** A whole answer with a body of that type. */
  async respond(status: number, type: string, body: string, extra: Readonly<Record<string, string>> = {}) {
    const bytes = Buffer.from(body);
    await this.head(status, { "content-type": type, "content-length": `${bytes.length}`, ...extra });
    if (await this.raw(bytes)) this.done();
  }

  /** The JSON of the whole answer, its usage noted in the truth log. */
  wholeBody(finish: string | null = this.finish, message = wholeMessage(this.plan, this.tokens)): string {
    const usage = this.#usage();
    this.#record.usageReported = usage;
    return wholeAnswer(this.who, message, this.asked.choices, finish, usage);
  }

  /** The whole non-streamed answer. */
  async whole(body = this.wholeBody()): Promise<void> {
    await this.respond(200, "application/json", body);
    if (this.#record.finished) this.wholeSent();
  }

  /** Notes the whole answer as sent. */
  wholeSent(): void {
    this.done();
    this.count(this.#wholeTokens());
  }

  /** Headers of a stream and its first chunk, which has a role and no content. */
  async openStream(chunked = true): Promise<void> {
    this.#chunked = chunked;
    const framing: Record<string, string> = chunked
      ? { "transfer-encoding": "chunked" }
      : { connection: "close" };
    await this.head(200, { "content-type": EVENT_STREAM, ...framing });
    if (this.plan.bom) await this.piece(Uint8Array.of(0xef, 0xbb, 0xbf));
    await this.eachChoice({ role: "assistant", content: "" });
  }

  /** Bytes of the body of a stream, in the framing the headers announced. */
  piece(data: string | Uint8Array): Promise<boolean> {
    if (!this.#chunked) return this.raw(data);
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    return this.raw(
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]),
    );
  }

  /** One server-sent event, in the plan's spelling. */
  event(data: string): Promise<boolean> {
    const { eol, space, comments, multiline } = this.plan;
    const field = space ? "data: " : "data:";
    const comment = comments ? `: fake comment${eol}` : "";
    // Spaces between tokens of JSON mean nothing, so the object can be spread over lines at its first comma.
    const lines = multiline && data.startsWith("{") ? data.replace(",", `,${eol}${field}`) : data;
    return this.piece(`${comment}${field}${lines}${eol}${eol}`);
  }

  /** One chunk for each choice that was asked for. */
  async eachChoice(delta: object, finish: string | null = null, usage?: unknown): Promise<void> {
    for (let index = 0; index < this.asked.choices; index++) {
      await this.event(chunk(this.who, [{ index, delta, finish_reason: finish }], usage));
    }
  }

  /** The next `count` content tokens, paced, with the plan's gate among them. */
  async content(count: number): Promise<void> {
    const end = this.#contentSent + count;
    while (this.#contentSent < end) {
      if (this.plan.gateAfter === this.#contentSent) await this.gate();
      if (this.#contentSent > 0 && !(await this.peer.pause(this.plan.ms))) return;
      const usage = this.plan.usage === "repeated" ? this.#usage() : undefined;
      const text = tokenText(this.#contentSent, this.plan.utf8);
      await this.eachChoice({ content: text }, null, usage);
      if (this.peer.gone.aborted) return;
      this.#contentSent++;
      this.count(this.asked.choices);
    }
    // A fault that follows the last token waits as well.
    if (this.plan.gateAfter === end) await this.gate();
  }

  async reasoning(): Promise<void> {
    for (let i = 0; i < this.plan.reasoning && !this.peer.gone.aborted; i++) {
      await this.event(
        chunk(this.who, [
          { index: 0, delta: { [this.plan.reasoningField]: tokenText(i, false) }, finish_reason: null },
        ]),
      );
      this.count(1);
    }
  }

  /** The plan's tool calls, arguments in pieces; `position` numbers them, `args` writes them. */
  async toolCalls(position = (call: number) => call, args = toolArguments): Promise<void> {
    for (let call = 0; call < this.plan.tools; call++) {
      const whole = toolCall(call, "");
      await this.eachChoice({ tool_calls: [{ index: position(call), ...whole }] });
      for (const part of cutInto(args(call), this.plan.pieces)) {
        if (this.peer.gone.aborted) return;
        await this.eachChoice({ tool_calls: [{ index: position(call), function: { arguments: part } }] });
      }
      this.count(tokensOf(args(call)) * this.asked.choices);
    }
  }

  /** Everything of a stream up to its finish reason. */
  async body(): Promise<void> {
    await this.openStream();
    await this.reasoning();
    await this.content(this.tokens - this.#contentSent);
    await this.toolCalls();
  }

  /** The finish reason, and usage where it was asked for (or the plan gives it unasked). */
  async finishEvents(finish = this.finish): Promise<void> {
    await this.eachChoice({}, finish);
    if (!this.asked.includeUsage && this.plan.usage !== "unasked") return;
    const usage = this.#usage();
    if (usage !== undefined && (await this.event(chunk(this.who, [], usage))))
      this.#record.usageReported = usage;
  }

  /** The last bytes of a stream. */
  async endStream(mark = true): Promise<void> {
    if (mark) await this.event("[DONE]");
    const sent = this.#chunked ? await this.raw("0\r\n\r\n") : !this.peer.gone.aborted;
    if (sent) this.done();
    if (!this.#chunked) this.peer.close();
  }

  /** Half of an answer: half the bytes of a body, or a stream with `after` tokens. */
  async half(chunked = true): Promise<void> {
    if (this.stream) {
      await this.openStream(chunked);
      await this.content(this.plan.after);
      if (this.plan.strikeGate !== undefined) await this.#gates.pass(this.plan.strikeGate, this.peer.gone);
      return;
    }
    const bytes = Buffer.from(this.wholeBody());
    const framing: Record<string, string> = chunked
      ? { "content-length": `${bytes.length}` }
      : { connection: "close" };
    await this.head(200, { "content-type": "application/json", ...framing });
    await this.raw(bytes.subarray(0, bytes.length / 2));
  }

  /** Waits at the plan's gate. */
  async gate(): Promise<void> {
    if (this.plan.gate !== undefined) await this.#gates.pass(this.plan.gate, this.peer.gone);
  }

  /** Says nothing more until the other side leaves. */
  async silence(): Promise<void> {
    await this.#gates.pass("never", this.peer.gone);
  }

  /** Notes tokens as sent. */
  count(tokens: number): void {
    this.#record.tokensSent += tokens;
    this.#log.changed(this.#record);
  }

  /** Notes the answer as whole. */
  done(): void {
    this.#record.finished = true;
    this.#log.changed(this.#record);
  }
}
