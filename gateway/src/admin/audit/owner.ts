import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { Recorded } from "../../store/recording/recorded.ts";

/** Whose log an entry is in, and who hears of an event. */
export interface Owner {
  readonly tenantId?: string;
  readonly partnerId?: string;
}

/**
 * The tenant and the partner that something belongs to; empty for what is the platform's. `done` is all that the same
 * commit has done: what it makes is in no snapshot yet.
 */
export function ownerOf(
  { owner }: Recorded,
  done: readonly Recorded[],
  snapshot: Pick<Snapshot, "userById" | "tenantById">,
): Owner {
  const { userId } = owner;
  const tenantId =
    owner.tenantId ??
    (userId === undefined
      ? undefined
      : (done.find((each) => each.kind === "user" && each.id === userId)?.owner.tenantId ??
        snapshot.userById(userId)?.tenantId));
  if (tenantId === undefined) return owner.partnerId === undefined ? {} : { partnerId: owner.partnerId };
  const partnerId =
    owner.partnerId ??
    done.find((each) => each.kind === "tenant" && each.id === tenantId)?.owner.partnerId ??
    snapshot.tenantById(tenantId)?.partnerId;
  return { tenantId, ...(partnerId !== undefined && { partnerId }) };
}
