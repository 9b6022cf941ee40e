import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { permissionsNeeded } from "../../src/core/endpoint.ts";
import { DECLARED } from "../harness/declared.ts";
import { freshDatabase, type TestDatabase } from "../harness/database.ts";
import type { ApiReply } from "../harness/api.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { describePart } from "../parts.ts";
import { readMetrics } from "../api/exposition.ts";
import { requestIdOf } from "../api/started.ts";
import { type Kind, ROWS, type Row } from "./rows.ts";
import { type MatrixCaller, type Owner, type Place, PLACES, type Target, World } from "./world.ts";

/** Every route that is not open to everybody. */
const GUARDED = DECLARED.filter(({ access }) => access !== "public");
type Route = (typeof GUARDED)[number];
const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/** No limits and no pacing: every caller makes hundreds of calls. */
const ENV = {
  SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0,address:0",
  SCAIGRID_SANDBOX_TOKEN_MS: "0",
  SCAIGRID_ALLOW_PRIVATE_UPSTREAMS: "1",
};
const MATRIX_MS = 240_000;
const TRIES = 3;
const TRIES_MAX = 30;

/** What must become of a call. */
type Verdict = "unknown caller" | "forbidden" | "hidden" | "reached";

/** What the declared permission, the reach of the row and whose the target is say of a call. */
function verdictOf({ access }: Route, row: Row, caller: MatrixCaller, target: Target | undefined): Verdict {
  if (!caller.isKnown) return "unknown caller";
  const needed = permissionsNeeded(access);
  if (needed.length > 0 && !needed.some((permission) => caller.permissions.has(permission)))
    return "forbidden";
  if (row.needs !== undefined && !caller.permissions.has(row.needs)) return "forbidden";
  if (!target) return "reached";
  const level = row.reach.find(([permission]) => caller.permissions.has(permission))?.[1] ?? "user";
  return reaches(level, caller, target) ? "reached" : "hidden";
}

function reaches(level: Row["reach"][number][1], caller: Owner, { id, owner }: Target): boolean {
  if (level === "platform") return !isRandom(id);
  if (!owner) return false;
  if (level === "partner") return owner.partnerId === caller.partnerId;
  if (level === "tenant") return owner.tenantId === caller.tenantId;
  return owner.userId !== undefined && owner.userId === caller.userId;
}

const randomIds = new Set<string>();
const isRandom = (id: string): boolean => randomIds.has(id);

function passes(verdict: Verdict, { status }: ApiReply, row: Row): boolean {
  switch (verdict) {
    case "unknown caller":
      return status === 401;
    case "forbidden":
      return status === 403;
    case "hidden":
      return status === (row.hidden ?? 404);
    case "reached":
      if (row.isAbsent) return status === 404;
      return status !== 401 && status !== 403 && status !== 404;
  }
}

/** Headers that tell of the call, not of what it was about. */
const PASSING: ReadonlySet<string> = new Set([
  "date",
  "content-length",
  "x-scaigrid-request-id",
  "openai-processing-ms",
]);

const NEAREST = / ?(Nearest models you may use: |List the models you may use with )[^"\\]*\./g;

/** What a caller can tell from an answer, but for what they knew before: the request's id and the one they asked for. */
function told(reply: ApiReply, id: string): string {
  const headers = [...reply.headers].filter(([name]) => !PASSING.has(name));
  const text = JSON.stringify([reply.status, headers, reply.text]);
  return (
    text
      .replaceAll(requestIdOf(reply), "<request>")
      .replaceAll(id, "<asked>")
      // Follows from the name that was asked for and from what the caller may see.
      .replaceAll(NEAREST, "")
  );
}

test("every guarded route has a row, and every row a route", () => {
  expect(Object.keys(ROWS).toSorted()).toEqual(GUARDED.map(nameOf).toSorted());
});

test("every change to an object that can be read says which version it was made to", () => {
  const without = DECLARED.filter(({ method, kind }) => kind === "management" && /^(PATCH|PUT)$/.test(method))
    .filter((route) => route.body !== undefined && route.changes?.version === undefined)
    .map(nameOf);
  expect(without).toEqual([]);
});

test("every route that may change something says what it is called in the audit log", () => {
  const silent = DECLARED.filter(({ kind, method }) => kind !== "inference" && method !== "GET")
    .filter(({ auditAction }) => !/^[a-z_]+\.[a-z_]+$/.test(auditAction ?? ""))
    .map(nameOf);
  expect(silent).toEqual([]);
});

function matrixOn(start: () => Promise<Gateway>): void {
  let gateway: Gateway;
  let world: World;
  beforeAll(async () => {
    gateway = await start();
    world = await World.make(gateway);
  }, MATRIX_MS);
  afterAll(() => gateway.stop());

  const send = (
    route: Route,
    row: Row,
    caller: MatrixCaller,
    { id, slug, memberId = "user_none" }: Pick<Target, "id" | "slug" | "memberId">,
  ): Promise<ApiReply> => {
    const body =
      row.body?.(id, slug) ?? (route.body === undefined || row.kind !== undefined ? undefined : {});
    const path = route.path.replace(/\{[^}]*\}/, encodeURIComponent(id)).replace(/\{[^}]*\}/, memberId);
    const query = row.query ? `?${new URLSearchParams(row.query(id)).toString()}` : "";
    return gateway.api(route.method, path + query, { key: caller.key, ...(body && { body }) });
  };

  async function targetOf(
    route: Route,
    row: Row,
    kind: Kind,
    caller: MatrixCaller,
    place: Place,
  ): Promise<Target> {
    const kept = await world.kept(kind, place);
    if (place === "random") randomIds.add(kept.id);
    const changes = route.method !== "GET" && verdictOf(route, row, caller, kept) === "reached";
    return changes ? world.fresh(kind, place) : kept;
  }

  async function cellsOf(route: Route, row: Row): Promise<readonly string[]> {
    const wrong: string[] = [];
    for (const caller of world.callers) {
      const answers = new Map<Place, string>();
      for (const place of row.kind === undefined ? (["own"] as const) : PLACES) {
        const target = row.kind && (await targetOf(route, row, row.kind, caller, place));
        const verdict = verdictOf(route, row, caller, target);
        const reply = await send(route, row, caller, target ?? { id: "openai" });
        if (!passes(verdict, reply, row)) {
          wrong.push(`${caller.name} × ${place}: ${verdict} expected, ${reply.status} ${reply.text}`);
        }
        if (verdict === "hidden") answers.set(place, told(reply, target?.id ?? ""));
      }
      const random = answers.get("random");
      for (const [place, answer] of answers) {
        if (answer !== random)
          wrong.push(`${caller.name} × ${place} is told from random: ${answer} ≠ ${random}`);
      }
    }
    return wrong;
  }

  test(
    "no list tells of what is out of reach",
    async () => {
      const wrong: string[] = [];
      const lists = GUARDED.filter(({ method, path }) => method === "GET" && !path.includes("{"));
      const places = PLACES.filter((place) => place !== "random");
      for (const kind of ["key", "model", "request"] as const) {
        for (const place of places) await world.kept(kind, place);
      }
      const owners = await Promise.all(places.map((place) => world.kept("request", place)));
      for (const route of lists) {
        const row = ROWS[nameOf(route)];
        for (const caller of world.callers) {
          if (!row || verdictOf(route, row, caller, undefined) !== "reached") continue;
          const reply = await send(route, row, caller, { id: "" });
          for (const target of owners) {
            if (verdictOf(route, row, caller, target) === "reached") continue;
            const ids = [
              target.owner?.userId,
              isOwnTenant(caller, target) ? undefined : target.owner?.tenantId,
            ];
            const seen = ids.filter((id) => id !== undefined && reply.text.includes(id));
            if (seen.length > 0) wrong.push(`${nameOf(route)} tells ${caller.name} of ${seen.join()}`);
          }
        }
      }
      expect(wrong).toEqual([]);
    },
    MATRIX_MS,
  );

  test(
    "what is another's costs as many queries as what there is not",
    async () => {
      let compared = 0;
      let queries = 0;
      const wrong: string[] = [];
      for (const route of GUARDED) {
        const row = ROWS[nameOf(route)];
        const { kind } = row ?? {};
        if (!row || kind === undefined) continue;
        const [foreign, random] = [await world.kept(kind, "foreign"), await world.kept(kind, "random")];
        randomIds.add(random.id);
        const callers = world.callers.filter((each) => verdictOf(route, row, each, foreign) === "hidden");
        // Each in turn: management calls are limited per user.
        const caller = callers[compared % callers.length];
        if (!caller) continue;
        const calls = [foreign, random].map((target) => () => send(route, row, caller, target));
        const [one = [], other = []] = await leastAsked(gateway, calls);
        compared++;
        queries += one[0] ?? 0;
        if (!Bun.deepEquals(one, other)) {
          wrong.push(
            `${nameOf(route)} × ${caller.name}: ${one.join("+")} queries and commits ≠ ${other.join("+")}`,
          );
        }
      }
      expect(wrong).toEqual([]);
      expect(compared).toBeGreaterThan(20);
      expect(queries).toBeGreaterThan(10);
    },
    MATRIX_MS,
  );

  test.each(GUARDED.map((route) => [nameOf(route), route] as const))(
    "%s",
    async (name, route) => {
      const row = ROWS[name];
      if (!row) throw new Error(`${name} has no row`);
      expect(await cellsOf(route, row)).toEqual([]);
    },
    MATRIX_MS,
  );
}

/**
 * How often the store was asked for each of some calls: the least of some tries, and of more of them while the calls
 * differ, since background jobs ask too, on a busy machine during every one of a few.
 */
async function leastAsked(
  gateway: Gateway,
  calls: readonly (() => Promise<ApiReply>)[],
): Promise<readonly (readonly number[])[]> {
  const counts = async (): Promise<readonly number[]> => {
    const { samples } = readMetrics((await gateway.api("GET", "/metrics")).text);
    const use = samples.filter(({ name }) => name === "scaigrid_store_operations_total");
    return use.map(({ value }) => value);
  };
  const least = calls.map((): readonly number[] => []);
  for (let n = 0; n < TRIES_MAX; n++) {
    for (const [at, call] of calls.entries()) {
      const before = await counts();
      await call();
      const after = await counts();
      const asked = after.map((count, index) => count - (before[index] ?? 0));
      least[at] = asked.map((count, index) => Math.min(count, least[at]?.[index] ?? count));
    }
    if (n + 1 >= TRIES && Bun.deepEquals(least[0], least[1])) break;
  }
  return least;
}

function isOwnTenant(caller: MatrixCaller, { owner }: Target): boolean {
  return owner?.tenantId === caller.tenantId;
}

describe("the isolation matrix on SQLite", () => {
  matrixOn(() => startGateway({ env: ENV }));
});

describePart("postgres", "the isolation matrix on PostgreSQL", (server) => {
  let database: TestDatabase | undefined;
  afterAll(() => database?.drop());
  matrixOn(async () => {
    database = await freshDatabase(server);
    return startGateway({ env: { ...ENV, SCAIGRID_DATABASE_URL: database.url } });
  });
});
