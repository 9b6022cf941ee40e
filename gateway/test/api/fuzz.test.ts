import { beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import type { Operation } from "../../src/http/openapi/operations.ts";
import { OPERATIONS, type Shot, fieldsIn, shotsAt } from "../fuzz/calls.ts";
import { Things } from "../fuzz/things.ts";
import type { ApiReply } from "../harness/api.ts";
import { codeOf, describeApi, fieldsOf, SANDBOX } from "./started.ts";

/** More calls of each route: `SCAIGRID_TEST_FUZZ=500 npm test -- gateway/test/api/fuzz`. */
const CALLS = Number(process.env["SCAIGRID_TEST_FUZZ"] ?? 12);
/** Other calls: any number, such as the one that a failure tells. */
const SEED = Number(process.env["SCAIGRID_TEST_FUZZ_SEED"] ?? 51_130);
const ROUTE_MS = 30_000 + CALLS * 500;

/** What no call may end with: nothing here is broken, overloaded or about to stop. */
const OUR_FAULT: readonly unknown[] = [
  "INTERNAL_ERROR",
  "DEPENDENCY_UNAVAILABLE",
  "OVERLOADED",
  "SHUTTING_DOWN",
];
/** Last of all: it may take the keys of everybody who calls here. */
const LAST = "revokeApiKeys";
const ROUTES = [...OPERATIONS].sort((a, b) => Number(a.id === LAST) - Number(b.id === LAST));

describeApi("a NUL, which no text of the store can hold", (api) => {
  test.each([
    ["GET", "/v1/requests/%00", {}, "path.request_id"],
    ["GET", "/v1/api-keys?user_id=a%00", {}, "query.user_id"],
    ["POST", "/v1/groups", { body: { name: "x", tenant_id: "\0" } }, "tenant_id"],
    ["POST", "/v1/api-keys", { body: { name: "x", metadata: { "a\0": "b" } } }, "metadata"],
    ["POST", "/v1/auth/claim", { body: { token: "\0", email: "a@b.c", password: "" } }, "token"],
  ])("%s %s is refused by field", async (method, path, call, field) => {
    const reply = await api.gateway.api(method, path, call);
    expect([reply.status, fieldsOf(reply)]).toEqual([422, [field]]);
  });
});

describeApi(
  "every route, called as its schemas allow and as they do not",
  (api) => {
    let things: Things;
    const tally = { calls: 0, fine: 0, invalid: 0 };
    beforeAll(async () => {
      things = await Things.of(api.gateway);
    }, ROUTE_MS);

    const known = (field: string) => {
      const ids = things.idsOf(field);
      if (field === "model") return fc.constant(SANDBOX);
      return ids && fc.constantFrom(...ids);
    };

    async function fire(operation: Operation, shot: Shot, callerIndex: number): Promise<void> {
      const { method } = operation;
      const { target, body, headers } = shot;
      const send = () => {
        const caller = things.callers[callerIndex % things.callers.length];
        return api.gateway.api(method, target, { key: caller?.key, body, headers });
      };
      let reply = await send();
      if (isUsedUp(operation, reply)) {
        await things.renew();
        reply = await send();
      }
      tally.calls++;
      if (reply.status < 300) tally.fine++;
      if (reply.status === 422) tally.invalid++;
      judge(operation, reply);
    }

    test.each(ROUTES.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
      "%s answers as declared",
      async (_name, operation) => {
        await things.prepare(fieldsIn(operation));
        const calls = fc.asyncProperty(shotsAt(operation, known), fc.nat(11), (shot, caller) =>
          fire(operation, shot, caller),
        );
        await fc.assert(calls, { numRuns: CALLS, seed: SEED });
      },
      ROUTE_MS,
    );

    test("none of which is a bug, and which are neither all refused nor all welcome", () => {
      expect(api.gateway.output.logs.filter(({ event }) => event === "bug")).toEqual([]);
      expect(tally.fine).toBeGreaterThan(tally.calls / 10);
      expect(tally.invalid).toBeGreaterThan(tally.calls / 20);
    });
  },
  {
    SCAIGRID_ALLOW_PRIVATE_UPSTREAMS: "1",
    SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0,address:0",
  },
);

/** The contract of every answer has been checked on its way here; what is left is whose fault it is. */
function judge({ kind, path, method }: Operation, reply: ApiReply): void {
  const said = `${method} ${path} → ${reply.status} ${reply.text.slice(0, 500)}`;
  if (OUR_FAULT.includes(codeOf(reply))) throw new Error(said);
  const isJson = reply.headers.get("content-type")?.startsWith("application/json") === true;
  if (reply.status >= 400 && kind !== "system" && !isJson) throw new Error(`no envelope: ${said}`);
  if (reply.status >= 500 && kind === "system") throw new Error(said);
}

/** Whether somebody has called too often, or has been suspended, and others must take the place of all. */
function isUsedUp({ id, kind }: Operation, reply: ApiReply): boolean {
  const code = codeOf(reply);
  return id !== LAST && kind === "management" && (code === "RATE_LIMITED" || code === "TENANT_SUSPENDED");
}
