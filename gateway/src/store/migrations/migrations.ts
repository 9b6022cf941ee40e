import { initial } from "./0001_initial.ts";
import { signIn } from "./0002_sign_in.ts";
import { presets } from "./0003_presets.ts";
import { tenancy } from "./0004_tenancy.ts";
import { audit } from "./0005_audit.ts";
import { nodes } from "./0006_nodes.ts";
import { keyRestrictions } from "./0007_key_restrictions.ts";
import { limitsAndInvitations } from "./0008_limits_invitations.ts";
import { intentsBeside } from "./0009_intents_beside.ts";
import { iam } from "./0010_iam.ts";
import { budgets } from "./0011_budgets.ts";
import { poolNodes } from "./0012_pool_nodes.ts";
import { routing } from "./0013_routing.ts";
import { backendGrants } from "./0014_backend_grants.ts";
import { budgetHolds } from "./0015_budget_holds.ts";
import { declared } from "./0016_declared.ts";
import { idempotency } from "./0017_idempotency.ts";
import { duties } from "./0018_duties.ts";
import { brokenStreams } from "./0019_broken_streams.ts";
import { priceBooks } from "./0020_price_books.ts";
import { ledger } from "./0021_ledger.ts";
import { nodeLife } from "./0022_node_life.ts";
import { estimates } from "./0023_estimates.ts";
import { limitShares } from "./0024_limit_shares.ts";
import { budgetResets } from "./0025_budget_resets.ts";
import { drifts } from "./0026_drifts.ts";
import { ledgerIndexes } from "./0027_ledger_indexes.ts";
import { forgottenNodes } from "./0028_forgotten_nodes.ts";
import { absorbedRows } from "./0029_absorbed_rows.ts";
import { openClaims } from "./0030_open_claims.ts";
import { declaredBudgets } from "./0031_declared_budgets.ts";
import { ledgerTotals } from "./0032_ledger_totals.ts";
import { paidProbes } from "./0033_paid_probes.ts";
import { traffic } from "./0034_traffic.ts";
import { changesByEntity } from "./0035_changes_by_entity.ts";
import { modelAvatars } from "./0036_model_avatars.ts";
import { budgetsRearming } from "./0037_budgets_rearming.ts";
import type { Migration } from "./migration.ts";

/** Every step of the schema, in order. */
export const MIGRATIONS: readonly Migration[] = [
  initial,
  signIn,
  presets,
  tenancy,
  audit,
  nodes,
  keyRestrictions,
  limitsAndInvitations,
  intentsBeside,
  iam,
  budgets,
  poolNodes,
  routing,
  backendGrants,
  budgetHolds,
  declared,
  idempotency,
  duties,
  brokenStreams,
  priceBooks,
  ledger,
  nodeLife,
  estimates,
  limitShares,
  budgetResets,
  drifts,
  ledgerIndexes,
  forgottenNodes,
  absorbedRows,
  openClaims,
  declaredBudgets,
  ledgerTotals,
  paidProbes,
  traffic,
  changesByEntity,
  modelAvatars,
  budgetsRearming,
];
