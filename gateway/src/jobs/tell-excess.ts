import type { Clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import { formatAmount } from "../base/money.ts";
import type { Settlement } from "../core/accounting.ts";
import { inputTokens, outputTokens } from "../core/usage.ts";
import { addEvents } from "../store/events/writer.ts";
import type { Write } from "../store/write.ts";

/** Settlements that wait to be told of; of more the usage records and the log tell. */
const WAITING_MAX = 1_000;
/** Events of one commit. */
const EVENTS_AT_ONCE = 100;

export interface ExcessDeps {
  readonly clock: Pick<Clock, "now">;
  /** Rejects with StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
}

/** Tells of charges that met their hold: a provider has reported more than its request could use. */
export class ExcessTeller {
  readonly #deps: ExcessDeps;
  #waiting: Settlement[] = [];

  constructor(deps: ExcessDeps) {
    this.#deps = deps;
  }

  /** Takes note of one, for the next run. */
  note(settlement: Settlement): void {
    if (this.#waiting.length < WAITING_MAX) this.#waiting.push(settlement);
  }

  /** Rejects with StoreUnavailable: then the next run goes on. */
  async run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const some = this.#waiting.slice(0, EVENTS_AT_ONCE);
      const at = this.#deps.clock.now();
      const events = some.map((settlement) => ({
        id: newId("evt", at),
        type: "accounting.bound_exceeded" as const,
        payload: payloadOf(settlement),
        at,
      }));
      await this.#deps.commit(addEvents(events));
      this.#waiting = this.#waiting.slice(some.length);
    }
  }
}

function payloadOf({ intent, usageId, backendId, usage, charge, absorbed }: Settlement) {
  return {
    request_id: intent.requestId,
    usage_id: usageId,
    model: intent.modelSlug,
    backend_id: backendId,
    tenant_id: intent.payer.tenantId,
    tokens_in: inputTokens(usage),
    tokens_out: outputTokens(usage),
    charged: formatAmount(charge.tenant),
    absorbed: formatAmount(absorbed),
  };
}
