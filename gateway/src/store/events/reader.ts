import type { Reader } from "../store.ts";

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
