import { ACCOUNTING } from "../admin/accounting/endpoints.ts";
import { createKeyEndpoint } from "../admin/api-keys/create.ts";
import { getKey } from "../admin/api-keys/get.ts";
import { listKeysEndpoint } from "../admin/api-keys/list.ts";
import { revokeKeysEndpoint } from "../admin/api-keys/revoke-many.ts";
import { revokeKeyEndpoint } from "../admin/api-keys/revoke.ts";
import { rotateKey } from "../admin/api-keys/rotate.ts";
import { updateKeyEndpoint } from "../admin/api-keys/update.ts";
import { exportAuditLog } from "../admin/audit/export.ts";
import { listAuditLog } from "../admin/audit/list.ts";
import { verifyAuditLog } from "../admin/audit/verify.ts";
import { claim } from "../admin/auth/claim.ts";
import { createClaim } from "../admin/auth/create-claim.ts";
import { endSessionEndpoint } from "../admin/auth/end-session.ts";
import { listSessions } from "../admin/auth/list-sessions.ts";
import { login } from "../admin/auth/login.ts";
import { logout } from "../admin/auth/logout.ts";
import { getConfigFile } from "../admin/config-file/get.ts";
import { backendHealth } from "../admin/backends/health.ts";
import { createBackendEndpoint } from "../admin/backends/create.ts";
import { deleteBackendEndpoint } from "../admin/backends/delete.ts";
import { getBackend } from "../admin/backends/get.ts";
import { updateBackendEndpoint } from "../admin/backends/update.ts";
import { listBackends } from "../admin/backends/list.ts";
import { createBackendGrant } from "../admin/backend-grants/create.ts";
import { deleteBackendGrant } from "../admin/backend-grants/delete.ts";
import { getBackendGrant } from "../admin/backend-grants/get.ts";
import { updateBackendGrant } from "../admin/backend-grants/update.ts";
import { listBackendGrants } from "../admin/backend-grants/list.ts";
import type { AdminDeps, PublicDeps } from "../admin/deps.ts";
import { changePassword } from "../admin/me/change-password.ts";
import { getMe } from "../admin/me/get.ts";
import { createModelEndpoint } from "../admin/models/create.ts";
import { deleteModelEndpoint } from "../admin/models/delete.ts";
import { detailedHealth } from "../admin/nodes/detailed-health.ts";
import { forgiveNodeEndpoint } from "../admin/nodes/forgive.ts";
import { listNodesEndpoint } from "../admin/nodes/list.ts";
import { absorbQuarantined, listQuarantine, retryQuarantined } from "../admin/nodes/quarantine.ts";
import { retireNodeEndpoint } from "../admin/nodes/retire.ts";
import { getModel } from "../admin/models/get.ts";
import { replaceModelEndpoint } from "../admin/models/replace.ts";
import { setModelAvatar } from "../admin/models/set-avatar.ts";
import { updateModelEndpoint } from "../admin/models/update.ts";
import { listModels } from "../admin/models/list.ts";
import { getAnthropicModel, listAnthropicModels } from "../admin/anthropic-models/models.ts";
import { getOpenAiModel, listOpenAiModels } from "../admin/openai-models/models.ts";
import { getPreset } from "../admin/provider-presets/get.ts";
import { listPresets } from "../admin/provider-presets/list.ts";
import { discoverModels } from "../admin/providers/discover.ts";
import { testProvider } from "../admin/providers/test.ts";
import { createProviderEndpoint } from "../admin/providers/create.ts";
import { deleteProviderEndpoint } from "../admin/providers/delete.ts";
import { getProvider } from "../admin/providers/get.ts";
import { updateProviderEndpoint } from "../admin/providers/update.ts";
import { listProviders } from "../admin/providers/list.ts";
import { getRequest } from "../admin/requests/get.ts";
import { listRequests } from "../admin/requests/list.ts";
import { createPolicyEndpoint } from "../admin/routing-policies/create.ts";
import { deletePolicyEndpoint } from "../admin/routing-policies/delete.ts";
import { getPolicy } from "../admin/routing-policies/get.ts";
import { listPolicies } from "../admin/routing-policies/list.ts";
import { previewPolicy } from "../admin/routing-policies/preview.ts";
import { replacePolicyEndpoint } from "../admin/routing-policies/replace.ts";
import { updatePolicyEndpoint } from "../admin/routing-policies/update.ts";
import { listCustomRolesEndpoint } from "../admin/iam/list-custom-roles.ts";
import { getCustomRole } from "../admin/iam/get-custom-role.ts";
import { createCustomRoleEndpoint } from "../admin/iam/create-custom-role.ts";
import { updateCustomRoleEndpoint } from "../admin/iam/update-custom-role.ts";
import { deleteCustomRoleEndpoint } from "../admin/iam/delete-custom-role.ts";
import { listBudgetsEndpoint } from "../admin/budgets/list.ts";
import { getBudget } from "../admin/budgets/get.ts";
import { createBudgetEndpoint } from "../admin/budgets/create.ts";
import { updateBudgetEndpoint } from "../admin/budgets/update.ts";
import { deleteBudgetEndpoint } from "../admin/budgets/delete.ts";
import { createPriceVersionEndpoint } from "../admin/price-versions/create.ts";
import { listPriceVersions } from "../admin/price-versions/list.ts";
import { listPriceEntriesEndpoint } from "../admin/price-books/list.ts";
import { getPriceEntry } from "../admin/price-books/get.ts";
import { createPriceEntryEndpoint } from "../admin/price-books/create.ts";
import { endPriceEntry } from "../admin/price-books/end.ts";
import { getEffectivePrice } from "../admin/price-books/effective.ts";
import { listGroupsEndpoint } from "../admin/groups/list.ts";
import { getGroup } from "../admin/groups/get.ts";
import { createGroupEndpoint } from "../admin/groups/create.ts";
import { updateGroupEndpoint } from "../admin/groups/update.ts";
import { deleteGroupEndpoint } from "../admin/groups/delete.ts";
import { listGroupMembers } from "../admin/groups/list-members.ts";
import { addGroupMember } from "../admin/groups/add-member.ts";
import { removeGroupMember } from "../admin/groups/remove-member.ts";
import { listRoleMappingsEndpoint } from "../admin/role-mappings/list.ts";
import { createRoleMappingEndpoint } from "../admin/role-mappings/create.ts";
import { deleteRoleMappingEndpoint } from "../admin/role-mappings/delete.ts";
import { listModelAccessEndpoint } from "../admin/model-access/list.ts";
import { createModelAccessEndpoint } from "../admin/model-access/create.ts";
import { deleteModelAccessEndpoint } from "../admin/model-access/delete.ts";
import { listModelGroupsEndpoint } from "../admin/model-groups/list.ts";
import { getModelGroup } from "../admin/model-groups/get.ts";
import { createModelGroupEndpoint } from "../admin/model-groups/create.ts";
import { updateModelGroupEndpoint } from "../admin/model-groups/update.ts";
import { deleteModelGroupEndpoint } from "../admin/model-groups/delete.ts";
import { listRoles } from "../admin/iam/list-roles.ts";
import { createPartnerEndpoint } from "../admin/partners/create.ts";
import { deletePartnerEndpoint } from "../admin/partners/delete.ts";
import { getPartner } from "../admin/partners/get.ts";
import { listPartnersEndpoint } from "../admin/partners/list.ts";
import { updatePartnerEndpoint } from "../admin/partners/update.ts";
import { createTenantEndpoint } from "../admin/tenants/create.ts";
import { deleteTenantEndpoint } from "../admin/tenants/delete.ts";
import { getTenant } from "../admin/tenants/get.ts";
import { listTenantsEndpoint } from "../admin/tenants/list.ts";
import { updateTenantEndpoint } from "../admin/tenants/update.ts";
import { createUserEndpoint } from "../admin/users/create.ts";
import { deleteUserEndpoint } from "../admin/users/delete.ts";
import { getUser } from "../admin/users/get.ts";
import { inviteUser } from "../admin/users/invite.ts";
import { listUsersEndpoint } from "../admin/users/list.ts";
import { replaceUserRoles } from "../admin/users/replace-roles.ts";
import { updateUserEndpoint } from "../admin/users/update.ts";
import { rotateSecretKey } from "../admin/secret-key/rotate.ts";
import type { Endpoint, PublicEndpoint } from "../core/endpoint.ts";
import { chatEndpoint } from "../inference/endpoints/chat.ts";
import { chatCompletions, chatCompletionsAtV1 } from "../inference/endpoints/chat-completions.ts";
import { completions, completionsAtV1 } from "../inference/endpoints/completions.ts";
import { generate } from "../inference/endpoints/generate.ts";
import { responses, responsesAtV1 } from "../inference/endpoints/responses.ts";
import { countTokensEndpoint, messagesEndpoint } from "../inference/endpoints/messages.ts";
import type { InferenceEndpoint } from "../inference/endpoints/endpoint.ts";
import { configSchema } from "./system/config-schema.ts";
import { consoleAsset, consoleHome, consoleHomeSlash, consolePage, root } from "./system/console.ts";
import { apiDocs, errorIndex, errorPage, openApi, stylesheet } from "./system/docs.ts";
import { modelAvatar } from "./system/model-avatar.ts";
import { health } from "./system/health.ts";
import { metrics } from "./system/metrics.ts";
import { ready } from "./system/ready.ts";
import type { SystemEndpoint } from "./system/endpoint.ts";

/** Every management endpoint. Nothing is served that is not in one of these four lists. */
export const MANAGEMENT: readonly Endpoint<AdminDeps>[] = [
  logout,
  createClaim,
  listSessions,
  endSessionEndpoint,
  getMe,
  changePassword,
  listPartnersEndpoint,
  getPartner,
  createPartnerEndpoint,
  updatePartnerEndpoint,
  deletePartnerEndpoint,
  listTenantsEndpoint,
  getTenant,
  createTenantEndpoint,
  updateTenantEndpoint,
  deleteTenantEndpoint,
  listUsersEndpoint,
  getUser,
  createUserEndpoint,
  updateUserEndpoint,
  replaceUserRoles,
  inviteUser,
  deleteUserEndpoint,
  listRoles,
  listCustomRolesEndpoint,
  getCustomRole,
  createCustomRoleEndpoint,
  updateCustomRoleEndpoint,
  deleteCustomRoleEndpoint,
  listGroupsEndpoint,
  getGroup,
  createGroupEndpoint,
  updateGroupEndpoint,
  deleteGroupEndpoint,
  listGroupMembers,
  addGroupMember,
  removeGroupMember,
  listRoleMappingsEndpoint,
  createRoleMappingEndpoint,
  deleteRoleMappingEndpoint,
  listModelAccessEndpoint,
  createModelAccessEndpoint,
  deleteModelAccessEndpoint,
  listModelGroupsEndpoint,
  getModelGroup,
  createModelGroupEndpoint,
  updateModelGroupEndpoint,
  deleteModelGroupEndpoint,
  listKeysEndpoint,
  getKey,
  createKeyEndpoint,
  updateKeyEndpoint,
  rotateKey,
  revokeKeyEndpoint,
  revokeKeysEndpoint,
  listModels,
  getModel,
  createModelEndpoint,
  updateModelEndpoint,
  replaceModelEndpoint,
  setModelAvatar,
  deleteModelEndpoint,
  listPresets,
  getPreset,
  listProviders,
  getProvider,
  createProviderEndpoint,
  updateProviderEndpoint,
  testProvider,
  discoverModels,
  deleteProviderEndpoint,
  rotateSecretKey,
  getConfigFile,
  listBackends,
  getBackend,
  createBackendEndpoint,
  backendHealth,
  updateBackendEndpoint,
  deleteBackendEndpoint,
  listBackendGrants,
  getBackendGrant,
  createBackendGrant,
  updateBackendGrant,
  deleteBackendGrant,
  listPolicies,
  getPolicy,
  createPolicyEndpoint,
  updatePolicyEndpoint,
  replacePolicyEndpoint,
  previewPolicy,
  deletePolicyEndpoint,
  ...ACCOUNTING,
  listBudgetsEndpoint,
  getBudget,
  createBudgetEndpoint,
  updateBudgetEndpoint,
  deleteBudgetEndpoint,
  listPriceVersions,
  createPriceVersionEndpoint,
  listPriceEntriesEndpoint,
  getPriceEntry,
  createPriceEntryEndpoint,
  endPriceEntry,
  getEffectivePrice,
  listRequests,
  getRequest,
  listOpenAiModels,
  getOpenAiModel,
  listAnthropicModels,
  getAnthropicModel,
  listAuditLog,
  exportAuditLog,
  verifyAuditLog,
  detailedHealth,
  listNodesEndpoint,
  retireNodeEndpoint,
  forgiveNodeEndpoint,
  listQuarantine,
  retryQuarantined,
  absorbQuarantined,
];

/** Every endpoint for callers nobody knows yet. */
export const PUBLIC: readonly PublicEndpoint<PublicDeps>[] = [claim, login];

/** Every endpoint of the pipeline, among them all that can cost money. */
export const INFERENCE: readonly InferenceEndpoint[] = [
  chatEndpoint,
  generate,
  chatCompletions,
  chatCompletionsAtV1,
  completions,
  completionsAtV1,
  responses,
  responsesAtV1,
  messagesEndpoint,
  countTokensEndpoint,
];

/** All that is answered by a process that serves nobody. */
export const PROBES: readonly SystemEndpoint[] = [health, ready, metrics];

/** What the process says of itself. */
export const SYSTEM: readonly SystemEndpoint[] = [
  root,
  consoleHome,
  consoleHomeSlash,
  consolePage,
  consoleAsset,
  health,
  ready,
  metrics,
  openApi,
  configSchema,
  apiDocs,
  stylesheet,
  errorIndex,
  errorPage,
  modelAvatar,
];
