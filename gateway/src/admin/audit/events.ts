import { newId } from "../../base/ids.ts";
import type { EventType, OutboxEvent } from "../../core/event.ts";
import type { Recorded } from "../../store/recording/recorded.ts";
import type { RecordedKind } from "../../store/recording/told.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { entryChanges } from "./entry-changes.ts";
import { ownerOf } from "./owner.ts";

type TypeOf = (done: Recorded) => EventType | undefined;

/** Which event a change to a kind of thing is; kinds without a line cause none. */
const EVENTS: Readonly<Partial<Record<RecordedKind, TypeOf>>> = {
  api_key({ verb, changes }) {
    if (verb === "created") return "api_key.created";
    return becomes(changes, "status", "revoked") ? "api_key.revoked" : undefined;
  },
  user({ verb, changes }) {
    if (verb === "created") return "user.created";
    // A deleted user's row stays for a while; that it goes at last is no event.
    if (verb === "deleted") return undefined;
    return changes["deleted_at"] === undefined ? "user.updated" : "user.deleted";
  },
  model({ verb, changes }) {
    if (verb !== "updated") return `model.${verb}`;
    return becomes(changes, "status", "deprecated") ? "model.deprecated" : "model.updated";
  },
};

function becomes(changes: Recorded["changes"], field: string, value: string): boolean {
  return changes[field]?.[1] === value;
}

/** The events that a commit causes; a change that changes nothing is none. */
export function eventsOf(
  done: readonly Recorded[],
  requestId: string,
  snapshot: Pick<Snapshot, "userById" | "tenantById">,
  nowMs: number,
): OutboxEvent[] {
  return done.flatMap((each): OutboxEvent[] => {
    const isNothing = each.verb === "updated" && Object.keys(each.changes).length === 0;
    const type = isNothing ? undefined : EVENTS[each.kind]?.(each);
    if (type === undefined) return [];
    return [
      {
        id: newId("evt", nowMs),
        type,
        ...ownerOf(each, done, snapshot),
        payload: {
          resource_type: each.kind,
          resource_id: each.id,
          request_id: requestId,
          changes: entryChanges([each], each),
        },
        at: nowMs,
      },
    ];
  });
}
