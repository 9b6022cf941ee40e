import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";
import { scaigrid } from "./command.ts";
import type { Ended } from "./command.ts";

const UPSTREAM = { url: "http://127.0.0.1:1/v1" };

describe("scaigrid models", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.stop());

  function command(...args: readonly string[]): Promise<Ended> {
    return scaigrid(args, { env: { SCAIGRID_DATA_DIR: gateway.dataDir } });
  }

  async function statusOf(path: string): Promise<number> {
    return (await gateway.api("GET", path)).status;
  }

  test("list prints each model with its prices and backends", async () => {
    await addFakeBackend(gateway, UPSTREAM, { slug: "list/me" });
    const listed = await command("models", "list");
    expect(listed).toMatchObject({ code: 0, err: "" });
    expect(listed.out.split("\n")[0]).toMatch(/^MODEL +INPUT +OUTPUT +BACKENDS$/);
    expect(listed.out).toMatch(/^list\/me +2\.5 +10 +1$/m);
    const asJson = await command("models", "list", "--json");
    expect(pick(JSON.parse(asJson.out), "0.slug")).toBe("list/me");
  });

  test("remove takes back what providers add made, so that the slug is free again", async () => {
    const args = ["custom", "--url", UPSTREAM.url, "--model", "m", "--slug", "take/back", "--free", "--json"];
    const made: unknown = JSON.parse((await command("providers", "add", ...args)).out);
    const removed = await command("models", "remove", "take/back");
    expect(removed).toMatchObject({ code: 0, out: "take/back is removed\n" });
    const paths = [
      "/v1/models/take/back",
      `/v1/backends/${pickText(made, "backend_id")}`,
      `/v1/providers/${pickText(made, "provider_id")}`,
    ];
    expect(await Promise.all(paths.map(statusOf))).toEqual([404, 404, 404]);
    expect((await command("providers", "add", ...args)).code).toBe(0);
  });

  test("remove leaves alone the backend that serves another model too", async () => {
    const { backendIds, providerId } = await addFakeBackend(gateway, UPSTREAM, { slug: "shared/one" });
    const other = await gateway.api("POST", "/v1/models", {
      body: { slug: "shared/two", display_name: "Two", context_window: 1_000, free: true },
    });
    const policy = { model_id: pick(other.body, "data.id"), targets: [{ backend_id: backendIds[0] }] };
    expect((await gateway.api("POST", "/v1/routing-policies", { body: policy })).status).toBe(201);
    expect((await command("models", "remove", "shared/one")).code).toBe(0);
    const paths = ["/v1/models/shared/one", `/v1/backends/${backendIds[0]}`, `/v1/providers/${providerId}`];
    expect(await Promise.all(paths.map(statusOf))).toEqual([404, 200, 200]);
  });

  test("remove leaves alone the provider that has another backend, and says so", async () => {
    const { backendIds, providerId } = await addFakeBackend(gateway, UPSTREAM, { slug: "account/one" });
    const second = { provider_id: providerId, upstream_model: "second", free: true };
    expect((await gateway.api("POST", "/v1/backends", { body: second })).status).toBe(201);
    const removed = await command("models", "remove", "account/one");
    expect(removed.code).toBe(0);
    expect(removed.err).toContain("stays: it has 1 more backend");
    const paths = [`/v1/backends/${backendIds[0]}`, `/v1/providers/${providerId}`];
    expect(await Promise.all(paths.map(statusOf))).toEqual([404, 200]);
  });

  test("remove of a slug that no model has names the nearest", async () => {
    const refused = await command("models", "remove", "scailabs/poolnoodle-onmi");
    expect([refused.code, refused.out]).toEqual([1, ""]);
    expect(refused.err).toContain("scailabs/poolnoodle-omni");
  });
});
