import type { Session } from "../core/tenancy.ts";
import { touchKey } from "../store/keys/writer.ts";
import { touchSession } from "../store/sign-in/writer.ts";
import type { Write } from "../store/write.ts";

/** Ids noted between two flushes; more than that and the rest waits for its next use. */
const NOTED_MAX = 100_000;

/**
 * When keys and sessions were last used, in memory at once and in the store every now and then: a write for each
 * request would cost more than the request.
 */
export class Activity {
  readonly #keys = new Map<string, number>();
  readonly #sessions = new Map<string, number>();
  readonly #dirtyKeys = new Set<string>();
  readonly #dirtySessions = new Set<string>();

  keyUsed(id: string, nowMs: number): void {
    note(this.#keys, this.#dirtyKeys, id, nowMs);
  }

  sessionUsed(id: string, nowMs: number): void {
    note(this.#sessions, this.#dirtySessions, id, nowMs);
  }

  /** Epoch milliseconds of a key's last use on this node, or as stored. */
  keyLastUsed(id: string, stored: number | undefined): number | undefined {
    return this.#keys.get(id) ?? stored;
  }

  sessionLastSeen(session: Session): number {
    return Math.max(session.lastSeenAt, this.#sessions.get(session.id) ?? 0);
  }

  /** How many keys and sessions have been used since they were last taken. */
  get noted(): number {
    return this.#dirtyKeys.size + this.#dirtySessions.size;
  }

  /** What has been used since it was last taken, as writes; at most so many, since a write takes 10 µs to build. */
  takeWrites(max: number): Write[] {
    const keys = taken(this.#dirtyKeys, max);
    const sessions = taken(this.#dirtySessions, max - keys.length);
    return [
      ...keys.map((id) => touchKey(id, this.#keys.get(id) ?? 0)),
      ...sessions.map((id) => touchSession(id, this.#sessions.get(id) ?? 0)),
    ];
  }
}

/** Takes so many out, in one order on every node: two that note the same keys must not wait for each other. */
function taken(dirty: Set<string>, max: number): string[] {
  const ids: string[] = [];
  for (const id of dirty) {
    if (ids.length >= max) break;
    ids.push(id);
    dirty.delete(id);
  }
  return ids.toSorted();
}

function note(times: Map<string, number>, dirty: Set<string>, id: string, nowMs: number): void {
  if (times.size >= NOTED_MAX && !times.has(id)) return;
  times.set(id, nowMs);
  dirty.add(id);
}
