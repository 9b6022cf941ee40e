import { administeredScope } from "../../access/scope.ts";
import type { Budget } from "../../core/budget.ts";
import type { Principal } from "../../core/principal.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { isWithin } from "./budgeted.ts";

/**
 * What the scope of a budget is called. Undefined for one that is not there any more, and for somebody who reads the
 * accounts and could not look the name up: it tells e-mail addresses.
 */
export function scopeName(budget: Budget, principal: Principal, snapshot: Snapshot): string | undefined {
  return mayName(budget, principal) ? nameOf(budget, snapshot) : undefined;
}

function mayName(budget: Budget, principal: Principal): boolean {
  if (budget.userId === principal.user.id) return true;
  return principal.permissions.has("users:manage") && isWithin(budget, administeredScope(principal));
}

function nameOf({ scope, scopeId: id }: Budget, snapshot: Snapshot): string | undefined {
  switch (scope) {
    case "partner":
      return snapshot.partnerById(id)?.displayName;
    case "tenant":
      return snapshot.tenantById(id)?.displayName;
    case "group":
      return snapshot.iam.group(id)?.name;
    case "user": {
      const user = snapshot.userById(id);
      return user?.email ?? user?.displayName;
    }
    case "api_key":
      return snapshot.keyById(id)?.name;
  }
}
