/** Models that are allowed or blocked together. */
export interface ModelGroup {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly description?: string;
  /** Slugs, or `vendor/*`. */
  readonly models: readonly string[];
  readonly createdAt: number;
}

export const ACCESS_SUBJECTS = ["tenant", "group", "user", "api_key"] as const;
export type AccessSubject = (typeof ACCESS_SUBJECTS)[number];

/** One line of a tenant's access list: what a subject may or may not ask for. */
export interface ModelAccessRule {
  readonly id: string;
  readonly tenantId: string;
  readonly subjectKind: AccessSubject;
  readonly subjectId: string;
  readonly effect: "allow" | "block";
  /** A slug or `vendor/*`; exactly one of the two. */
  readonly model?: string;
  readonly modelGroupId?: string;
  readonly createdAt: number;
}
