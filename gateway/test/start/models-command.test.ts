import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { itemsOf } from "../api/started.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";
import { scaigrid } from "./command.ts";
import type { Ended } from "./command.ts";

const PATHS = ["/v1/backends", "/v1/models", "/v1/routing-policies"];
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

  /** How many there are of each. */
  function countsOf(paths: readonly string[]): Promise<number[]> {
    return Promise.all(paths.map(async (path) => itemsOf(await gateway.api("GET", path)).length));
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

  test("add makes a further model at a provider that is there, and prints a call that works as pasted", async () => {
    const fake = new FaultUpstream();
    try {
      const { providerId } = await addFakeBackend(gateway, fake, { slug: "further/one" });
      const name = pickText((await gateway.api("GET", `/v1/providers/${providerId}`)).body, "data.name");
      const prices = ["--input-price", "1", "--output-price", "2"];
      const added = await command(
        "models",
        "add",
        name,
        "fake-ok?tokens=3",
        "--slug",
        "further/two",
        ...prices,
      );
      expect([added.code, added.out]).toEqual([0, "further/two is served by custom:fake-ok?tokens=3\n"]);
      expect(added.err).toContain("does not list fake-ok?tokens=3: calls fail unless");
      const pasted = /^ {2}(curl .+)$/m.exec(added.err)?.[1] ?? "";
      const shell = Bun.spawn(["sh", "-c", `${pasted} -s`], {
        env: { PATH: process.env["PATH"] ?? "", SCAIGRID_API_KEY: gateway.firstKey },
        stdout: "pipe",
      });
      const answer: unknown = JSON.parse(await shell.stdout.text());
      expect(pick(answer, "data.model")).toBe("further/two");
      const backends = await gateway.api("GET", `/v1/backends?provider_id=${providerId}`);
      const models = itemsOf(backends).map((backend) => String(backend["upstream_model"]));
      expect(models.toSorted()).toEqual(["fake-ok", "fake-ok?tokens=3"]);
    } finally {
      fake.stop();
    }
  });

  test("add gives what is served already a second name when asked to, over the same backend, and refuses otherwise", async () => {
    const { backendIds, providerId } = await addFakeBackend(gateway, UPSTREAM, { slug: "twice/one" });
    const before = await countsOf(PATHS);
    const add = (...args: readonly string[]) => command("models", "add", providerId, ...args, "--json");
    const refusals = [
      [["fake-ok", "--free"], "as twice/one: --slug makes a second name for it"],
      [["other", "--free", "--slug", "twice/one"], "a model is called twice/one already"],
      [["a", "b", "--free", "--slug", "twice/two"], "--slug is for one model"],
      [["other"], "--input-price and --output-price"],
      [["other", "--free", "--slug", "Twice"], "--slug: must be"],
    ] as const;
    for (const [args, words] of refusals) {
      const refused = await add(...args);
      expect([refused.code, refused.out, refused.err]).toEqual([1, "", expect.stringContaining(words)]);
    }
    expect(await countsOf(PATHS)).toEqual(before);
    const second: unknown = JSON.parse((await add("fake-ok", "--free", "--slug", "twice/two")).out);
    expect(second).toMatchObject({ provider_id: providerId, backend_id: backendIds[0], slug: "twice/two" });
    expect(await statusOf("/v1/models/twice%2Ftwo")).toBe(200);
  });

  test("add of a provider that none is called names the nearest; one of several has to be given by its id", async () => {
    const nobody = await command("models", "add", "sandbx", "m", "--free");
    expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining("did you mean Sandbox?")]);
    const ids = [];
    for (const slug of ["equal/one", "equal/two"]) {
      ids.push((await addFakeBackend(gateway, UPSTREAM, { slug, provider: { name: "Equal" } })).providerId);
    }
    const several = await command("models", "add", "equal", "m", "--free");
    expect(several.code).toBe(1);
    for (const id of ids) expect(several.err).toContain(id);
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
