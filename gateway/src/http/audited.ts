import type { AuditedCall } from "../admin/audit/audited-call.ts";
import { storeRefusal } from "../admin/refusals.ts";

/** What callers do who are refused before anybody looks at what they want. */
const REFUSED_ACCESS = "access.refuse";

/**
 * Runs a mutating call of somebody who must be signed in, so that it leaves its entry, success or failure. Where the
 * entry cannot be written the answer is the store's refusal: nothing is told that is not on record.
 */
export async function audited<Caller>(
  record: AuditedCall,
  admit: () => Promise<Caller>,
  run: (caller: Caller) => Promise<Response>,
): Promise<Response> {
  let caller: Caller;
  try {
    caller = await admit();
  } catch (error) {
    record.counted(error, REFUSED_ACCESS);
    throw error;
  }
  try {
    const response = await run(caller);
    await record.succeeded();
    return response;
  } catch (error) {
    const refusal = storeRefusal(error);
    try {
      await record.refused(refusal);
    } catch (unwritten) {
      throw storeRefusal(unwritten);
    }
    throw refusal;
  }
}

/** The same for a call of somebody nobody knows yet: refusals are counted, so that strangers cannot fill the log. */
export async function auditedSignIn(record: AuditedCall, run: () => Promise<Response>): Promise<Response> {
  try {
    const response = await run();
    await record.succeeded();
    return response;
  } catch (error) {
    const refusal = storeRefusal(error);
    record.counted(refusal);
    throw refusal;
  }
}
