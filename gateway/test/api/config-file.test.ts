import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";
import { scaigrid, temporaryFolder } from "../start/command.ts";

const WAIT_MS = 15_000;
const ASK_AGAIN_MS = 20;
const ENV = {
  HOUSE_KEY: "house-key-0042",
  SECOND_KEY: "second-key-0042",
  PRESENT_ID: "AKIDEXAMPLE",
  PRESENT_SECRET: "secret-of-the-test",
};
const MESSAGES = [{ role: "user", content: "Hello" }];

describe("a configuration file", () => {
  const fake = new FaultUpstream();
  let gateway: Gateway;
  let folder = "";
  let path = "";

  /** A provider, a backend, a model and its policy; `more` stands at the end. */
  function text(name = "Declared", more = ""): string {
    return `
providers:
  house:
    type: custom
    base_url: ${fake.url}
    connection_config: { api_key: "env:HOUSE_KEY" }
backends:
  steady:
    provider: house
    upstream_model: fake-ok
    costs: { input_per_mtok: "1", output_per_mtok: "2" }
models:
  house/model:
    display_name: ${name}
    context_window: 8000
    prices: { input_per_mtok: "2", output_per_mtok: "4" }
routing_policies:
  house/model:
    targets: [{ backend: steady }]
${more}`;
  }

  function lines(event: string): number {
    return gateway.output.text.split(`"event":"${event}"`).length - 1;
  }

  async function state(): Promise<unknown> {
    return pick((await gateway.api("GET", "/v1/config-file")).body, "data");
  }

  /** Resolves once the gateway is as the file says. */
  async function inForce(): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    while (!Bun.deepEquals(pick(await state(), "drift"), []) || pick(await state(), "state") !== "in_force") {
      if (Date.now() > deadline) throw new Error(`not as the file says: ${JSON.stringify(await state())}`);
      await Bun.sleep(ASK_AGAIN_MS);
    }
  }

  /** Writes the file and says so, and waits until the gateway is as it says. */
  async function write(content: string): Promise<void> {
    await writeFile(path, content);
    process.kill(gateway.pid, "SIGHUP");
    await inForce();
  }

  /** Writes a file that cannot be taken over, and waits until the gateway has said so. */
  async function writeWrong(content: string): Promise<void> {
    const before = lines("config_file_refused");
    await writeFile(path, content);
    const said = () => lines("config_file_refused") > before || undefined;
    await gateway.output.until("the file is refused", said, WAIT_MS);
  }

  async function model(): Promise<unknown> {
    return pick((await gateway.api("GET", "/v1/models/house/model")).body, "data");
  }

  async function id(list: string): Promise<string> {
    const { body } = await gateway.api("GET", `/v1/${list}`);
    const items = pick(body, "data.items");
    const own = Array.isArray(items) ? items.find((item) => pick(item, "managed_by") === "file") : undefined;
    return pickText(own, "id");
  }

  beforeAll(async () => {
    folder = await temporaryFolder();
    path = join(folder, "scaigrid.yaml");
    await writeFile(path, text());
    gateway = await startGateway({ dataDir: folder, env: ENV });
  });
  afterAll(async () => {
    await gateway.stop();
    fake.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("makes models that can be called, with the key where the file says", async () => {
    await write(text());
    const body = { model: "house/model", messages: MESSAGES };
    expect((await gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body })).status).toBe(
      200,
    );
    expect(pick(await model(), "managed_by")).toBe("file");
    const provider = await gateway.api("GET", `/v1/providers/${await id("providers")}`);
    expect(pick(provider.body, "data.connection")).toMatchObject({ api_key_from: "env:HOUSE_KEY" });
  });

  test("takes credentials of several parts and several keys, each from where the file says", async () => {
    const more = `
  cloud:
    type: bedrock
    base_url: ${fake.url}
    connection_config: { access_key_id: "env:ABSENT_ID", secret_access_key: "env:ABSENT_SECRET", region: eu-west-1 }
  many:
    type: custom
    base_url: ${fake.url}
    connection_config: { api_key: "env:HOUSE_KEY", more_api_keys: ["env:SECOND_KEY"] }
backends:`;
    await write(text().replace("\nbackends:", more));
    await gateway.restart();
    expect(await state()).toMatchObject({ state: "in_force", problems: [], drift: [] });
    await write(text().replace("\nbackends:", more.replace("SECOND_KEY", "HOUSE_KEY")));
    const log = await gateway.api("GET", "/v1/audit-log?action=config_file.apply&limit=1");
    expect(pick(log.body, "data.items.0.changes")).toEqual({
      "providers.many": ["present", "update: connection_config"],
    });
    const wrong = more.replace("region: eu-west-1", "region: eu-west-1, client_id: me");
    await writeFile(path, text().replace("\nbackends:", wrong.replaceAll("ABSENT", "PRESENT")));
    expect(await state()).toMatchObject({ state: "refused" });
    expect(pickText(await state(), "problems.0.message")).toContain("connection_config.client_id");
  });

  test("owns what it declares: every change over the API is 409, and says where to make it", async () => {
    await write(text());
    const targets = [
      ["PATCH", `/v1/providers/${await id("providers")}`, { name: "Mine" }],
      ["DELETE", `/v1/providers/${await id("providers")}`, undefined],
      ["PATCH", `/v1/backends/${await id("backends")}`, { status: "disabled" }],
      ["DELETE", `/v1/backends/${await id("backends")}`, undefined],
      ["PATCH", `/v1/models/${pickText(await model(), "id")}`, { display_name: "Mine" }],
      ["PUT", `/v1/models/${pickText(await model(), "id")}`, { slug: "house/model", context_window: 1 }],
      ["DELETE", `/v1/models/${pickText(await model(), "id")}`, undefined],
      ["PATCH", `/v1/routing-policies/${await id("routing-policies")}`, { midstream: "buffer" }],
      ["DELETE", `/v1/routing-policies/${await id("routing-policies")}`, undefined],
    ] as const;
    for (const [method, address, body] of targets) {
      const refused = await gateway.api(method, address, { body });
      expect([method, address, refused.status, pick(refused.body, "error.code")]).toEqual([
        method,
        address,
        409,
        "DECLARED_IN_FILE",
      ]);
    }
    expect(pick(await model(), "display_name")).toBe("Declared");
  });

  test("is taken over when it changes, with an entry in the audit log", async () => {
    await write(text());
    await writeFile(path, text("Renamed"));
    await inForce();
    expect(pick(await model(), "display_name")).toBe("Renamed");
    const log = await gateway.api("GET", "/v1/audit-log?action=config_file.apply&limit=1");
    expect(pick(log.body, "data.items.0.changes")).toEqual({
      "models.house/model": ["present", "update: display_name"],
    });
    expect(pick(log.body, "data.items.0.actor_type")).toBe("system");
  });

  test("that is at fault changes nothing, is told of with its line, and is taken over once it is right", async () => {
    await write(text());
    const before = await model();
    await writeWrong(text("Half").replace("display_name:", "dispaly_name:"));
    expect(await model()).toEqual(before);
    const line =
      text()
        .split("\n")
        .findIndex((each) => each.includes("display_name")) + 1;
    expect(await state()).toMatchObject({
      path,
      state: "refused",
      problems: [
        {
          line,
          column: 5,
          message: "models.house/model.dispaly_name is not a known field; did you mean display_name?",
        },
      ],
    });
    const log = await gateway.api("GET", "/v1/audit-log?action=config_file.apply&status=FAILURE&limit=1");
    expect(pick(log.body, "data.items.0.error_code")).toBe("VALIDATION_ERROR");
    await write(text("Whole"));
    expect(pick(await model(), "display_name")).toBe("Whole");
  });

  test("is read again on SIGHUP, which ends no gateway that has one", async () => {
    await write(text());
    const before = lines("config_file_applied");
    process.kill(gateway.pid, "SIGHUP");
    const again = () => lines("config_file_applied") > before || undefined;
    await gateway.output.until("the file is applied", again, WAIT_MS);
    expect((await gateway.api("GET", "/health")).status).toBe(200);
  });

  test("that drops something deletes it, unless something made elsewhere stands on it", async () => {
    const spare = "  spare: { provider: house, upstream_model: fake-ok, free: true }\nmodels:";
    await write(text().replace("models:", spare));
    const body = { provider_id: await id("providers"), upstream_model: "fake-ok", free: true };
    const own = pickText((await gateway.api("POST", "/v1/backends", { body })).body, "data.id");
    await write(text());
    const items = pick((await gateway.api("GET", "/v1/backends")).body, "data.items");
    const declared = Array.isArray(items) ? items.filter((item) => pick(item, "managed_by") === "file") : [];
    expect(declared.length).toBe(1);

    await writeWrong("{}");
    const told = await state();
    expect(pickText(told, "problems.0.message")).toContain(own);
    expect(pick(told, "drift")).toContainEqual({
      section: "models",
      name: "house/model",
      id: pickText(await model(), "id"),
      change: "delete",
      fields: [],
    });
    // The file stays as it is: what stood in its way goes.
    await gateway.api("DELETE", `/v1/backends/${own}`);
    await inForce();
    expect((await gateway.api("GET", "/v1/models/house/model")).status).toBe(404);
  });

  test("takes over what the store has under the same name", async () => {
    await write("{}");
    const body = { slug: "house/model", context_window: 1000, display_name: "Made by hand", free: true };
    const made = await gateway.api("POST", "/v1/models", { body });
    await write(text("Adopted"));
    expect(await model()).toMatchObject({
      id: pickText(made.body, "data.id"),
      display_name: "Adopted",
      context_window: 8000,
      managed_by: "file",
    });
  });

  test("has its format published as a JSON Schema, and checked and compared by the command line", async () => {
    await write(text());
    const schema: unknown = await (await fetch(`${gateway.url}/schemas/scaigrid.json`)).json();
    expect(pick(schema, "properties.models.additionalProperties.required")).toContain("context_window");
    expect(pick(schema, "additionalProperties")).toBe(false);
    const printed = await scaigrid(["config", "schema"]);
    expect(JSON.parse(printed.out)).toEqual(schema);
    const checked = await scaigrid(["config", "check", path]);
    expect([checked.code, checked.out, checked.err]).toEqual([
      0,
      `${path} is valid: 1 providers, 1 backends, 1 models, 1 routing policies, 0 budgets\n`,
      "",
    ]);
    const other = join(folder, "other.yaml");
    await writeFile(other, text().replace("targets:", "fallback_models: [stored/one]\n    targets:"));
    const partly = await scaigrid(["config", "check", other]);
    expect([partly.code, partly.err]).toEqual([
      0,
      expect.stringMatching(/other\.yaml:\d+:\d+: .* stored\/one, which is not declared in this file/),
    ]);
    const env = { SCAIGRID_BASE_URL: gateway.url, SCAIGRID_API_KEY: gateway.adminKey };
    const same = await scaigrid(["config", "diff"], { env });
    expect([same.code, same.out]).toEqual([0, `Everything is as ${path} says.\n`]);
  });

  test("that is gone at a start leaves what it declared to the store, and takes it back when it returns", async () => {
    await write(text());
    const before = await model();
    await rm(path);
    await gateway.restart();
    const isShared = gateway.databaseUrl !== undefined;
    expect(await model()).toMatchObject({ id: pickText(before, "id"), display_name: "Declared" });
    expect(pick(await model(), "managed_by")).toBe(isShared ? "file" : undefined);
    await writeFile(path, text("Returned"));
    await gateway.restart();
    expect(await model()).toMatchObject({
      id: pickText(before, "id"),
      display_name: "Returned",
      managed_by: "file",
    });
  });

  test("is asked of the platform's administrators alone", async () => {
    expect((await gateway.api("GET", "/v1/config-file", { key: gateway.firstKey })).status).toBe(403);
  });
});
