import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";
import { temporaryFolder } from "../start/command.ts";
import { codeOf, eventually, itemsOf, MESSAGES } from "./started.ts";
import { addCaller, addPartner, addTenant, type Caller, madeId } from "./tenancy.ts";

const WAIT_MS = 15_000;
const PATH = "/v1/accounting/budgets";

describe("budgets in a configuration file", () => {
  const fake = new FaultUpstream();
  let gateway: Gateway;
  let folder = "";
  let path = "";
  let who: Caller;
  let tenantId = "";
  let partnerId = "";

  function text(budgets: string): string {
    return `
providers:
  house: { type: custom, base_url: "${fake.url}", connection_config: { api_key: "env:HOUSE_KEY" } }
backends:
  steady: { provider: house, upstream_model: fake-ok, free: true }
models:
  house/model: { context_window: 8000, free: true }
routing_policies:
  house/model: { targets: [{ backend: steady }] }
budgets:
${budgets}`;
  }

  const configFile = () => gateway.api("GET", "/v1/config-file");

  /** Writes the file and waits until the gateway is as it says. */
  async function write(budgets: string): Promise<void> {
    await writeFile(path, text(budgets));
    process.kill(gateway.pid, "SIGHUP");
    const isInForce = (data: unknown) =>
      pick(data, "state") === "in_force" && Bun.deepEquals(pick(data, "drift"), []);
    await eventually("file in force", configFile, ({ body }) => isInForce(pick(body, "data")), WAIT_MS);
  }

  /** Writes a file that cannot be taken over; gives what the gateway says of it. */
  async function refusalOf(budgets: string): Promise<string> {
    await writeFile(path, text(budgets));
    const { body } = await configFile();
    expect(pick(body, "data.state")).toBe("refused");
    return pickText(body, "data.problems.0.message");
  }

  /** The budgets over somebody. */
  const over = async (scopeId: string) => itemsOf(await gateway.api("GET", `${PATH}?scope_id=${scopeId}`));
  const ask = () => who.call("POST", "/v1/inference/chat", { model: "house/model", messages: MESSAGES });

  beforeAll(async () => {
    folder = await temporaryFolder();
    path = join(folder, "scaigrid.yaml");
    await writeFile(path, text("  {}"));
    gateway = await startGateway({ dataDir: folder, env: { HOUSE_KEY: "house-key-0042" } });
    partnerId = await addPartner(gateway, "reseller");
    tenantId = await addTenant(gateway, partnerId, "acme");
    who = await addCaller(gateway, { roles: ["tenant_user"], tenantId });
  });
  afterAll(async () => {
    await gateway.stop();
    fake.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("are over whom they name: by slug, by address, by tenant and group, by id", async () => {
    const person = {
      display_name: "Ada",
      email: "ada@example.com",
      roles: ["tenant_user"],
      tenant_id: tenantId,
    };
    const adaId = madeId(await gateway.api("POST", "/v1/users", { body: person }));
    const group = { name: "Research", tenant_id: tenantId };
    const groupId = madeId(await gateway.api("POST", "/v1/groups", { body: group }));
    const key = { name: "limited", assigned_user_id: who.userId };
    const keyId = madeId(await gateway.api("POST", "/v1/api-keys", { body: key }));
    await write(`
  reseller: { scope: partner, scope_id: reseller, period: monthly, cost_limit: "900" }
  acme: { scope: tenant, scope_id: acme, period: weekly, token_limit: 70, hard_action: throttle, soft_limit_pct: 0.5 }
  research: { scope: group, scope_id: acme/Research, period: daily, request_limit: 60 }
  ada: { scope: user, scope_id: Ada@example.com, period: total, cost_limit: "5.50", hard_action: notify }
  key: { scope: api_key, scope_id: ${keyId}, period: daily, request_limit: 60 }
`);
    const terms = { set_by: "platform", managed_by: "file" };
    const acme = {
      ...terms,
      period: "weekly",
      token_limit: 70,
      hard_action: "throttle",
      soft_limit_pct: 0.5,
    };
    expect(await over(partnerId)).toMatchObject([{ ...terms, scope: "partner", cost_limit: "900" }]);
    expect(await over(tenantId)).toMatchObject([acme]);
    expect(await over(groupId)).toMatchObject([{ ...terms, scope: "group", request_limit: 60 }]);
    expect(await over(adaId)).toMatchObject([{ ...terms, cost_limit: "5.5", hard_action: "notify" }]);
    expect(await over(keyId)).toMatchObject([{ ...terms, scope: "api_key", hard_action: "block" }]);
    await write("  {}");
    expect(await over(tenantId)).toEqual([]);
  });

  test("block, and a changed limit keeps what is spent, with another id only where it counts another window", async () => {
    const entry = (limit: number, period = "total") =>
      `  mine: { scope: user, scope_id: ${who.userId}, period: ${period}, request_limit: ${limit} }`;
    await write(entry(1));
    expect((await ask()).status).toBe(200);
    expect(codeOf(await ask())).toBe("BUDGET_EXCEEDED");
    const [before] = await over(who.userId);
    await write(entry(2));
    expect((await ask()).status).toBe(200);
    expect(codeOf(await ask())).toBe("BUDGET_EXCEEDED");
    const [after] = await over(who.userId);
    expect([pick(after, "id"), pick(after, "spent.requests")]).toEqual([pick(before, "id"), 2]);
    const log = await gateway.api("GET", "/v1/audit-log?action=config_file.apply&limit=1");
    expect(pick(log.body, "data.items.0.changes")).toEqual({
      "budgets.mine": ["present", "update: request_limit"],
    });
    await write(entry(2, "daily"));
    const armed = await eventually(
      "armed budget",
      () => gateway.api("GET", `${PATH}?scope_id=${who.userId}`),
      ({ body }) => pick(body, "data.items.0.state") === "hard_limit",
      WAIT_MS,
    );
    expect(itemsOf(armed)).toMatchObject([{ period: "daily", spent: { requests: 2 } }]);
    expect(pick(armed.body, "data.items.0.id")).not.toBe(pick(before, "id"));
    await write("  {}");
  });

  test("are the file's: neither they nor whom they are over can be changed or deleted over the API", async () => {
    const userId = (await addCaller(gateway, { roles: ["tenant_user"], tenantId })).userId;
    await write(`  theirs: { scope: user, scope_id: ${userId}, period: daily, request_limit: 1 }`);
    const [own] = await over(userId);
    const address = `${PATH}/${pickText(own, "id")}`;
    const refused = [
      await gateway.api("PATCH", address, { body: { request_limit: 9 } }),
      await gateway.api("DELETE", address),
      await gateway.api("DELETE", `/v1/users/${userId}`),
    ];
    expect(refused.map(codeOf)).toEqual(refused.map(() => "DECLARED_IN_FILE"));
    expect(await over(userId)).toMatchObject([{ request_limit: 1 }]);
    await write("  {}");
    expect((await gateway.api("DELETE", `/v1/users/${userId}`)).status).toBe(200);
  });

  test("take over the platform's own of the same scope and period, and leave those of others alone", async () => {
    const { userId } = await addCaller(gateway, { roles: ["tenant_user"], tenantId });
    const admin = await addCaller(gateway, { roles: ["tenant_admin"], tenantId });
    const terms = { scope: "user", scope_id: userId, period: "daily", request_limit: 3 };
    const theirs = madeId(await admin.call("POST", PATH, terms));
    const ours = madeId(await gateway.api("POST", PATH, { body: terms }));
    await write(`  adopted: { scope: user, scope_id: ${userId}, period: daily, request_limit: 7 }`);
    const found = new Map((await over(userId)).map((each) => [each["id"], each]));
    expect(found.size).toBe(2);
    expect(found.get(ours)).toMatchObject({ managed_by: "file", request_limit: 7 });
    expect(found.get(theirs)).toMatchObject({ set_by: "tenant", request_limit: 3 });
    expect(found.get(theirs)).not.toHaveProperty("managed_by");
    await write("  {}");
  });

  test("over nobody, over too many or over one with too many are refused, and change nothing", async () => {
    await write("  {}");
    expect(
      await refusalOf("  lost: { scope: tenant, scope_id: acmee, period: daily, request_limit: 1 }"),
    ).toBe('budgets.lost.scope_id names "acmee", which is no tenant that is there');
    const elsewhere = await addTenant(gateway, partnerId);
    for (const tenant of [tenantId, elsewhere]) {
      const body = { display_name: "Bo", email: "bo@example.com", roles: ["tenant_user"], tenant_id: tenant };
      madeId(await gateway.api("POST", "/v1/users", { body }));
    }
    const two = "  two: { scope: user, scope_id: bo@example.com, period: daily, request_limit: 1 }";
    expect(await refusalOf(two)).toContain("budgets.two.scope_id names 2 users: give the id of one");
    const many = Array.from(
      { length: 17 },
      (_, n) => `  b${n}: { scope: tenant, scope_id: ${elsewhere}, period: daily, request_limit: 1 }`,
    );
    expect(await refusalOf(many.join("\n"))).toBe(
      "budgets.b16.scope_id has more budgets than the 16 that a scope may have",
    );
    expect(await over(elsewhere)).toEqual([]);
    await write(many.slice(1).join("\n"));
    expect((await over(elsewhere)).length).toBe(16);
    await write("  {}");
  });

  test("stay as they are where the file is gone at a start, and can be changed over the API", async () => {
    await write("  acme: { scope: tenant, scope_id: acme, period: daily, request_limit: 1000 }");
    await rm(path);
    await gateway.restart();
    const [left] = await over(tenantId);
    // Where other nodes may have the file it stays the file's.
    const isShared = gateway.databaseUrl !== undefined;
    expect([pick(left, "request_limit"), pick(left, "managed_by")]).toEqual([
      1000,
      isShared ? "file" : undefined,
    ]);
  });
});
