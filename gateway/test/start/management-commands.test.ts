import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { eventually, MESSAGES, SANDBOX, requestIdOf } from "../api/started.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { isObject, pick, pickText } from "../harness/json.ts";
import { scaigrid, temporaryFolder } from "./command.ts";
import type { Ended } from "./command.ts";

const TEST_MS_MAX = 150_000;

describe("scaigrid commands for management", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.stop());

  const command = (...args: readonly string[]): Promise<Ended> =>
    scaigrid(args, { env: { SCAIGRID_DATA_DIR: gateway.dataDir } });
  const chat = (key: string) =>
    gateway.api("POST", "/v1/inference/chat", { key, body: { model: SANDBOX, messages: MESSAGES } });
  const json = async (...args: readonly string[]): Promise<unknown> => {
    const { code, out, err } = await command(...args, "--json");
    expect([code, err]).toEqual([0, ""]);
    return JSON.parse(out);
  };

  test(
    "budgets are made, told with how they stand, changed and deleted",
    async () => {
      const user = pickText((await gateway.api("GET", "/v1/me")).body, "data.user.id");
      const refused = await command("budgets", "create", "user", user, "--period", "daily", "--cost", "-1");
      expect([refused.code, refused.err]).toEqual([
        1,
        expect.stringContaining("--cost: must not be negative"),
      ]);
      const terms = ["--period", "daily", "--cost", "12.50", "--action", "notify"];
      const made = await command("budgets", "create", "user", user, ...terms);
      expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^budget_\w{26}\n$/)]);
      const id = made.out.trim();
      expect((await chat(gateway.adminKey)).status).toBe(200);
      expect(await json("budgets", "list", "--of", user)).toEqual([
        expect.objectContaining({ id, cost_limit: "12.5", hard_action: "notify", state: "ok" }),
      ]);
      const changed = await command("budgets", "change", id, "--cost", "none", "--requests", "9");
      expect(changed.out).toMatch(
        new RegExp(`^${id} .* notify .* ok .* USD / \\d+ tokens / 1 request .* – / – / 9 requests `, "m"),
      );
      expect((await command("budgets", "delete", id)).out).toBe(`${id} is deleted\n`);
      expect(await json("budgets", "list", "--of", user)).toEqual([]);
    },
    TEST_MS_MAX,
  );

  test(
    "what has a slug, a name or an e-mail address goes by it; a name that none or several have is refused",
    async () => {
      const make = async (kind: string, name: string, ...more: string[]): Promise<string> =>
        (await command(kind, "create", name, ...more)).out.trim();
      const twins = [];
      for (const email of ["ida@example.com", "ida@example.org"]) {
        twins.push(await make("users", "Ida", "--email", email));
      }
      const limit = ["--period", "total", "--requests", "5"];
      for (const [scope, of] of [
        ["tenant", "default"],
        ["user", "ida@example.org"],
        ["api_key", "first key"],
      ] as const) {
        expect(await make("budgets", scope, of, ...limit)).toStartWith("budget_");
      }
      const listed = await json("budgets", "list", "--scope", "user", "--of", "ida@example.org");
      expect(listed).toEqual([expect.objectContaining({ scope_id: twins[1], request_limit: 5 })]);
      const { out } = await command("budgets", "list");
      for (const [scope, name] of [
        ["tenant", "Default"],
        ["user", "ida@example\\.org"],
        ["api_key", "first key"],
      ] as const) {
        expect(out).toMatch(new RegExp(`^budget_\\w{26} +${scope} +${name} +total `, "m"));
      }
      expect((await command("tenants", "limits", "default")).code).toBe(0);
      const refusals = [
        [["budgets", "create", "tenant", "defalt", ...limit], "<of>: no tenant here is called defalt"],
        [["budgets", "list", "--of", "default"], "--of: default is no id; with --scope it may be"],
        [["users", "list", "--tenant", "nobody's"], "--tenant: no tenant here is called nobody's"],
        [["budgets", "create", "user", "Ida", ...limit], `${twins[1]}  ida@example.org  Ida`],
        [["budgets", "create", "user", "Ida", ...limit], `${twins[0]}  ida@example.com  Ida`],
      ] as const;
      for (const [args, words] of refusals) {
        const refused = await command(...args);
        expect([refused.code, refused.err]).toEqual([1, expect.stringContaining(words)]);
      }
    },
    TEST_MS_MAX,
  );

  test(
    "the ledger tells what is owed, and takes corrections",
    async () => {
      const tenant = pickText((await gateway.api("GET", "/v1/me")).body, "data.tenant.id");
      const missing = await command("ledger", "adjust", "--reason", "x", "--", "-1");
      expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("--tenant: ")]);
      const made = await command(
        "ledger",
        "adjust",
        "--tenant",
        tenant,
        "--reason",
        "goodwill",
        "--",
        "-12.50",
      );
      expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^adj_\w{26}\n$/)]);
      expect(await json("ledger", "adjustments", "--tenant", tenant)).toEqual([
        expect.objectContaining({ id: made.out.trim(), amount: "-12.5", reason: "goodwill" }),
      ]);
      expect(await json("ledger", "balances", "--tenant", tenant, "--account", "adjustments")).toEqual([
        { owner: "tenant", owner_id: tenant, account: "adjustments", balance: "12.5" },
      ]);
      expect((await command("ledger", "entries")).out).toMatch(/tenant_adjustment .* receivable +-12\.5 /);
    },
    TEST_MS_MAX,
  );

  test(
    "keys create prints the key alone; rotate gives another one; revoke ends it",
    async () => {
      // The command line on the gateway's machine is nobody whom a key could belong to.
      const nobodys = await command("keys", "create", "billing");
      expect([nobodys.code, nobodys.err]).toEqual([1, expect.stringContaining("--user: must name the user")]);
      const user = pickText((await gateway.api("GET", "/v1/me")).body, "data.user.id");
      const made = await command("keys", "create", "billing", "--user", user, "--models", "scailabs/*");
      expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^sgk_\w+\n$/)]);
      expect(made.err).toContain("shown only now");
      const listed = await json("keys", "list");
      const key = Array.isArray(listed)
        ? listed.filter(isObject).find((each) => each["name"] === "billing")
        : undefined;
      expect(key?.["models"]).toEqual(["scailabs/*"]);
      const id = String(key?.["id"]);
      expect((await command("keys", "list")).out).toMatch(new RegExp(`^${id} +billing +sgk_.*active`, "m"));
      expect((await gateway.api("GET", "/v1/me", { key: made.out.trim() })).status).toBe(200);
      const next = await command("keys", "rotate", id, "--overlap-hours", "0");
      expect(next.code).toBe(0);
      expect((await gateway.api("GET", "/v1/me", { key: made.out.trim() })).status).toBe(401);
      const nextId = /apikey_\w+/.exec(next.err)?.[0] ?? "";
      // The key it took the place of has ended, so that the name is this one's alone.
      expect(nextId).not.toBe(id);
      expect(await command("keys", "revoke", "billing")).toMatchObject({
        code: 0,
        out: "billing is revoked\n",
      });
      expect((await gateway.api("GET", "/v1/me", { key: next.out.trim() })).status).toBe(401);
    },
    TEST_MS_MAX,
  );

  test(
    "partners, tenants and users are made, suspended, resumed and deleted",
    async () => {
      const partner = (await command("partners", "create", "north", "North")).out.trim();
      const tenant = (
        await command("tenants", "create", "acme", "Acme", "--partner", partner, "--time-zone", "Europe/Oslo")
      ).out.trim();
      const service = ["--kind", "service", "--tenant", tenant, "--roles", "tenant_user"];
      const user = (await command("users", "create", "Ada's service", ...service)).out.trim();
      expect([partner, tenant, user]).toEqual([
        expect.stringMatching(/^partner_/),
        expect.stringMatching(/^tenant_/),
        expect.stringMatching(/^user_/),
      ]);
      const table = (await command("tenants", "list", "--partner", partner)).out;
      expect(table).toMatch(new RegExp(`^${tenant} +acme +Acme +active +Europe/Oslo +${partner}$`, "m"));
      expect((await command("tenants", "suspend", tenant)).out).toBe(`${tenant} is suspended\n`);
      expect(pick(await json("tenants", "list", "--status", "suspended"), "0.id")).toBe(tenant);
      expect((await command("tenants", "resume", tenant)).code).toBe(0);
      expect(pick(await json("users", "list", "--tenant", tenant), "0.display_name")).toBe("Ada's service");
      const inUse = await command("tenants", "delete", tenant);
      expect([inUse.code, inUse.err]).toEqual([1, expect.stringContaining("CONFLICT")]);
      for (const [group, id] of [
        ["users", user],
        ["tenants", tenant],
        ["partners", partner],
      ] as const) {
        expect(await command(group, "delete", id)).toMatchObject({ code: 0, out: `${id} is deleted\n` });
      }
      const person = await command("users", "create", "Grace", "--email", "grace@example.com");
      expect(person.err).toContain("/admin/");
      const refused = await command("users", "create", "Nobody");
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("--email")]);
    },
    TEST_MS_MAX,
  );

  test(
    "usage, requests and audit tell what was done",
    async () => {
      // Other tests of this file have made calls of their own.
      const countBy = async (group: string): Promise<number> => {
        const rows = await json("usage", "--by", group, "--period", "day");
        return Array.isArray(rows)
          ? rows.reduce((sum, row) => sum + Number(pick(row, "request_count")), 0)
          : 0;
      };
      const before = await countBy("user");
      const id = requestIdOf(await chat(gateway.firstKey));
      await eventually(
        "settled request",
        () => gateway.api("GET", `/v1/requests/${id}`),
        (reply) => reply.status === 200,
      );
      expect((await command("usage")).out).toMatch(new RegExp(`^${SANDBOX} +${before + 1} `, "m"));
      expect(await countBy("user")).toBe(before + 1);
      const vague = await command("usage", "--by", "day");
      expect([vague.code, vague.err]).toEqual([
        1,
        expect.stringContaining("\n  --start: a summary by day needs"),
      ]);
      expect((await command("requests", "list", "--outcome", "odd")).err).toContain("\n  --outcome: ");
      expect((await command("requests", "list", "--limit", "5")).out).toContain(id);
      const trace = await command("requests", "get", id);
      const told: unknown = JSON.parse(trace.out);
      expect(pickText(told, "request_id")).toBe(id);
      expect(pickText(told, "attempts.0.backend")).toBe("sandbox:poolnoodle-omni");
      const unknown = await command("requests", "get", "req_unknown");
      expect([unknown.code, unknown.out, unknown.err]).toEqual([1, "", expect.stringContaining("NOT_FOUND")]);
      await gateway.api("POST", "/v1/api-keys", { body: { name: "on record" } });
      const entries = await json("audit", "list", "--action", "api_key.create", "--limit", "1");
      expect(pick(entries, "0.status")).toBe("SUCCESS");
      expect((await command("audit", "list")).out).toContain("api_key.create");
    },
    TEST_MS_MAX,
  );

  test(
    "login remembers a gateway elsewhere for this user alone, once it has answered; logout forgets it",
    async () => {
      const home = await temporaryFolder();
      const elsewhere = { HOME: home, SCAIGRID_DATA_DIR: join(home, "data") };
      const there = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
        scaigrid(args, { env: { ...elsewhere, ...env } });
      const file = join(home, ".config", "scaigrid", "login.json");
      const unset = await there(["login", gateway.url]);
      expect([unset.code, unset.err]).toEqual([1, expect.stringContaining("SCAIGRID_API_KEY is not set")]);
      const wrong = await there(["login", gateway.url], { SCAIGRID_API_KEY: "sgk_wrong" });
      expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("AUTH_TOKEN_INVALID")]);
      const login = ["login", gateway.url, "--key-env", "MY_KEY"];
      const done = await there(login, { MY_KEY: gateway.adminKey });
      expect([done.code, done.out]).toEqual([0, expect.stringContaining("super_admin")]);
      expect(done.out + done.err).not.toContain(gateway.adminKey);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect((await there(["tenants", "list"])).out).toContain("default");
      expect((await there(["logout"])).code).toBe(0);
      const forgotten = await there(["tenants", "list"]);
      expect([forgotten.code, forgotten.err]).toEqual([1, expect.stringContaining("scaigrid login")]);
      rmSync(home, { recursive: true });
    },
    TEST_MS_MAX,
  );
});
