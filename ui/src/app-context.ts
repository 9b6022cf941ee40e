import { createContext, use } from "react";
import type { Api } from "./api/client.ts";
import type { Connection } from "./lib/connection.ts";
import type { Observable } from "./lib/observable.ts";

/** `ended` once the gateway has refused the session of this page. */
export type SessionState = "active" | "ended";

/** What `main.tsx` makes once and every page may use. */
export interface App {
  readonly api: Api;
  readonly connection: Connection;
  readonly session: Observable<SessionState>;
  /** What a screen reader is told next. */
  readonly announcement: Observable<string>;
}

/** Filled by `main.tsx`. */
export const AppContext = createContext<App | undefined>(undefined);

/** What `main.tsx` made. Throws outside of it. */
export function useApp(): App {
  const app = use(AppContext);
  if (!app) throw new Error("no application around this component");
  return app;
}
