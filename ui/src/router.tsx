import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Link,
  Navigate,
  Outlet,
} from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useApp } from "./app-context.ts";
import type { KeyScope } from "./api/queries.ts";
import { Announcer } from "./components/announcer.tsx";
import { buttonClass } from "./components/button.tsx";
import { FailureNotice } from "./components/notice.tsx";
import { EmptyState, PageHeader } from "./components/page.tsx";
import { CreateApiKeyPage } from "./features/api-keys/create-page.tsx";
import { ApiKeysPage } from "./features/api-keys/list-page.tsx";
import { ModelsPage } from "./features/models/list-page.tsx";
import { RequestsPage } from "./features/requests/list-page.tsx";
import { TracePage } from "./features/requests/trace-page.tsx";
import { ClaimPage } from "./features/session/claim-page.tsx";
import { useMe } from "./features/session/me-context.ts";
import { roomsOf } from "./features/session/rooms.ts";
import { Shell } from "./features/session/shell.tsx";
import { SignInPage } from "./features/session/sign-in-page.tsx";
import { text } from "./lib/search.ts";
import type { Search } from "./lib/search.ts";

interface SignInSearch {
  readonly next?: string | undefined;
}
interface PageSearch {
  readonly cursor?: string | undefined;
}
interface TextSearch {
  readonly q?: string | undefined;
}
interface KeysSearch extends PageSearch {
  readonly scope?: KeyScope | undefined;
}
interface RequestsSearch extends PageSearch {
  readonly outcome?: string | undefined;
  readonly model?: string | undefined;
  readonly api_key_id?: string | undefined;
  readonly live?: true | undefined;
}
interface UsersSearch extends PageSearch, TextSearch {
  readonly status?: string | undefined;
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
interface PresetSearch extends TextSearch {
  readonly preset?: string | undefined;
}

const rootRoute = createRootRoute({
  component: () => (
    <>
      <Outlet />
      <Announcer announcement={useApp().announcement} />
    </>
  ),
  notFoundComponent: NotFound,
});
const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  component: SignInPage,
  validateSearch: (search: Search): SignInSearch => {
    const { next } = search;
    // Only pages of this console: never an address that somebody else has put there.
    return { next: typeof next === "string" && /^\/admin\/[\w-]/.test(next) ? next : undefined };
  },
});
const claimRoute = createRoute({ getParentRoute: () => rootRoute, path: "/claim", component: ClaimPage });
const shellRoute = createRoute({ getParentRoute: () => rootRoute, id: "shell", component: Shell });
const homeRoute = createRoute({ getParentRoute: () => shellRoute, path: "/", component: Home });
const keysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/api-keys",
  component: ApiKeysPage,
  validateSearch: ({ scope, cursor }: Search): KeysSearch => ({
    scope: scope === "tenant" ? scope : undefined,
    cursor: text(cursor),
  }),
});
const createKeyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/api-keys/new",
  component: CreateApiKeyPage,
});
const modelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/models",
  component: ModelsPage,
  validateSearch: ({ q, cursor }: Search): PageSearch & TextSearch => ({ q: text(q), cursor: text(cursor) }),
});
const requestsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/requests",
  component: RequestsPage,
  validateSearch: ({ outcome, model, api_key_id, cursor, live }: Search): RequestsSearch => ({
    outcome: text(outcome),
    model: text(model),
    api_key_id: text(api_key_id),
    cursor: text(cursor),
    live: live === true ? true : undefined,
  }),
});
const traceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/requests/$requestId",
  component: TracePage,
});

// The rooms of administrators are loaded by those who enter them.
const providersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/providers",
  component: lazyRouteComponent(() => import("./features/providers/list-page.tsx"), "ProvidersPage"),
  validateSearch: ({ cursor }: Search): PageSearch => ({ cursor: text(cursor) }),
});
const addProviderRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/providers/new",
  component: lazyRouteComponent(() => import("./features/providers/add-page.tsx"), "AddProviderPage"),
  validateSearch: ({ preset, q }: Search): PresetSearch => ({ preset: text(preset), q: text(q) }),
});
const providerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/providers/$providerId",
  component: lazyRouteComponent(() => import("./features/providers/provider-page.tsx"), "ProviderPage"),
  validateSearch: ({ cursor }: Search): PageSearch => ({ cursor: text(cursor) }),
});
const providerModelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/providers/$providerId/models",
  component: lazyRouteComponent(() => import("./features/providers/models-page.tsx"), "ProviderModelsPage"),
  validateSearch: ({ q }: Search): TextSearch => ({ q: text(q) }),
});

const usersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/users",
  component: lazyRouteComponent(() => import("./features/users/list-page.tsx"), "UsersPage"),
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
  component: lazyRouteComponent(() => import("./features/users/create-page.tsx"), "CreateUserPage"),
});
const userRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/users/$userId",
  component: lazyRouteComponent(() => import("./features/users/user-page.tsx"), "UserPage"),
});
const rolesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/roles",
  component: lazyRouteComponent(() => import("./features/roles/list-page.tsx"), "RolesPage"),
});
const tenantsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/tenants",
  component: lazyRouteComponent(() => import("./features/tenants/list-page.tsx"), "TenantsPage"),
  validateSearch: ({ q, status, cursor }: Search): Omit<UsersSearch, "kind" | "tenant_id"> => ({
    q: text(q),
    status: text(status),
    cursor: text(cursor),
  }),
});
const createTenantRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/tenants/new",
  component: lazyRouteComponent(() => import("./features/tenants/create-page.tsx"), "CreateTenantPage"),
});
const tenantRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/tenants/$tenantId",
  component: lazyRouteComponent(() => import("./features/tenants/tenant-page.tsx"), "TenantPage"),
});
const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/access/audit-log",
  component: lazyRouteComponent(() => import("./features/audit/list-page.tsx"), "AuditLogPage"),
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

/** The first room that the role may enter. */
function Home(): ReactNode {
  const rooms = roomsOf(useMe());
  const first = rooms.find(({ to }) => to === "/access/api-keys") ?? rooms[0];
  if (first) return <Navigate to={first.to} replace />;
  return (
    <>
      <PageHeader title="Welcome" />
      <EmptyState
        title="Nothing to see here"
        why="Your role has access to none of the console's pages. An administrator can give you another one."
      />
    </>
  );
}

function NotFound(): ReactNode {
  return (
    <main className="mx-auto max-w-2xl px-4 py-16">
      <PageHeader title="There is no such page" />
      <Link to="/" className={buttonClass("primary")}>
        To the console
      </Link>
    </main>
  );
}

/** Every page of the console and its address. */
export function createAppRouter() {
  return createRouter({
    routeTree: rootRoute.addChildren([
      signInRoute,
      claimRoute,
      shellRoute.addChildren([
        homeRoute,
        keysRoute,
        createKeyRoute,
        modelsRoute,
        requestsRoute,
        traceRoute,
        providersRoute,
        addProviderRoute,
        providerRoute,
        providerModelsRoute,
        usersRoute,
        createUserRoute,
        userRoute,
        rolesRoute,
        tenantsRoute,
        createTenantRoute,
        tenantRoute,
        auditRoute,
      ]),
    ]),
    basepath: "/admin",
    trailingSlash: "preserve",
    defaultErrorComponent: ({ error, reset }) => <FailureNotice error={error} onRetry={reset} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
