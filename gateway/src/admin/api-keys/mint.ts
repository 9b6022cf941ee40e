import { keyLast4, keyPrefix, mintKey, KEY_RANDOM_CHARS } from "../../access/key-format.ts";
import { randomBase62, sha256Hex } from "../../base/crypto.ts";
import { newId } from "../../base/ids.ts";
import type { ApiKey } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import type { AdminDeps } from "../deps.ts";

/** Active keys one user may hold. */
const KEYS_PER_USER = 1_000;

/** A new key and its row. Throws ApiError QUOTA_EXCEEDED when its user holds as many as one may. */
export function minted(
  about: Omit<ApiKey, "id" | "hash" | "prefix" | "last4" | "status" | "createdAt" | "lastUsedAt">,
  deps: Pick<AdminDeps, "snapshot" | "clock">,
): { readonly key: string; readonly row: ApiKey } {
  if (deps.snapshot.activeKeysOf(about.userId) >= KEYS_PER_USER) {
    throw new ApiError("QUOTA_EXCEEDED", `A user holds at most ${KEYS_PER_USER} active keys.`);
  }
  const now = deps.clock.now();
  const key = mintKey(randomBase62(KEY_RANDOM_CHARS));
  const row: ApiKey = {
    ...about,
    id: newId("apikey", now),
    hash: sha256Hex(key),
    prefix: keyPrefix(key),
    last4: keyLast4(key),
    status: "active",
    createdAt: now,
  };
  return { key, row };
}
