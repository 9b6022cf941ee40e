import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { itemsOf, MESSAGES } from "../api/started.ts";
import { closedPort } from "../fakes/closed-port.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";
import { type Ended, scaigrid } from "./command.ts";

const KEY = "sk-of-the-shell-4f1e2d";

describe("providers known by name", () => {
  let gateway: Gateway;
  let fake: FaultUpstream;
  beforeAll(async () => {
    fake = new FaultUpstream();
    gateway = await startGateway();
  });
  afterAll(async () => {
    await gateway.stop();
    fake.stop();
  });

  function providers(...args: readonly string[]): Promise<Ended> {
    return scaigrid(["providers", ...args], {
      env: { SCAIGRID_DATA_DIR: gateway.dataDir, GROQ_API_KEY: KEY },
    });
  }

  async function modelCount(prefix: string): Promise<number> {
    const models = itemsOf(await gateway.api("GET", "/v1/models?limit=1000"));
    return models.filter(({ slug }) => String(slug).startsWith(prefix)).length;
  }

  test("are listed with their key's variable and how many models are known of them", async () => {
    const shown = await providers("presets");
    expect(shown).toMatchObject({ code: 0, err: "" });
    expect(shown.out).toMatch(/^groq +Groq +GROQ_API_KEY +\d+ +https:\/\/api\.groq\.com\/openai\/v1$/m);
    expect(shown.out).toMatch(/^ollama +Ollama +– +0 +http:\/\/localhost:11434\/v1$/m);
    const parsed: unknown = JSON.parse((await providers("presets", "--json")).out);
    expect(pick(parsed, "0.name")).toBe("openai");
    const page = await gateway.api("GET", "/v1/provider-presets");
    expect(itemsOf(page)).toHaveLength(Array.isArray(parsed) ? parsed.length : -1);
    const names: unknown[] = [];
    for (let query = "?limit=7"; query !== "";) {
      const part = await gateway.api("GET", `/v1/provider-presets${query}`);
      names.push(...itemsOf(part).map(({ name }) => name));
      const next = pick(part.body, "pagination.next_cursor");
      query = typeof next === "string" ? `?limit=7&cursor=${next}` : "";
    }
    expect(names).toEqual(itemsOf(page).map(({ name }) => name));
  });

  test("are told with models, limits and dated prices", async () => {
    const groq = await gateway.api("GET", "/v1/provider-presets/groq");
    expect(pick(groq.body, "data")).toMatchObject({
      name: "groq",
      type: "custom",
      preset: "groq",
      self_hosted: false,
      needs_key: true,
      key_variable: "GROQ_API_KEY",
    });
    expect(pickText(groq.body, "data.price_source")).toMatch(/^models\.dev, 20\d\d-/);
    expect(pick(groq.body, "data.models.0")).toMatchObject({
      prices: { input_per_mtok: expect.any(String) },
    });
    const none = await gateway.api("GET", "/v1/provider-presets/groqq");
    expect([none.status, pick(none.body, "error.hint")]).toEqual([404, "Did you mean groq?"]);
    for (const path of ["/v1/provider-presets", "/v1/provider-presets/groq"]) {
      expect((await gateway.api("GET", path, { key: gateway.firstKey })).status).toBe(403);
    }
  });

  test("add one model with its price, which is shown and charged", async () => {
    const added = await providers(
      "add",
      "groq",
      "--key-env",
      "GROQ_API_KEY",
      "--url",
      fake.url,
      "--model",
      "llama-3.3-70b-versatile",
    );
    expect(added).toMatchObject({ code: 0, err: "" });
    expect(added.out).toMatch(
      /^groq\/llama-3.3-70b-versatile is served by groq:llama-3.3-70b-versatile at 0.59 in, 0.79 out per million tokens \(models.dev, 20\d\d-\d\d-\d\d\)\n$/,
    );
    const model = "groq/llama-3.3-70b-versatile";
    const body = { model, messages: MESSAGES, fake: "fake-ok?tokens=100&prompt=100" };
    expect((await gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body })).status).toBe(
      200,
    );
    const usage = await gateway.api("GET", `/v1/accounting/usage?model=${model}`);
    expect(pick(usage.body, "data.items.0.cost")).toBe("0.000138");
    const listed = await providers("list");
    expect(listed.out).toMatch(/^prov_\w+ +Groq +groq +…1e2d +1 +active +http:/m);
    expect(listed.out).not.toContain(KEY);
  });

  test("add all models that are known when none is named", async () => {
    const added = await providers("add", "deepseek", "--key-env", "GROQ_API_KEY", "--json");
    expect(added).toMatchObject({ code: 0, err: "" });
    const parsed: unknown = JSON.parse(added.out);
    expect(pickText(parsed, "provider_id")).toMatch(/^prov_/);
    const models = pick(parsed, "models");
    expect(Array.isArray(models) ? models.length : 0).toBe(await modelCount("deepseek/"));
    expect(await modelCount("deepseek/")).toBeGreaterThan(1);
  });

  test("of one's own need --free, and no address", async () => {
    const added = await providers("add", "ollama", "--model", "llama3.2", "qwen3:8b", "--free");
    expect(added).toMatchObject({ code: 0, err: "" });
    expect(added.out).toBe(
      "ollama/llama3.2 is served by ollama:llama3.2, free\nollama/qwen3-8b is served by ollama:qwen3:8b, free\n",
    );
    const listed: unknown = JSON.parse((await providers("list", "--json")).out);
    const own = Array.isArray(listed) ? listed.find((each) => pick(each, "preset") === "ollama") : undefined;
    expect(pick(own, "backend_count")).toBe(2);
  });

  test("are told apart by their names: after the host, then by a number; one that is asked for twice is refused", async () => {
    const own = ["add", "custom", "--url", fake.url, "--model", "m", "--free"];
    for (const slug of ["house/a", "house/b"]) expect((await providers(...own, "--slug", slug)).code).toBe(0);
    const names = itemsOf(await gateway.api("GET", "/v1/providers")).map(({ name }) => name);
    const { host } = new URL(fake.url);
    expect(names).toEqual(expect.arrayContaining([host, `${host} 2`]));
    const twice = await providers(...own, "--slug", "house/c", "--name", `${host} 2`);
    expect([twice.code, twice.err]).toEqual([
      1,
      expect.stringContaining("--name: another provider is called"),
    ]);
  });

  test.each([
    [
      "a slip in the name",
      ["add", "grok", "--model", "m"],
      "did you mean groq? `npx scaigrid providers presets` lists them",
    ],
    ["no model where none is known", ["add", "vllm", "--free"], "name them with --model"],
    [
      "a model that is not known",
      ["add", "groq", "--key-env", "GROQ_API_KEY", "--model", "llama-3.3-70b"],
      "llama-3.3-70b-versatile",
    ],
    ["one price for all models", ["add", "groq", "--input-price", "1"], "--input-price is for one model"],
    [
      "one slug for two models",
      ["add", "ollama", "--model", "a", "b", "--slug", "a/b", "--free"],
      "--slug is for one model",
    ],
    [
      "half a price",
      ["add", "groq", "--model", "llama-3.3-70b-versatile", "--input-price", "1"],
      "--output-price",
    ],
  ])("cannot be added with %s", async (_name, args, word) => {
    const before = itemsOf(await gateway.api("GET", "/v1/providers")).length;
    const refused = await providers(...args);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(word);
    expect(itemsOf(await gateway.api("GET", "/v1/providers"))).toHaveLength(before);
  });

  test("of one's own are added before they run, with a word on it; an address is an address", async () => {
    const url = `http://127.0.0.1:${closedPort()}/v1`;
    const silent = await providers("add", "custom", "--url", url, "--model", "silent", "--free");
    expect(silent).toMatchObject({
      code: 0,
      err: expect.stringMatching(/it does not answer as it should yet: (?!.*See --url)/),
    });
    const bare = await providers("add", "custom", "--url", "localhost:9/v1", "--model", "bare", "--free");
    expect(bare).toMatchObject({ code: 1, err: expect.stringContaining("--url: must begin with http://") });
    expect(await modelCount("custom:bare")).toBe(0);
  });

  test("at a cloud take the account from its own variables, or from a file", async () => {
    const env = {
      SCAIGRID_DATA_DIR: gateway.dataDir,
      AWS_ACCESS_KEY_ID: "AKIACOMMAND",
      AWS_SECRET_ACCESS_KEY: "secret-of-the-shell",
      AWS_REGION: "eu-west-1",
    };
    const model = ["--model", "amazon.nova-pro-v1:0", "--free"];
    const added = await scaigrid(["providers", "add", "bedrock", "--account-env", ...model], { env });
    expect(added).toMatchObject({ code: 0, err: "" });
    const bedrock = itemsOf(await gateway.api("GET", "/v1/providers")).find(({ type }) => type === "bedrock");
    expect(bedrock).toMatchObject({
      base_url: "https://bedrock-runtime.eu-west-1.amazonaws.com",
      connection: { account: "AKIACOMMAND", api_key_last4: "hell", api_key_found: true },
    });
    const refused = async (...args: string[]): Promise<string> => {
      const { code, err } = await scaigrid(["providers", "add", ...args], { env });
      expect(code).toBe(1);
      return err;
    };
    expect(
      await refused("azure", "--account-env", "--url", "https://r.openai.azure.com", ...model),
    ).toContain("export AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET");
    expect(
      await refused("azure", "--key-env", "AWS_ACCESS_KEY_ID", "--url", "https://r.openai.azure.com"),
    ).toContain("name them with --model");
    expect(await refused("vertex", "--service-account", "/no/such/file", ...model)).toContain(
      "cannot be read",
    );
    expect(await refused("vertex", "--service-account", import.meta.filename, ...model)).toContain(
      "--service-account",
    );
    expect(await refused("bedrock", "--account-env", "--key-env", "X", ...model)).toContain(
      "give one of them",
    );
  });
});
