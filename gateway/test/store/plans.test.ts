import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { createQueryId, SqliteQueryCompiler } from "kysely";
import { systemClock } from "../../src/base/clock.ts";
import type { Scope } from "../../src/core/scope.ts";
import { deleteCustomRole, deleteGroup, deleteRoleMapping } from "../../src/store/iam/writer.ts";
import { addEvents } from "../../src/store/events/writer.ts";
import { revokeKey, revokeKeys } from "../../src/store/keys/writer.ts";
import { settleClaims } from "../../src/store/idempotency/claims.ts";
import { deleteModelAccess, deleteModelGroup } from "../../src/store/model-access/writer.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { deleteUser, updateTenant, updateUser } from "../../src/store/tenancy/writer.ts";
import type { Write } from "../../src/store/write.ts";
import { failOnBackgroundFailure, temporaryFolder } from "./engines.ts";
import { WORKERS } from "./worker-files.ts";

const SCOPES: readonly Scope[] = [
  { level: "platform" },
  { level: "partner", partnerId: "partner_1" },
  { level: "tenant", tenantId: "tenant_1" },
  { level: "user", tenantId: "tenant_1", userId: "user_1" },
];
const CHANGES: readonly (readonly [string, (scope: Scope) => readonly Write[]])[] = [
  ["a key revoked", (scope) => revokeKey("apikey_1", scope, 1)],
  ["a user changed", (scope) => updateUser("user_1", { displayName: "x" }, scope, 1)],
  ["a user deleted", (scope) => deleteUser("user_1", scope, 1)],
  ["a tenant changed", (scope) => updateTenant("tenant_1", { displayName: "x" }, scope, 1)],
  ["a group deleted", (scope) => deleteGroup("group_1", scope, 1)],
  ["a custom role deleted", (scope) => deleteCustomRole("role_1", scope, 1)],
  ["a role mapping deleted", (scope) => deleteRoleMapping("map_1", scope, 1)],
  ["a model group deleted", (scope) => deleteModelGroup("mg_1", scope, 1)],
  ["an access rule deleted", (scope) => deleteModelAccess("access_1", scope, 1)],
];
const folder = temporaryFolder();

/** What SQLite would do, step by step: `SEARCH users USING INDEX …`, `SCAN users`. */
async function plansOf(writes: readonly Write[]): Promise<readonly string[]> {
  const options = { folder, clock: systemClock, workers: WORKERS, onFailure: failOnBackgroundFailure };
  const { store } = await openSqliteStore(options);
  await store.close();
  using database = new Database(join(folder, "scaigrid.db"), { readonly: true });
  return writes.flatMap(({ statement, about }) => {
    const compiled = new SqliteQueryCompiler().compileQuery(statement.toOperationNode(), createQueryId());
    const steps = database.query<{ detail: string }, []>(`explain query plan ${compiled.sql}`).all();
    const details = steps.map(({ detail }) => detail);
    // The budgets of the one thing that goes are a list too, of a few and by an index.
    return about === "budget_window" ? details.filter((step) => !step.startsWith("LIST")) : details;
  });
}

test("any number of keys are revoked, and told of, in as many statements as one", () => {
  const ids = Array.from({ length: 500 }, (_, n) => `apikey_${n}`);
  expect(revokeKeys(ids, { level: "platform" }, 1)).toHaveLength(2);
  expect(revokeKeys([], { level: "platform" }, 1)).toEqual([]);
  const events = ids.map((id) => ({ id, type: "api_key.revoked" as const, payload: {}, at: 1 }));
  expect(addEvents(events)).toHaveLength(1);
  expect(addEvents([])).toEqual([]);
});

test("what a dead process has claimed is settled without a look at all claims, or at all usage", async () => {
  for (const writes of [settleClaims(), settleClaims("node_1")]) {
    const steps = await plansOf(writes);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.filter((step) => step.startsWith("SCAN"))).toEqual([]);
  }
});

// One change took 15 ms where there are 10 000 tenants, because it made a list of all users in reach.
test.each(CHANGES)(
  "%s looks at no table as a whole, however far its caller reaches",
  async (_name, change) => {
    for (const scope of SCOPES) {
      const steps = await plansOf(change(scope));
      expect(steps.length).toBeGreaterThan(0);
      expect(steps.filter((step) => /^SCAN (?!CONSTANT)|LIST SUBQUERY/.test(step))).toEqual([]);
    }
  },
);
