import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { Api } from "./api/client.ts";
import { asFailure, UNREACHABLE } from "./api/failure.ts";
import { AppContext } from "./app-context.ts";
import type { App, SessionState } from "./app-context.ts";
import { Connection } from "./lib/connection.ts";
import { Observable } from "./lib/observable.ts";
import { applyTheme, storedTheme } from "./lib/theme.ts";
import { createAppRouter } from "./router.tsx";

const STALE_MS = 5_000;
const RETRIES_MAX = 2;

/** Refusals stay refusals, and a gateway that is away is waited for elsewhere. */
function isWorthRetrying(count: number, error: unknown): boolean {
  const { status, code } = asFailure(error);
  return count < RETRIES_MAX && status >= 500 && code !== UNREACHABLE;
}

function start(container: Element): void {
  applyTheme(storedTheme());
  const queries = new QueryClient({
    defaultOptions: {
      // The browser's idea of being online says nothing about a gateway on this machine.
      queries: { staleTime: STALE_MS, retry: isWorthRetrying, networkMode: "always" },
      mutations: { retry: false, networkMode: "always" },
    },
  });
  const session = new Observable<SessionState>("active");
  const connection = new Connection(() => void queries.invalidateQueries());
  const api = new Api({
    sessionEnded: () => session.set("ended"),
    lost: () => connection.lost(),
    reached: () => connection.reached(),
  });
  const app: App = { api, connection, session, announcement: new Observable("") };
  const router = createAppRouter();
  createRoot(container).render(
    <AppContext value={app}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </AppContext>,
  );
}

const container = document.getElementById("app");
if (container) start(container);
