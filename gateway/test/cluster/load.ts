import { callApi } from "../harness/api.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pickText } from "../harness/json.ts";
import { MESSAGES, SANDBOX } from "../api/started.ts";

const CALLERS_PER_NODE = 4;
/** Milliseconds between an answer and the next call of the same caller. */
const PAUSE_MS = 5;

/** Callers that ask the nodes for whole answers, again and again, until they are told to stop. */
export class Load {
  /** Whole answers that have come. */
  answered = 0;
  /** What else was answered: status and code. */
  readonly refusals: string[] = [];
  #stopped = false;
  readonly #callers: Promise<unknown>;

  constructor(nodes: readonly Gateway[], key: string) {
    this.#callers = Promise.all(
      nodes.flatMap((node) => Array.from({ length: CALLERS_PER_NODE }, () => this.#call(node.url, key))),
    );
  }

  /** Resolves once the last answer is there. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#callers;
  }

  async #call(url: string, key: string): Promise<void> {
    const body = { model: SANDBOX, messages: MESSAGES };
    while (!this.#stopped) {
      const reply = await callApi(url, "POST", "/v1/inference/chat", { key, body });
      if (reply.status === 200) this.answered++;
      else this.refusals.push(`${reply.status} ${pickText(reply.body, "error.code")}`);
      await Bun.sleep(PAUSE_MS);
    }
  }
}
