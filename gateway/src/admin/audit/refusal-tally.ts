import { newId } from "../../base/ids.ts";
import type { AuditEntry } from "../../core/audit.ts";
import type { ErrorCode } from "../../errors.ts";

/** One refusal that gets no row of its own: its caller did not sign in, or calls far too often. */
export interface Refusal extends Pick<
  AuditEntry,
  "action" | "actorType" | "actorId" | "actorEmail" | "tenantId" | "partnerId"
> {
  readonly address: string;
  readonly code: ErrorCode;
}

interface Counted {
  readonly refusal: Omit<Refusal, "address"> & { readonly address?: string };
  readonly minute: number;
  count: number;
  written: number;
}

const MINUTE_MS = 60_000;
/** Different ones counted at the same time; further ones share a row without an address. */
const KEYS_MAX = 100;

/** Text of a caller as a row may hold it: bounded, nothing PostgreSQL refuses or a terminal obeys. */
export function textShown(text: string, charsMax: number): string {
  return text.slice(0, charsMax).replaceAll(/[\p{Cc}\p{Cs}]/gu, "�");
}

/**
 * Refusals without a row of their own, by address and minute: the first one is told of at once, the rest of the minute in one row.
 * However many come from wherever, at most two rows for each of KEYS_MAX + 1 are written in a minute.
 */
export class RefusalTally {
  readonly #counted = new Map<string, Counted>();

  /** Counts one. `nowMs` is the wall clock. */
  note(refusal: Refusal, nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const { action, address, actorId, code } = refusal;
    const key = JSON.stringify([minute, action, address, actorId, code]);
    const known = this.#counted.get(key);
    if (known) {
      known.count++;
    } else if (this.#counted.size < KEYS_MAX) {
      this.#counted.set(key, { refusal, minute, count: 1, written: 0 });
    } else {
      this.#noteOther(action, code, minute);
    }
  }

  #noteOther(action: string, code: ErrorCode, minute: number): void {
    const key = `others ${minute}`;
    const others = this.#counted.get(key);
    if (others) others.count++;
    else {
      const refusal = { action, code, actorType: "anonymous" } as const;
      this.#counted.set(key, { refusal, minute, count: 1, written: 0 });
    }
  }

  /**
   * The entries that are due at `nowMs`, all of them with `last`; call `written` once they are in the store. Until
   * then they count as not written.
   */
  due(nowMs: number, last = false): { readonly entries: readonly AuditEntry[]; written(): void } {
    const thisMinute = Math.floor(nowMs / MINUTE_MS);
    const due: { readonly counted: Counted; readonly count: number }[] = [];
    for (const [key, counted] of this.#counted) {
      const isOver = last || counted.minute < thisMinute;
      const rest = counted.count - counted.written;
      if (rest > 0 && (isOver || counted.written === 0)) due.push({ counted, count: rest });
      else if (isOver) this.#counted.delete(key);
    }
    return {
      entries: due.map(({ counted, count }) => entryOf(counted.refusal, count, nowMs)),
      written() {
        for (const { counted, count } of due) counted.written += count;
      },
    };
  }
}

function entryOf(refusal: Counted["refusal"], count: number, nowMs: number): AuditEntry {
  const { address, code, ...rest } = refusal;
  const [resourceType = ""] = refusal.action.split(".");
  return {
    id: newId("audit", nowMs),
    at: nowMs,
    ...rest,
    resourceType,
    ...(address !== undefined && { ipAddress: address }),
    status: "FAILURE",
    errorCode: code,
    count,
    changes: {},
  };
}
