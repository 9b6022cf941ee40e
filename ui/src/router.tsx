import { createRootRoute, createRoute, createRouter, Link, Navigate, Outlet } from "@tanstack/react-router";
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

type Search = Readonly<Record<string, unknown>>;

// What a validator leaves out stays as the address has it: each field that is not valid must be named as undefined.

/** A text of the address, if it is one and not empty. */
function text(value: unknown): string | undefined {
  const shown = typeof value === "number" ? String(value) : value;
  return typeof shown === "string" && shown !== "" ? shown : undefined;
}

interface SignInSearch {
  readonly next?: string | undefined;
}
interface KeysSearch {
  readonly scope?: KeyScope | undefined;
  readonly cursor?: string | undefined;
}
interface ModelsSearch {
  readonly q?: string | undefined;
  readonly cursor?: string | undefined;
}
interface RequestsSearch {
  readonly outcome?: string | undefined;
  readonly model?: string | undefined;
  readonly api_key_id?: string | undefined;
  readonly cursor?: string | undefined;
  readonly live?: true | undefined;
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
  validateSearch: ({ q, cursor }: Search): ModelsSearch => ({ q: text(q), cursor: text(cursor) }),
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
      shellRoute.addChildren([homeRoute, keysRoute, createKeyRoute, modelsRoute, requestsRoute, traceRoute]),
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
