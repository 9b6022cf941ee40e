import { PICO_PER_UNIT } from "../../base/money.ts";

/**
 * The columns of a window that something is added to, on either engine: what is more than a unit of the pico is carried
 * into the units.
 */
export const SPENT_ADDED =
  "spent_units = budget_windows.spent_units + excluded.spent_units + " +
  `(budget_windows.spent_pico + excluded.spent_pico) / ${PICO_PER_UNIT}, ` +
  `spent_pico = (budget_windows.spent_pico + excluded.spent_pico) % ${PICO_PER_UNIT}, ` +
  "spent_tokens = budget_windows.spent_tokens + excluded.spent_tokens, " +
  "spent_requests = budget_windows.spent_requests + excluded.spent_requests";
