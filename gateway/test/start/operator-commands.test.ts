import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Stranger, freshToken } from "../api/people.ts";
import { closedPort } from "../fakes/closed-port.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pickText } from "../harness/json.ts";
import { scaigrid } from "./command.ts";

const TEST_MS_MAX = 150_000;

describe("scaigrid commands for operators", () => {
  const fake = new FaultUpstream({ models: ["fake-ok", "fake-other"] });
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(async () => {
    await gateway.stop();
    fake.stop();
  });
  const command = (...args: readonly string[]) =>
    scaigrid(args, { env: { SCAIGRID_DATA_DIR: gateway.dataDir } });
  const said = async (...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await command(...args);
    expect([code, err]).toEqual([0, ""]);
    return out.trim();
  };

  test(
    "limits of a level are set, told with who set them, and taken away",
    async () => {
      const tenant = pickText((await gateway.api("GET", "/v1/me")).body, "data.tenant.id");
      const set = await said("tenants", "limits", tenant, "--requests", "30", "--concurrent", "0");
      expect(set).toMatch(/^requests_per_minute +30 +platform *$/m);
      expect(set).toMatch(/^concurrent_requests +unlimited +platform *$/m);
      expect(
        await said("tenants", "limits", tenant, "--requests", "none", "--concurrent", "none"),
      ).not.toContain("platform");
      expect(await said("tenants", "limits", tenant)).toContain("installation");
      const odd = await command("tenants", "limits", tenant, "--requests", "many");
      expect([odd.code, odd.err]).toEqual([1, expect.stringContaining("--requests must be a whole number")]);
    },
    TEST_MS_MAX,
  );

  test(
    "who pays for broken streams is told, set and taken away",
    async () => {
      const tenant = pickText((await gateway.api("GET", "/v1/me")).body, "data.tenant.id");
      const about = (...args: readonly string[]) => said("tenants", "broken-streams", tenant, ...args);
      expect(await about("upstream")).toBe("upstream (set by: platform)");
      expect(JSON.parse(await about("--json"))).toEqual({ policy: "upstream", set_by: "platform" });
      expect(await about("none")).toBe("delivered (set by: installation)");
      const odd = await command("tenants", "broken-streams", tenant, "never");
      expect([odd.code, odd.err]).toEqual([1, expect.stringContaining("[policy]")]);
    },
    TEST_MS_MAX,
  );

  test(
    "providers are tried, asked for their models and deleted, backends looked at",
    async () => {
      const { providerId, backendIds } = await addFakeBackend(gateway, fake, { slug: "fake/listed" });
      const backend = String(backendIds[0]);
      expect(await said("providers", "test", "fake/listed")).toBe(
        "The provider answers and accepts the key.",
      );
      const found = await said("providers", "discover", providerId);
      expect(found).toMatch(new RegExp(`^fake-ok .*${backend}`, "m"));
      expect(found).toMatch(/^fake-other +false +–/m);
      expect(await said("providers", "list")).toMatch(new RegExp(`^${providerId} +fake/listed `, "m"));
      expect(await said("backends", "list")).toMatch(
        new RegExp(`^${backend} +fake/listed +fake-ok +fake/listed +openai-chat`, "m"),
      );
      expect(await said("backends", "health", backend, "--check")).toStartWith("healthy: ");
      const silent = { url: `http://127.0.0.1:${closedPort()}/v1` };
      const down = String((await addFakeBackend(gateway, silent)).backendIds[0]);
      expect(await said("backends", "health", down)).not.toStartWith("healthy: ");
      expect(await command("backends", "health", down, "--check")).toMatchObject({
        code: 1,
        err: expect.stringContaining(`${down} is `),
      });
      const inUse = await command("providers", "delete", providerId);
      expect([inUse.code, inUse.err]).toEqual([1, expect.stringContaining("PROVIDER_")]);
      await said("backends", "delete", backend);
      expect(await said("providers", "delete", providerId)).toBe(`${providerId} is deleted`);
    },
    TEST_MS_MAX,
  );

  test(
    "a person's browsers are listed and signed out",
    async () => {
      const stranger = new Stranger(() => gateway.url);
      await stranger.claim(await freshToken(gateway), "ada@example.com");
      const people = await said("users", "list");
      const ada = /^(user_\w+) .*ada@example\.com/m.exec(people)?.[1] ?? "";
      const session = pickText(JSON.parse(await said("sessions", "list", ada, "--json")), "0.id");
      expect(await said("sessions", "end", session)).toBe(`${session} is ended`);
      expect(await said("sessions", "list", ada)).not.toContain(session);
    },
    TEST_MS_MAX,
  );
});
