import { storeRefusal } from "../admin/refusals.ts";
import { ApiError } from "../errors.ts";
import { Claim } from "../settlement/idempotency/claim.ts";
import { type Idempotency, idempotencyKey, replayHeaders } from "../settlement/idempotency/idempotency.ts";
import { BODY_LIMIT_BYTES, type ManagementCall } from "./manage.ts";

export interface IdempotentOptions {
  readonly idempotency: Pick<Idempotency, "claim">;
  readonly method: string;
  readonly path: string;
  /** A refusal in the words of the door. */
  readonly refuse: (error: ApiError) => Response;
}

/** Runs a management call once for each key that its caller names; other calls of the key get the same answer. */
export async function idempotently(
  call: ManagementCall,
  { idempotency, method, path, refuse }: IdempotentOptions,
  run: (call: ManagementCall) => Promise<Response>,
): Promise<Response> {
  const key = method === "POST" ? idempotencyKey(call.headers) : undefined;
  if (key === undefined) return run(call);
  const body = await call.text(BODY_LIMIT_BYTES);
  const { requestId, principal } = call;
  const claimed = await idempotency.claim({ userId: principal.user.id, method, path, key, body, requestId });
  if (!(claimed instanceof Claim)) {
    return new Response(claimed.body, { status: claimed.status, headers: replayHeaders(claimed) });
  }
  try {
    return await claimed.conclude(await run({ ...call, text: () => Promise.resolve(body) }));
  } catch (error) {
    const refusal = storeRefusal(error);
    if (refusal instanceof ApiError) await claimed.conclude(refuse(refusal));
    else await claimed.free();
    throw error;
  }
}
