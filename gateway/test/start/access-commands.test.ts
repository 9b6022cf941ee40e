import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SANDBOX } from "../api/started.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pickText } from "../harness/json.ts";
import { scaigrid } from "./command.ts";

const TEST_MS_MAX = 150_000;

describe("scaigrid commands for who may do what", () => {
  let gateway: Gateway;
  let tenant = "";
  let user = "";
  beforeAll(async () => {
    gateway = await startGateway();
    const me = (await gateway.api("GET", "/v1/me", { key: gateway.firstKey })).body;
    tenant = pickText(me, "data.tenant.id");
    user = pickText(me, "data.user.id");
  });
  afterAll(() => gateway.stop());

  const command = (...args: readonly string[]) =>
    scaigrid(args, { env: { SCAIGRID_DATA_DIR: gateway.dataDir } });
  const said = async (...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await command(...args);
    expect([code, err]).toEqual([0, ""]);
    return out.trim();
  };
  const listed = async (...args: readonly string[]): Promise<unknown> =>
    JSON.parse(await said(...args, "list", "--json"));

  test(
    "groups get members, and their roles by mappings",
    async () => {
      const group = await said("groups", "create", "Research", "--tenant", tenant);
      expect(group).toMatch(/^group_\w{26}$/);
      expect(await said("groups", "add", "Research", "First application")).toBe(
        "First application is in Research",
      );
      expect(await said("groups", "list")).toMatch(
        new RegExp(`^${group} +Research +1 +local +${tenant}`, "m"),
      );
      const role = await said(
        "roles",
        "create",
        "keeper",
        "Keeper",
        "api_keys:manage",
        "models:list",
        "--tenant",
        tenant,
      );
      const mapping = await said("role-mappings", "create", group, "--custom-role", role);
      expect(await listed("role-mappings")).toMatchObject([{ id: mapping, custom_role_id: role }]);
      const neither = await command("role-mappings", "create", "Research");
      expect([neither.code, neither.err]).toEqual([
        1,
        expect.stringContaining("--role: give either --role or --custom-role"),
      ]);
      await said("role-mappings", "delete", mapping);
      await said("roles", "delete", role);
      expect(await said("groups", "remove", group, user)).toBe(`${user} is no longer in ${group}`);
      expect(await said("groups", "delete", group)).toBe(`${group} is deleted`);
    },
    TEST_MS_MAX,
  );

  test(
    "models are blocked for a user, alone and together with others",
    async () => {
      const together = await said(
        "model-groups",
        "create",
        "Sandboxes",
        SANDBOX,
        "home/*",
        "--tenant",
        tenant,
      );
      const options = ["--id", user, "--tenant", tenant];
      const one = await said("access", "create", "block", "user", "--model", SANDBOX, ...options);
      const named = ["--id", "First application", "--tenant", "default"];
      const both = await said("access", "create", "block", "user", "--model-group", together, ...named);
      expect(await listed("access")).toMatchObject([
        { id: both, effect: "block", model_group_name: "Sandboxes" },
        { id: one, effect: "block", model: SANDBOX },
      ]);
      for (const rule of [one, both]) await said("access", "delete", rule);
      await said("model-groups", "delete", together);
    },
    TEST_MS_MAX,
  );

  test(
    "backends are granted to a tenant, and taken back",
    async () => {
      const { backendIds } = await addFakeBackend(gateway, { url: "http://127.0.0.1:9/v1" });
      const grant = await said("grants", "create", String(backendIds[0]), "--tenant", tenant);
      expect(await said("grants", "list")).toMatch(new RegExp(`^${grant} .*${tenant} +platform +true`, "m"));
      expect(await said("grants", "delete", grant)).toBe(`${grant} is deleted`);
    },
    TEST_MS_MAX,
  );
});
