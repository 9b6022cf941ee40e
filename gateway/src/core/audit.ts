/** Who did something: `anonymous` are strangers, before anybody knows who they are. */
export type ActorType = "user" | "service" | "webhook" | "system" | "anonymous";

/** Field to what it was and what it became; null = nothing. Secrets are `[redacted]`. */
export type Changes = Readonly<Record<string, readonly [unknown, unknown]>>;

/** One entry of the audit log. */
export interface AuditEntry {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** `kind.verb` of what was asked for: `budget.create`. */
  readonly action: string;
  readonly actorType: ActorType;
  readonly actorId?: string;
  readonly actorEmail?: string;
  /** Whose log it is in: of what was changed, else of who tried. */
  readonly tenantId?: string;
  readonly partnerId?: string;
  readonly resourceType: string;
  readonly resourceId?: string;
  readonly ipAddress?: string;
  readonly userAgent?: string;
  readonly status: "SUCCESS" | "FAILURE";
  readonly errorCode?: string;
  readonly requestId?: string;
  /** More than 1 for refusals of the same kind that share a row. */
  readonly count: number;
  readonly changes: Changes;
}
