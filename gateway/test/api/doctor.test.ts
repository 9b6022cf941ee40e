import { expect, test } from "bun:test";
import { chmod, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isObject } from "../harness/json.ts";
import { scaigrid, temporaryFolder } from "../start/command.ts";
import { describeApi } from "./started.ts";
import { madeId } from "./tenancy.ts";

/** What was found of each check. */
async function examined(env: Readonly<Record<string, string>>) {
  const { code, out } = await scaigrid(["doctor", "--json"], { env });
  const findings: unknown = JSON.parse(out);
  const states: Record<string, unknown> = {};
  for (const each of Array.isArray(findings) ? findings.filter(isObject) : []) {
    states[String(each["check"])] = each["state"];
  }
  return { code, states };
}

describeApi("the doctor", (api) => {
  const env = (): Record<string, string> => {
    const { dataDir, databaseUrl } = api.gateway;
    return {
      SCAIGRID_DATA_DIR: dataDir,
      ...(databaseUrl !== undefined && { SCAIGRID_DATABASE_URL: databaseUrl }),
    };
  };

  test("finds a gateway that runs well to be well, with each of its providers", async () => {
    const body = {
      type: "custom",
      name: "house",
      base_url: api.fake.url,
      connection_config: { api_key: "k" },
    };
    madeId(await api.gateway.api("POST", "/v1/providers", { body }));
    const { code, states } = await examined(env());
    expect(states).toMatchObject({
      environment: "ok",
      machine: "ok",
      "data folder": "ok",
      disk: "ok",
      store: "ok",
      clock: "ok",
      gateway: "ok",
      "provider house": "ok",
    });
    expect(code).toBe(0);
  });

  test("tells of a provider that does not answer, and ends with 1", async () => {
    const closed = {
      type: "custom",
      name: "gone",
      base_url: "http://127.0.0.1:1/v1",
      connection_config: { api_key: "k" },
    };
    const id = madeId(await api.gateway.api("POST", "/v1/providers", { body: closed }));
    const { code, states } = await examined(env());
    expect([code, states["provider gone"], states["gateway"]]).toEqual([1, "failed", "ok"]);
    await api.gateway.api("DELETE", `/v1/providers/${id}`);
  });

  test("tells of a folder that others can read, for people in a table with what to do", async () => {
    await chmod(api.gateway.dataDir, 0o755);
    const seen = await scaigrid(["doctor"], { env: env() });
    await chmod(api.gateway.dataDir, 0o700);
    expect(seen.out).toMatch(/^STATE +CHECK +FOUND$/m);
    expect(seen.out).toMatch(/^warning +data folder +.*open to other users/m);
    expect(seen.err).toContain(`chmod 700 ${api.gateway.dataDir}`);
  });

  test("finds nothing wrong before the first start, and makes nothing", async () => {
    const folder = join(await temporaryFolder(), "data");
    const { code, states } = await examined({ SCAIGRID_DATA_DIR: folder, SCAIGRID_PORT: "0" });
    expect([code, states["store"], states["port"], states["providers"]]).toEqual([0, "ok", "ok", "skipped"]);
    expect(await stat(folder).catch(() => undefined)).toBeUndefined();
  });

  test("tells of a setting, a file, a port, a folder and a server that are no good", async () => {
    expect(await examined({ SCAIGRID_PORT: "many" })).toMatchObject({
      code: 1,
      states: { environment: "failed", machine: "ok" },
    });
    const folder = await temporaryFolder();
    const taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    const file = join(folder, "wrong.yaml");
    await Bun.write(file, "provders: {}");
    const wrong = await examined({
      SCAIGRID_DATA_DIR: join(file, "data"),
      SCAIGRID_HOST: "127.0.0.1",
      SCAIGRID_PORT: String(taken.port),
      SCAIGRID_CONFIG: file,
      SCAIGRID_DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
    });
    taken.stop(true);
    expect(wrong).toMatchObject({
      code: 1,
      states: { "configuration file": "failed", "data folder": "failed", store: "failed", port: "failed" },
    });
    await rm(folder, { recursive: true, force: true });
  });
});
