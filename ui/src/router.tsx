import { createRouter } from "@tanstack/react-router";
import { FailureNotice } from "./components/notice.tsx";
import { ACCESS_ROUTES } from "./routes/access.tsx";
import { ROOM_ROUTES } from "./routes/rooms.tsx";
import { claimRoute, homeRoute, rootRoute, shellRoute, signInRoute } from "./routes/root.tsx";

/** Every page of the console and its address. */
export function createAppRouter() {
  return createRouter({
    routeTree: rootRoute.addChildren([
      signInRoute,
      claimRoute,
      shellRoute.addChildren([homeRoute, ...ROOM_ROUTES, ...ACCESS_ROUTES]),
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
