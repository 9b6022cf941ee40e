import type { OutboxEvent } from "../../core/event.ts";
import { build, type Write } from "../write.ts";

/** Puts an event into the outbox. */
export function addEvent(event: OutboxEvent): Write {
  const statement = build.insertInto("events").values({
    id: event.id,
    type: event.type,
    tenant_id: event.tenantId ?? null,
    partner_id: event.partnerId ?? null,
    payload: JSON.stringify(event.payload),
    at: BigInt(event.at),
  });
  return { statement, about: "event" };
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
