import type { Gateway } from "../../harness/gateway.ts";
import { pick } from "../../harness/json.ts";

const CALL_MS = 30_000;

/** The models calls go to: one whose upstream answers, one whose upstream fails. */
export interface Models {
  readonly good: string;
  readonly broken: string;
}

/** What a caller saw of one call. */
export interface Seen {
  readonly label: string;
  /** Content tokens that came. */
  tokens: number;
  /** The answer came with its end. */
  complete: boolean;
}

/** What the upstream of half of the slow streams waits for. */
export interface Gates {
  open(name: string): void;
}

/** Calls of every kind at once. Some of their streams do not end before `release`. */
export class Traffic {
  readonly seen: Seen[] = [];
  readonly over: Promise<unknown>;
  readonly #gateway: Gateway;
  readonly #key: string;
  readonly #name: string;
  readonly #slow: Promise<unknown>;
  readonly #gates: Gates;

  constructor(gateway: Gateway, gates: Gates, key: string, models: Models, name: string) {
    this.#gates = gates;
    this.#gateway = gateway;
    this.#key = key;
    this.#name = name;
    const many = (count: number, call: () => Promise<unknown>) => Array.from({ length: count }, call);
    const begun: Promise<unknown>[] = [];
    const slow = (plan: string): Promise<void> => {
      const first = Promise.withResolvers<void>();
      begun.push(first.promise);
      return this.#stream(models.good, plan, Number.POSITIVE_INFINITY, first.resolve);
    };
    this.over = Promise.all([
      ...many(4, () => slow("fake-ok?tokens=60&ms=20")),
      ...many(8, () => slow(`fake-ok?tokens=20&gate=${name}&gate_after=5`)),
      ...many(4, () => this.#stream(models.good, "fake-ok?tokens=20")),
      ...many(3, () => this.#stream(models.good, "fake-ok?tokens=50&ms=20", 2)),
      ...many(8, () => this.#whole(models.good, "fake-ok?tokens=20")),
      ...many(4, () => this.#whole(models.good, "fake-ok?tokens=20&first_ms=300")),
      ...many(3, () => this.#whole(models.broken, "fake-status?code=500")),
    ]);
    this.#slow = Promise.all(begun);
  }

  /** Resolves once the slow streams have begun, or have ended without. */
  begun(): Promise<unknown> {
    return this.#slow;
  }

  /** Lets the streams end that wait for it. */
  release(): void {
    this.#gates.open(this.#name);
  }

  #note(): Seen {
    const seen: Seen = { label: `${this.#name}-${this.seen.length}`, tokens: 0, complete: false };
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
      if (reply.status !== 200) return;
      seen.complete = true;
      seen.tokens = Number(pick(reply.body, "data.usage.completion_tokens"));
    } catch {
      // The gateway has died.
    }
  }

  /** `most`: tokens after which the caller leaves. */
  async #stream(
    model: string,
    plan: string,
    most = Number.POSITIVE_INFINITY,
    begun: () => void = () => undefined,
  ): Promise<void> {
    const seen = this.#note();
    try {
      const body = this.#body(seen, model, plan);
      const stream = await this.#gateway.chatStream(body, { key: this.#key, timeoutMs: CALL_MS });
      while ((await stream.nextContent()) !== undefined) {
        seen.tokens++;
        begun();
        if (seen.tokens >= most) return stream.leave();
      }
      seen.complete = (await stream.end()).doneCount > 0;
    } catch {
      // The gateway has died.
    } finally {
      begun();
    }
  }
}
