import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { KeyScope } from "../api/queries.ts";
import { CreateApiKeyPage } from "../features/api-keys/create-page.tsx";
import { ApiKeysPage } from "../features/api-keys/list-page.tsx";
import { text } from "../lib/search.ts";
import type { Search } from "../lib/search.ts";
import { shellRoute } from "./root.tsx";
import { pageSearch } from "./search.ts";
import type { PageSearch, TextSearch } from "./search.ts";

interface KeysSearch extends PageSearch, TextSearch {
  readonly scope?: KeyScope | undefined;
  readonly status?: string | undefined;
}
interface LevelSearch extends PageSearch, TextSearch {
  readonly status?: string | undefined;
}
interface UsersSearch extends LevelSearch {
  readonly kind?: string | undefined;
  readonly tenant_id?: string | undefined;
}
interface AuditSearch extends PageSearch {
  readonly action?: string | undefined;
  readonly actor_id?: string | undefined;
  readonly resource_type?: string | undefined;
  readonly resource_id?: string | undefined;
  readonly status?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  /** The entry that is open. */
  readonly entry?: string | undefined;
}

function levelSearch({ q, status, cursor }: Search): LevelSearch {
  return { q: text(q), status: text(status), cursor: text(cursor) };
}

const keysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/api-keys",
  component: ApiKeysPage,
  validateSearch: ({ scope, q, status, cursor }: Search): KeysSearch => ({
    scope: scope === "tenant" ? scope : undefined,
    q: text(q),
    status: text(status),
    cursor: text(cursor),
  }),
});
const createKeyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/api-keys/new",
  component: CreateApiKeyPage,
});
const keyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/api-keys/$keyId",
  component: lazyRouteComponent(() => import("../features/api-keys/key-page.tsx"), "ApiKeyPage"),
});

// The rooms of administrators are loaded by those who enter them.
const usersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/users",
  component: lazyRouteComponent(() => import("../features/users/list-page.tsx"), "UsersPage"),
  validateSearch: ({ q, status, kind, tenant_id, cursor }: Search): UsersSearch => ({
    q: text(q),
    status: text(status),
    kind: text(kind),
    tenant_id: text(tenant_id),
    cursor: text(cursor),
  }),
});
const createUserRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/users/new",
  component: lazyRouteComponent(() => import("../features/users/create-page.tsx"), "CreateUserPage"),
});
const userRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/users/$userId",
  component: lazyRouteComponent(() => import("../features/users/user-page.tsx"), "UserPage"),
});
const rolesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/roles",
  component: lazyRouteComponent(() => import("../features/roles/list-page.tsx"), "RolesPage"),
});
const groupsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/groups",
  component: lazyRouteComponent(() => import("../features/groups/list-page.tsx"), "GroupsPage"),
  validateSearch: pageSearch,
});
const groupRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/groups/$groupId",
  component: lazyRouteComponent(() => import("../features/groups/group-page.tsx"), "GroupPage"),
});
const modelAccessRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/model-access",
  component: lazyRouteComponent(
    () => import("../features/model-access/model-access-page.tsx"),
    "ModelAccessPage",
  ),
  validateSearch: pageSearch,
});
const tenantsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/tenants",
  component: lazyRouteComponent(() => import("../features/levels/tenants.tsx"), "TenantsPage"),
  validateSearch: levelSearch,
});
const createTenantRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/tenants/new",
  component: lazyRouteComponent(() => import("../features/levels/tenants.tsx"), "CreateTenantPage"),
});
const tenantRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/tenants/$levelId",
  component: lazyRouteComponent(() => import("../features/levels/tenants.tsx"), "TenantPage"),
});
const partnersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/partners",
  component: lazyRouteComponent(() => import("../features/levels/partners.tsx"), "PartnersPage"),
  validateSearch: levelSearch,
});
const createPartnerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/partners/new",
  component: lazyRouteComponent(() => import("../features/levels/partners.tsx"), "CreatePartnerPage"),
});
const partnerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/partners/$levelId",
  component: lazyRouteComponent(() => import("../features/levels/partners.tsx"), "PartnerPage"),
});
const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/audit-log",
  component: lazyRouteComponent(() => import("../features/audit/list-page.tsx"), "AuditLogPage"),
  validateSearch: (search: Search): AuditSearch => ({
    action: text(search["action"]),
    actor_id: text(search["actor_id"]),
    resource_type: text(search["resource_type"]),
    resource_id: text(search["resource_id"]),
    status: text(search["status"]),
    start: text(search["start"]),
    end: text(search["end"]),
    cursor: text(search["cursor"]),
    entry: text(search["entry"]),
  }),
});

/** The pages of Access. */
export const ACCESS_ROUTES = [
  keysRoute,
  createKeyRoute,
  keyRoute,
  usersRoute,
  createUserRoute,
  userRoute,
  groupsRoute,
  groupRoute,
  rolesRoute,
  modelAccessRoute,
  tenantsRoute,
  createTenantRoute,
  tenantRoute,
  partnersRoute,
  createPartnerRoute,
  partnerRoute,
  auditRoute,
] as const;
