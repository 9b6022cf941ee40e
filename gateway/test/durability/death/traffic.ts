import type { Gateway } from "../../harness/gateway.ts";
import { pick } from "../../harness/json.ts";

const CALL_MS = 60_000;
/** Calls that are not there from the start come one after the other, as callers do. */
const APART_MS = 4;

/** The models calls go to: one whose upstream answers, one whose upstream fails. */
export interface Models {
  readonly good: string;
  readonly broken: string;
}

/** What a caller saw of one call. */
export interface Seen {
  readonly label: string;
  /** Epoch milliseconds. */
  readonly askedAt: number;
  /** When the first of its answer came, or its end: it had been promised before, if at all. */
  promisedBy: number;
  /** Content tokens that came. */
  tokens: number;
  /** The answer came with its end. */
  complete: boolean;
  /** What was said in place of an answer. */
  refusal: string | undefined;
}

/** What the upstream of half of the slow streams waits for. */
export interface Gates {
  open(name: string): void;
}

/** How fast the streams go that take their time. */
export interface Pace {
  /** Milliseconds between two tokens. */
  readonly tokenMs: number;
}

export interface TrafficOptions {
  readonly gateway: Gateway;
  readonly gates: Gates;
  readonly key: string;
  readonly models: Models;
  /** Of all its calls, as no other's. */
  readonly name: string;
  readonly pace: Pace;
}

/** Calls of every kind. Some of their streams do not end before `release`. */
export class Traffic {
  readonly seen: Seen[] = [];
  readonly over: Promise<unknown>;
  readonly #gateway: Gateway;
  readonly #key: string;
  readonly #name: string;
  readonly #slow: Promise<readonly boolean[]>;
  readonly #gates: Gates;

  constructor({ gateway, gates, key, models, name, pace: { tokenMs } }: TrafficOptions) {
    this.#gates = gates;
    this.#gateway = gateway;
    this.#key = key;
    this.#name = name;
    const many = (count: number, call: () => Promise<unknown>) => Array.from({ length: count }, call);
    const begun: Promise<boolean>[] = [];
    const slow = (plan: string): Promise<void> => {
      const first = Promise.withResolvers<boolean>();
      begun.push(first.promise);
      return this.#stream(models.good, plan, Number.POSITIVE_INFINITY, first.resolve);
    };
    let later = 0;
    const inTurn = (count: number, call: () => Promise<unknown>) =>
      many(count, () => Bun.sleep(++later * APART_MS).then(call));
    this.over = Promise.all([
      ...many(4, () => slow(`fake-ok?tokens=60&ms=${tokenMs}`)),
      ...many(8, () => slow(`fake-ok?tokens=20&gate=${name}&gate_after=5`)),
      ...many(4, () => this.#whole(models.good, "fake-ok?tokens=20")),
      ...inTurn(4, () => this.#stream(models.good, "fake-ok?tokens=20")),
      ...inTurn(3, () => this.#stream(models.good, `fake-ok?tokens=50&ms=${tokenMs}`, 2)),
      ...inTurn(4, () => this.#whole(models.good, "fake-ok?tokens=20")),
      ...inTurn(4, () => this.#whole(models.good, "fake-ok?tokens=20&first_ms=300")),
      ...inTurn(3, () => this.#whole(models.broken, "fake-status?code=500")),
    ]);
    this.#slow = Promise.all(begun);
  }

  /** Resolves once the slow streams have begun, or have ended without; says whether any has begun. */
  async begun(): Promise<boolean> {
    return (await this.#slow).includes(true);
  }

  /** Lets the streams end that wait for it. */
  release(): void {
    this.#gates.open(this.#name);
  }

  #note(): Seen {
    const label = `${this.#name}-${this.seen.length}`;
    const seen: Seen = {
      label,
      askedAt: Date.now(),
      promisedBy: Number.POSITIVE_INFINITY,
      tokens: 0,
      complete: false,
      refusal: undefined,
    };
    this.seen.push(seen);
    return seen;
  }

  #body({ label }: Seen, model: string, fake: string): object {
    const messages = [{ role: "user", content: label }];
    return { model, messages, max_tokens: 100, metadata: { label }, fake };
  }

  async #whole(model: string, plan: string): Promise<void> {
    const seen = this.#note();
    try {
      const body = this.#body(seen, model, plan);
      const call = { key: this.#key, body, timeoutMs: CALL_MS };
      const reply = await this.#gateway.api("POST", "/v1/inference/chat", call);
      if (reply.status !== 200) return void (seen.refusal = reply.text);
      seen.complete = true;
      seen.tokens = Number(pick(reply.body, "data.usage.completion_tokens"));
    } catch {
      // The gateway has died.
    } finally {
      seen.promisedBy = Date.now();
    }
  }

  /** `most`: tokens after which the caller leaves. */
  async #stream(
    model: string,
    plan: string,
    most = Number.POSITIVE_INFINITY,
    begun: (hasContent: boolean) => void = () => undefined,
  ): Promise<void> {
    const seen = this.#note();
    try {
      const body = this.#body(seen, model, plan);
      const stream = await this.#gateway.chatStream(body, { key: this.#key, timeoutMs: CALL_MS });
      if (stream.status !== 200) return void (seen.refusal = stream.text);
      while ((await stream.nextContent()) !== undefined) {
        if (seen.tokens++ === 0) seen.promisedBy = Date.now();
        begun(true);
        if (seen.tokens >= most) return stream.leave();
      }
      seen.complete = (await stream.end()).doneCount > 0;
    } catch {
      // The gateway has died.
    } finally {
      seen.promisedBy = Math.min(seen.promisedBy, Date.now());
      begun(false);
    }
  }
}
