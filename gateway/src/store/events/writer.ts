import type { OutboxEvent } from "../../core/event.ts";
import { build, type Write } from "../write.ts";

/** Puts the events of one commit into the outbox, in one statement: it may revoke 500 keys. No statement for none. */
export function addEvents(events: readonly OutboxEvent[]): Write[] {
  if (events.length === 0) return [];
  const rows = events.map((event) => ({
    id: event.id,
    type: event.type,
    tenant_id: event.tenantId ?? null,
    partner_id: event.partnerId ?? null,
    payload: JSON.stringify(event.payload),
    at: BigInt(event.at),
  }));
  return [{ statement: build.insertInto("events").values(rows), about: "event" }];
}

/** Deletes the oldest events of before an id, at most `limit`. */
export function deleteEventsBefore(beforeId: string, limit: number): Write {
  const oldest = build
    .selectFrom("events")
    .select("id")
    .where("id", "<", beforeId)
    .orderBy("id")
    .limit(limit);
  return { statement: build.deleteFrom("events").where("id", "in", oldest), about: "event" };
}
