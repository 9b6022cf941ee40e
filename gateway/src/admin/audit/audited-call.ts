import type { Clock } from "../../base/clock.ts";
import { newId } from "../../base/ids.ts";
import type { AuditEntry } from "../../core/audit.ts";
import type { User } from "../../core/tenancy.ts";
import { ApiError, type ErrorCode } from "../../errors.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { addAuditEntry } from "../../store/audit/writer.ts";
import { unchangedSince } from "../../store/changes/writer.ts";
import { StoreUnavailable, WriteConflict } from "../../store/errors.ts";
import type { Conclude } from "../../store/recording/capture.ts";
import { type Recorded, recorded } from "../../store/recording/recorded.ts";
import type { Write } from "../../store/write.ts";
import type { Logger } from "../../telemetry/logs.ts";
import { addEvents } from "../../store/events/writer.ts";
import { entryChanges } from "./entry-changes.ts";
import { eventsOf } from "./events.ts";
import { catalogueOwner, type Owner, ownerOf } from "./owner.ts";
import { type RefusalTally, textShown } from "./refusal-tally.ts";

export interface AuditDeps {
  readonly clock: Clock;
  readonly snapshot: Snapshot;
  /** Rejects with WriteConflict and StoreUnavailable. The control plane does not know of it yet. */
  commit(writes: readonly Write[], conclude: Conclude): Promise<void>;
  /** Brings the control plane up to date. */
  catchUp(): Promise<void>;
  /** The number of the last change the control plane knows of. */
  appliedSeq(): bigint;
  /** Counts refusals that get no row of their own. */
  readonly refusals: RefusalTally;
  readonly log: Pick<Logger, "log">;
}

/** What an entry tells of a call beside its outcome. */
export interface AuditedRequest {
  readonly requestId: string;
  readonly headers: Headers;
  readonly address: string;
  readonly params: Readonly<Record<string, string>>;
}

const USER_AGENT_CHARS = 256;
const RESOURCE_ID_CHARS = 200;

/**
 * One mutating call and the one entry it leaves. What its handler commits and the entry are one transaction; a call
 * that commits nothing, or is refused, leaves the entry in one of its own.
 */
export class AuditedCall {
  readonly #action: string;
  readonly #request: AuditedRequest;
  readonly #deps: AuditDeps;
  // Made at once: whatever becomes of the call, and whatever its store told of it, there is one row of this id.
  readonly #id: string;
  readonly #at: number;
  #actor: User | undefined;
  #written = false;
  /** Nothing of what the call changes may have changed after this number of the change log. */
  #heldSince: bigint | undefined;

  constructor(action: string, request: AuditedRequest, deps: AuditDeps) {
    this.#action = action;
    this.#request = request;
    this.#deps = deps;
    this.#at = deps.clock.now();
    this.#id = newId("audit", this.#at);
  }

  /** Names the caller: whoever signed in, or at sign-in the account that is tried. */
  attribute(user: User): void {
    this.#actor = user;
  }

  /** From here on the commit is refused, as `stale`, if what the call changes has been changed by somebody else. */
  async hold(): Promise<void> {
    await this.#deps.catchUp();
    this.#heldSince = this.#deps.appliedSeq();
  }

  /** Commits a handler's writes with the entry. A call commits once: its entry tells all that it did. */
  async commit(writes: readonly Write[]): Promise<void> {
    if (this.#written) throw new Error(`${this.#action} commits a second time: join the writes of one call`);
    await this.#deps.commit([...this.#guard(), ...writes], (effects) => {
      const done = effects.map(recorded);
      const [kind] = this.#action.split(".");
      const subject = done.find((each) => each.kind === kind);
      const entry = this.#entry("SUCCESS", subject ? this.#logOf(subject, done) : {});
      const events = eventsOf(done, this.#request.requestId, this.#deps.snapshot, this.#at);
      return [
        ...addEvents(events),
        addAuditEntry({
          ...entry,
          ...(subject?.id !== undefined && { resourceId: subject.id }),
          changes: entryChanges(done, subject),
        }),
      ];
    });
    this.#written = true;
    await this.#deps.catchUp();
  }

  /** Leaves the entry of a call that went well, unless its commit has. */
  async succeeded(): Promise<void> {
    if (!this.#written) await this.#leave(this.#entry("SUCCESS"));
  }

  /**
   * Leaves the entry of a refused call, unless what it was to do has been done. Where it cannot, whatever the reason,
   * it rejects with StoreUnavailable.
   */
  async refused(refusal: unknown): Promise<void> {
    if (this.#written) return;
    try {
      await this.#leave({ ...this.#entry("FAILURE"), errorCode: codeOf(refusal) });
    } catch (error) {
      const reason = `${String(error)}, after ${String(refusal)}`;
      this.#deps.log.log("error", "audit_failed", { request_id: this.#request.requestId, reason });
      throw error instanceof StoreUnavailable ? error : new StoreUnavailable("no audit entry", error);
    }
  }

  /** Counts a refusal that shares its row with others of its kind: a stranger's, or one of far too many. */
  counted(refusal: unknown, action = this.#action): void {
    if (this.#written) return;
    const code = codeOf(refusal);
    const { address } = this.#request;
    this.#deps.refusals.note({ action, address, code, ...this.#whose() }, this.#deps.clock.now());
  }

  #guard(): Write[] {
    const id = this.#subjectId();
    const [kind = ""] = this.#action.split(".");
    return this.#heldSince === undefined || id === undefined
      ? []
      : [unchangedSince(kind, id, this.#heldSince, this.#at)];
  }

  async #leave(entry: AuditEntry): Promise<void> {
    try {
      await this.#deps.commit([addAuditEntry(entry)], () => []);
    } catch (error) {
      // The commit that seemed to fail did not: its row is there.
      if (!(error instanceof WriteConflict)) throw error;
    }
    this.#written = true;
  }

  #logOf(subject: Recorded, done: readonly Recorded[]): Log {
    const { snapshot } = this.#deps;
    if (subject.owner.isPlatforms) return "platform";
    return catalogueOwner(subject, snapshot) ?? ownerOf(subject, done, snapshot);
  }

  /** `log`: in whose it is, where that is not the caller's. */
  #entry(status: AuditEntry["status"], log: Log = {}): AuditEntry {
    const { requestId, headers, address } = this.#request;
    const [resourceType = ""] = this.#action.split(".");
    const resourceId = this.#subjectId();
    const userAgent = headers.get("user-agent");
    return {
      id: this.#id,
      at: this.#at,
      action: this.#action,
      ...logged(this.#whose(), log),
      resourceType,
      ...(resourceId !== undefined && { resourceId: textShown(resourceId, RESOURCE_ID_CHARS) }),
      ipAddress: address,
      ...(userAgent !== null && { userAgent: textShown(userAgent, USER_AGENT_CHARS) }),
      status,
      requestId,
      count: 1,
      changes: {},
    };
  }

  /** What the path says the call is about: `group_id` of a group, otherwise the last of its ids. */
  #subjectId(): string | undefined {
    const { params } = this.#request;
    const [kind = ""] = this.#action.split(".");
    return params[`${kind}_id`] ?? Object.values(params).at(-1);
  }

  #whose(): Pick<AuditEntry, "actorType" | "actorId" | "actorEmail" | "tenantId" | "partnerId"> {
    const actor = this.#actor;
    if (!actor) return { actorType: "anonymous" };
    const partnerId = this.#deps.snapshot.tenantById(actor.tenantId)?.partnerId;
    return {
      actorType: actor.kind === "service" ? "service" : "user",
      actorId: actor.id,
      ...(actor.email !== undefined && { actorEmail: actor.email }),
      tenantId: actor.tenantId,
      ...(partnerId !== undefined && { partnerId }),
    };
  }
}

/** Whose log an entry is in, beside the platform's that has all of them. */
type Log = Owner | "platform";

/** What is a partner's is in no tenant's log, whoever has done it; what is the platform's in no other. */
function logged<Whose extends Owner>({ tenantId, partnerId, ...actor }: Whose, log: Log) {
  if (log === "platform") return actor;
  const isOfPartner = log.partnerId !== undefined && log.tenantId === undefined;
  return {
    ...actor,
    ...(partnerId !== undefined && { partnerId }),
    ...(tenantId !== undefined && !isOfPartner && { tenantId }),
    ...log,
  };
}

function codeOf(refusal: unknown): ErrorCode {
  return refusal instanceof ApiError ? refusal.code : "INTERNAL_ERROR";
}
