import type { Pico } from "../../base/money.ts";
import type { Amounts } from "../../core/accounting.ts";
import type { ScopeLevel } from "../../core/scope.ts";

/**
 * What a level is told: `cost` is what the requests cost those below it, `backendCost` what they cost the level
 * itself. The platform sees the upstream's charge, a partner its own price, a tenant and its users theirs.
 */
export function amountsShown(amounts: Amounts, level: ScopeLevel): { cost: Pico; backendCost: Pico } {
  switch (level) {
    case "platform":
      return { cost: amounts.tenant, backendCost: amounts.cost };
    case "partner":
      return { cost: amounts.tenant, backendCost: amounts.partner };
    case "tenant":
    case "user":
      return { cost: amounts.tenant, backendCost: amounts.tenant };
  }
}
