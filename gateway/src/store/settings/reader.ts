import type { Reader } from "../store.ts";

/** A fact of the installation. */
export async function loadSetting(read: Reader, key: string): Promise<string | undefined> {
  const row = await read.selectFrom("settings").select("value").where("key", "=", key).executeTakeFirst();
  return row?.value;
}
