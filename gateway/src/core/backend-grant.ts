/**
 * That models of one partner, or of one tenant, may be routed over a backend. What a partner hands on to its tenants
 * holds for as long as the partner has it.
 */
export interface BackendGrant {
  readonly id: string;
  readonly backendId: string;
  /** To whom, or whose tenant. */
  readonly partnerId: string;
  /** Absent = to the partner itself, for its own models and to be handed on. */
  readonly tenantId?: string;
  readonly by: "platform" | "partner";
  readonly createdAt: number;
}
