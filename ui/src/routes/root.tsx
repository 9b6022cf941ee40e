import { createRootRoute, createRoute, Link, Navigate, Outlet } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useApp } from "../app-context.ts";
import { Announcer } from "../components/announcer.tsx";
import { buttonClass } from "../components/button.tsx";
import { EmptyState, PageHeader } from "../components/page.tsx";
import { ClaimPage } from "../features/session/claim-page.tsx";
import { useMe } from "../features/session/me-context.ts";
import { roomsOf } from "../features/session/rooms.ts";
import { Shell } from "../features/session/shell.tsx";
import { SignInPage } from "../features/session/sign-in-page.tsx";
import type { Search } from "../lib/search.ts";

interface SignInSearch {
  readonly next?: string | undefined;
}

/** Around everything. */
export const rootRoute = createRootRoute({
  component: () => (
    <>
      <Outlet />
      <Announcer announcement={useApp().announcement} />
    </>
  ),
  notFoundComponent: NotFound,
});
/** The way in. */
export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  component: SignInPage,
  validateSearch: (search: Search): SignInSearch => {
    const { next } = search;
    // Only pages of this console: never an address that somebody else has put there.
    return { next: typeof next === "string" && /^\/admin\/[\w-]/.test(next) ? next : undefined };
  },
});
/** The first way in, and that of invitations. */
export const claimRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/claim",
  component: ClaimPage,
});
/** Around every page behind the sign-in. */
export const shellRoute = createRoute({ getParentRoute: () => rootRoute, id: "shell", component: Shell });
/** The console without a room named. */
export const homeRoute = createRoute({ getParentRoute: () => shellRoute, path: "/", component: Home });

/** The first room that the role may enter: the overview, for nearly everybody. */
function Home(): ReactNode {
  const [first] = roomsOf(useMe());
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
