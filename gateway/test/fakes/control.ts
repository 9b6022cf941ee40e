import type { FaultUpstream } from "./fault-upstream.ts";

/**
 * The fake's control port, for tests in another process: `GET /log`, `GET /totals`, `GET /connections`,
 * `POST /clear`, `POST /gates/{name}` (opens it). JSON in every answer.
 */
export function serveControl(fake: FaultUpstream, port = 0): Bun.Server<undefined> {
  return Bun.serve({
    hostname: "127.0.0.1",
    port,
    development: false,
    reusePort: false,
    routes: {
      "/log": { GET: () => Response.json(fake.log.records) },
      "/totals": { GET: () => Response.json(fake.log.totals()) },
      "/connections": {
        GET: () => Response.json({ open: fake.connections, opened: fake.connectionsOpened }),
      },
      "/clear": {
        POST: () => {
          fake.clear();
          return Response.json({ cleared: true });
        },
      },
      "/gates/:name": {
        POST: (request) => {
          fake.gates.open(request.params.name);
          return Response.json({ open: request.params.name });
        },
      },
    },
    fetch: () => Response.json({ error: "no such control" }, { status: 404 }),
  });
}
