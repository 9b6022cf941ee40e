import { BODIES, ENDINGS, SPELLINGS } from "./answers.ts";
import { BREAKS, NETWORK, SILENCE, TLS } from "./connections.ts";
import type { FaultGroup } from "./fault.ts";
import { REPORTS } from "./reports.ts";
import { STATUS } from "./statuses.ts";

/** Everything a provider may do wrong, in the order of the reference. */
export const UPSTREAM_FAULTS: readonly FaultGroup[] = [
  NETWORK,
  TLS,
  BREAKS,
  SILENCE,
  ENDINGS,
  SPELLINGS,
  BODIES,
  STATUS,
  REPORTS,
];
