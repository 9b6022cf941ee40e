import type { Partner } from "../../api/types.ts";

/** A partner, or a tenant of one. */
export type Level = Partner & { readonly partner_id?: string };
export type LevelKind = "tenant" | "partner";

interface Words {
  readonly api: string;
  readonly list: "/access/tenants" | "/access/partners";
  readonly page: "/access/tenants/$levelId" | "/access/partners/$levelId";
  readonly creation: "/access/tenants/new" | "/access/partners/new";
  readonly one: string;
  readonly many: string;
  readonly lead: string;
  readonly made: string;
  readonly inUse: string;
  readonly suspension: string;
}

/** Addresses and words of each kind. */
export const LEVELS: Readonly<Record<LevelKind, Words>> = {
  tenant: {
    api: "/v1/tenants",
    list: "/access/tenants",
    page: "/access/tenants/$levelId",
    creation: "/access/tenants/new",
    one: "tenant",
    many: "tenants",
    lead: "A team or a customer, with users, keys, budgets and models of its own. None sees another.",
    made: "A team or a customer that must not see the others.",
    inUse: "A tenant that has users or models cannot be deleted.",
    suspension:
      "all its users and keys are refused from now on, and what they have in flight is cut. Nothing is lost.",
  },
  partner: {
    api: "/v1/partners",
    list: "/access/partners",
    page: "/access/partners/$levelId",
    creation: "/access/partners/new",
    one: "partner",
    many: "partners",
    lead: "A reseller or a department, with tenants of its own. None sees another's.",
    made: "A reseller or a department that has tenants of its own and administers them.",
    inUse: "A partner that has tenants or models cannot be deleted.",
    suspension:
      "all its tenants are refused from now on, and what they have in flight is cut. Nothing is lost.",
  },
};

/** The address of a partner or a tenant in the API. */
export function levelPath(kind: LevelKind, id: string): string {
  return `${LEVELS[kind].api}/${encodeURIComponent(id)}`;
}
