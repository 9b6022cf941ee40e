import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, Outlet, useRouterState } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import { meQuery } from "../../api/queries.ts";
import type { Me } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { ConnectionBanner } from "../../components/connection-banner.tsx";
import { Icon, Mark } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { PAGE_TITLE_ID } from "../../components/page.tsx";
import { Account } from "./account.tsx";
import { MeContext } from "./me-context.ts";
import { roomsOf } from "./rooms.ts";
import { SessionDialog } from "./session-dialog.tsx";

const NAV_ID = "navigation";

/** The frame of every page behind the sign-in. */
export function Shell(): ReactNode {
  const { api } = useApp();
  const me = useQuery(meQuery(api));
  if (me.data) return <Frame key={me.data.user.id} me={me.data} />;
  if (me.isPending) return <p className="p-10 text-center text-muted">Loading…</p>;
  if (asFailure(me.error).status === 401) return <ToSignIn />;
  return (
    <main className="mx-auto max-w-lg px-4 py-16">
      <ConnectionBanner />
      <h1 className="mb-4 text-xl font-semibold">This page cannot be shown</h1>
      <FailureNotice error={me.error} onRetry={() => void me.refetch()} />
    </main>
  );
}

function ToSignIn(): ReactNode {
  const next = `${window.location.pathname}${window.location.search}`;
  return <Navigate to="/sign-in" search={next === "/admin/" || next === "/admin" ? {} : { next }} replace />;
}

function Frame({ me }: { me: Me }): ReactNode {
  // The page of the address, once it is shown.
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  useFocusOnNewPage(path);
  return (
    <MeContext value={me}>
      <SkipLink />
      <ConnectionBanner />
      <div className="lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
        {/* Drawn anew for each page: the menu of a small window is closed then. */}
        <Sidebar key={path} me={me} />
        <main className="mx-auto w-full max-w-6xl min-w-0 px-4 py-6 sm:px-6 lg:px-8 lg:py-8">
          <Outlet />
        </main>
      </div>
      <SessionDialog me={me} />
    </MeContext>
  );
}

function SkipLink(): ReactNode {
  return (
    <a
      href={`#${PAGE_TITLE_ID}`}
      onClick={(event) => {
        event.preventDefault();
        document.getElementById(PAGE_TITLE_ID)?.focus();
      }}
      className="sr-only focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-30 focus:rounded-lg focus:bg-surface focus:px-4 focus:py-2 focus:font-medium"
    >
      Skip to the content
    </a>
  );
}

function Sidebar({ me }: { me: Me }): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <header className="print:hidden border-b border-line bg-surface lg:border-r lg:border-b-0">
      <div className="lg:sticky lg:top-0 lg:flex lg:h-dvh lg:flex-col">
        <div className="flex items-center justify-between gap-3 px-4 py-3 lg:py-5">
          <Link
            to="/"
            className="flex items-center gap-2.5 rounded-lg text-base font-semibold tracking-tight"
          >
            <Mark />
            ScaiGrid
          </Link>
          <Button
            variant="quiet"
            className="lg:hidden"
            aria-expanded={isOpen}
            aria-controls={NAV_ID}
            onClick={() => setIsOpen(!isOpen)}
          >
            <Icon name={isOpen ? "close" : "menu"} className="size-5" />
            Menu
          </Button>
        </div>
        <div id={NAV_ID} className={`grow flex-col px-3 pb-4 lg:flex ${isOpen ? "flex" : "hidden"}`}>
          <Navigation me={me} />
          <Account me={me} />
        </div>
      </div>
    </header>
  );
}

/** After a change of page the focus goes to its heading, which is then read out. */
function useFocusOnNewPage(path: string | undefined): void {
  const shown = useRef(path);
  useEffect(() => {
    const before = shown.current;
    shown.current = path;
    if (before === undefined || before === path) return;
    document.getElementById(PAGE_TITLE_ID)?.focus();
    window.scrollTo(0, 0);
  }, [path]);
}

function Navigation({ me }: { me: Me }): ReactNode {
  return (
    <nav aria-label="Main" className="grow">
      <ul className="grid gap-0.5">
        {roomsOf(me).map(({ to, label, icon, group }, index, rooms) => (
          <li key={to}>
            {group !== undefined && group !== rooms[index - 1]?.group && (
              <span className="block px-3 pt-4 pb-1 text-xs font-medium text-muted">{group}</span>
            )}
            <Link
              to={to}
              className="flex min-h-9 items-center gap-2.5 rounded-lg px-3 py-1.5 font-medium text-muted hover:bg-raised hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent"
            >
              <Icon name={icon} />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
