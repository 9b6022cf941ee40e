import { isObject } from "../../base/json.ts";
import type { Reader } from "../store.ts";

/** More than there are backends. */
const EVENTS_MAX = 10_000;

/** What was told of a backend's health last. */
export interface BackendEvent {
  readonly type: string;
  readonly payload: {
    readonly resource_id: string;
    readonly provider_id: string;
    /** The node that told it, where several share the store. */
    readonly node_id?: string;
  };
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Of each backend, what was told of it last. */
export async function lastBackendEvents(read: Reader): Promise<readonly BackendEvent[]> {
  const rows = await read
    .selectFrom("events")
    .select(["type", "payload", "at"])
    .where("type", "in", ["backend.unhealthy", "backend.recovered"])
    .orderBy("id", "desc")
    .limit(EVENTS_MAX)
    .execute();
  const last = new Map<string, BackendEvent>();
  for (const { type, payload, at } of rows) {
    const told: unknown = JSON.parse(payload);
    if (!isObject(told)) continue;
    const { resource_id, provider_id, node_id } = told;
    if (typeof resource_id !== "string" || typeof provider_id !== "string" || last.has(resource_id)) continue;
    const node = typeof node_id === "string" ? { node_id } : {};
    last.set(resource_id, { type, payload: { resource_id, provider_id, ...node }, at: Number(at) });
  }
  return [...last.values()];
}

/** Whether the outbox has an event of before this id. */
export async function hasEventsBefore(read: Reader, beforeId: string): Promise<boolean> {
  const row = await read
    .selectFrom("events")
    .select("id")
    .where("id", "<", beforeId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
