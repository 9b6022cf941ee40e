/** What somebody may want to be told of. */
export type EventType =
  | "api_key.created"
  | "api_key.revoked"
  | "user.created"
  | "user.updated"
  | "user.deleted"
  | "model.created"
  | "model.updated"
  | "model.deprecated"
  | "model.deleted"
  | "budget.soft_limit_reached"
  | "budget.hard_limit_reached"
  | "budget.reset"
  | "accounting.drift_detected"
  | "backend.unhealthy"
  | "backend.recovered"
  | "provider.auth_failed"
  | "node.lost"
  | "node.disk_low"
  | "node.disk_full"
  | "node.disk_ok"
  | "store.size_exceeded"
  | "store.size_ok"
  | "accounting.bound_exceeded"
  | "accounting.row_quarantined"
  | "accounting.price_missing";

/** One event, written in the transaction of the change it tells of. */
export interface OutboxEvent {
  readonly id: string;
  readonly type: EventType;
  /** Whose event it is; of what is the platform's, nobody's. */
  readonly tenantId?: string;
  readonly partnerId?: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Epoch milliseconds. */
  readonly at: number;
}
