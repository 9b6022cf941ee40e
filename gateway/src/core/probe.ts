import type { Payer } from "./accounting.ts";

/** In place of a partner, a tenant, a user and a key: the platform itself. No id of theirs looks like it. */
export const PLATFORM_ID = "platform";

/** Who pays for what the platform asks of providers to see whether they answer: nobody else ever does. */
export const PROBE_PAYER: Payer = Object.freeze({
  partnerId: PLATFORM_ID,
  tenantId: PLATFORM_ID,
  userId: PLATFORM_ID,
  keyId: PLATFORM_ID,
});

/** How their records are told from those of callers. */
export const PROBE_METADATA: Readonly<Record<string, string>> = Object.freeze({ origin: "paid_probe" });
