import { afterEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { itemsOf, MESSAGES, SANDBOX } from "../api/started.ts";
import { FakeOllama } from "../fakes/fake-ollama.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";

const CANARY = "sk-canary-of-the-environment-7f3a91";
const HUNDREDS = "?limit=1000";

type Environment = Record<string, string>;

describe("what a start finds", () => {
  let gateway: Gateway | undefined;
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    await gateway?.dispose();
    gateway = undefined;
    for (const end of ends.splice(0)) await end();
  });

  /** The environment may be changed between two starts. */
  async function start(env: Environment): Promise<Gateway> {
    // Nobody listens at port 9 of the loopback: whatever Ollama runs here is no part of the test.
    gateway = await startGateway({
      env: Object.assign(env, {
        OLLAMA_HOST: "127.0.0.1:9",
        ...env,
        SCAIGRID_DETECT: env["SCAIGRID_DETECT"] ?? "on",
      }),
    });
    return gateway;
  }

  function upstream(): FaultUpstream {
    const fake = new FaultUpstream();
    ends.push(() => fake.stop());
    return fake;
  }

  function ollama(names: readonly unknown[], options = {}): FakeOllama {
    const listed = names.map((name) =>
      typeof name === "string" ? { name, details: { family: "llama" } } : name,
    );
    const fake = new FakeOllama(listed, options);
    ends.push(() => fake.stop());
    return fake;
  }

  async function slugs(running: Gateway, prefix: string): Promise<readonly string[]> {
    const models = itemsOf(await running.api("GET", `/v1/models${HUNDREDS}`));
    return models
      .map((model) => String(model["slug"]))
      .filter((slug) => slug.startsWith(prefix))
      .toSorted();
  }

  const ask = (running: Gateway, model: string) =>
    running.api("POST", "/v1/inference/chat", {
      key: running.firstKey,
      body: { model, messages: MESSAGES, fake: "fake-ok?tokens=1" },
    });

  test("a vendor's key gives its models, with dated prices; the sandbox stays", async () => {
    const fake = upstream();
    const running = await start({ OPENAI_API_KEY: CANARY, OPENAI_BASE_URL: `${fake.url}/` });
    const found = await slugs(running, "openai/");
    expect(found).toContain("openai/gpt-4o");
    expect(found).toContain("openai/gpt-5");
    // Not for chat completions, not for chat, not priced.
    for (const left of ["gpt-5-pro", "gpt-5.1-codex", "text-embedding-3-small", "gpt-image-1"]) {
      expect(found).not.toContain(`openai/${left}`);
    }
    expect(running.output.text).toContain(
      `OpenAI: ${found.length} models (key of OPENAI_API_KEY, prices of models.dev, 20`,
    );
    const model = await running.api("GET", "/v1/models/openai/gpt-4o");
    expect(pick(model.body, "data")).toMatchObject({
      input_price_per_mtok: "2.5",
      output_price_per_mtok: "10",
      context_window: 128_000,
      max_output_tokens: 16_384,
      health_status: "healthy",
      free: false,
    });
    expect(pickText(model.body, "data.price_source")).toMatch(/^models\.dev, 20\d\d-\d\d-\d\d$/);
    const provider = itemsOf(await running.api("GET", "/v1/providers")).find(({ type }) => type === "openai");
    expect(provider).toMatchObject({
      connection: {
        api_key_last4: CANARY.slice(-4),
        api_key_from: "env:OPENAI_API_KEY",
        api_key_found: true,
      },
      backend_count: found.length,
    });
    expect((await ask(running, "openai/gpt-4o")).status).toBe(200);
    expect(fake.log.records.at(-1)).toMatchObject({
      requestedModel: "gpt-4o",
      headers: { authorization: `Bearer ${CANARY}` },
    });
    const [usage] = itemsOf(await running.api("GET", "/v1/accounting/usage?model=openai/gpt-4o"));
    expect(Number(usage?.["cost"])).toBeGreaterThan(0);
    expect((await ask(running, SANDBOX)).status).toBe(200);
    expect(running.output.text).not.toContain(CANARY);
    const answers = await Promise.all(
      ["/v1/providers", "/v1/backends", "/v1/models"].map((path) => running.api("GET", `${path}${HUNDREDS}`)),
    );
    for (const { text } of answers) expect(text).not.toContain(CANARY);
    for (const name of readdirSync(running.dataDir, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      expect(readFileSync(join(name.parentPath, name.name)).includes(CANARY)).toBe(false);
    }
  });

  test("is found once, follows the environment, and what was removed stays away", async () => {
    const fake = upstream();
    const env: Environment = { OPENAI_API_KEY: "sk-first-key", OPENAI_BASE_URL: fake.url };
    const running = await start(env);
    const before = await slugs(running, "openai/");
    await remove(running, "openai/gpt-4o");
    const moved = upstream();
    env["OPENAI_API_KEY"] = "sk-second-key";
    env["OPENAI_BASE_URL"] = moved.url;
    env["GROQ_API_KEY"] = "gsk-one";
    await running.restart();
    expect(await slugs(running, "openai/")).toEqual(before.filter((slug) => slug !== "openai/gpt-4o"));
    expect((await ask(running, "openai/gpt-4o-mini")).status).toBe(200);
    expect(moved.log.records.at(-1)?.headers["authorization"]).toBe("Bearer sk-second-key");
    expect(await slugs(running, "groq/")).toContain("groq/openai-gpt-oss-120b");
    await removeProvider(running, "groq");
    await running.restart();
    expect(await slugs(running, "groq/")).toEqual([]);
    expect(running.output.text).not.toContain("Found here");
    const providers = itemsOf(await running.api("GET", "/v1/providers"));
    expect(providers.filter(({ type }) => type === "openai")).toHaveLength(1);
  });

  test("a key that has gone makes its models unavailable, and nothing else; it may come back", async () => {
    const fake = upstream();
    const env: Environment = { OPENAI_API_KEY: "sk-here-today", OPENAI_BASE_URL: fake.url };
    const running = await start(env);
    env["OPENAI_API_KEY"] = "";
    await running.restart();
    const refused = await ask(running, "openai/gpt-4o");
    expect([refused.status, pick(refused.body, "error.code")]).toEqual([503, "MODEL_UNAVAILABLE"]);
    expect((await ask(running, SANDBOX)).status).toBe(200);
    expect(running.output.text).toContain("env:OPENAI_API_KEY holds no key");
    env["OPENAI_API_KEY"] = "sk-here-again";
    await running.restart();
    expect((await ask(running, "openai/gpt-4o")).status).toBe(200);
  });

  test("nothing where it is switched off, or where an operator has the vendor already", async () => {
    const env: Environment = { OPENAI_API_KEY: "sk-x", SCAIGRID_DETECT: "off" };
    const running = await start(env);
    expect(await slugs(running, "openai/")).toEqual([]);
    const body = { type: "openai", name: "Mine", connection_config: { api_key: "sk-of-my-own-account" } };
    expect((await running.api("POST", "/v1/providers", { body })).status).toBe(201);
    env["SCAIGRID_DETECT"] = "on";
    await running.restart();
    expect(await slugs(running, "openai/")).toEqual([]);
  });

  test("accounts at Amazon and Microsoft are added with their addresses; their keys stay where they are", async () => {
    const secrets = { AWS_ACCESS_KEY_ID: "AKIAFOUND", AWS_SECRET_ACCESS_KEY: "secret-of-the-environment" };
    const running = await start({
      ...secrets,
      AWS_REGION: "eu-west-1",
      AZURE_OPENAI_API_KEY: "azure-key-of-the-environment",
      AZURE_OPENAI_ENDPOINT: "https://r.openai.azure.com/",
    });
    const providers = itemsOf(await running.api("GET", "/v1/providers"));
    const found = providers.map(({ type, base_url }) => [type, base_url]);
    expect(found).toContainEqual(["bedrock", "https://bedrock-runtime.eu-west-1.amazonaws.com"]);
    expect(found).toContainEqual(["azure", "https://r.openai.azure.com/openai/v1"]);
    expect(providers.find(({ type }) => type === "bedrock")?.["connection"]).toEqual({
      api_key_last4: "ment",
      api_key_from: "env:AWS_ACCESS_KEY_ID",
      api_key_found: true,
      account: "AKIAFOUND",
    });
    // Which deployments there are only the account knows.
    expect(providers.find(({ type }) => type === "azure")?.["backend_count"]).toBe(0);
    expect(Number(providers.find(({ type }) => type === "bedrock")?.["backend_count"])).toBeGreaterThan(10);
    expect(running.output.text).toContain(
      "Azure OpenAI: add its models by the names that the account gave them",
    );
  });

  test("a vendor without known prices is reported, not added", async () => {
    const running = await start({ SAMBANOVA_API_KEY: "sn-key-of-nobody", HF_TOKEN: "hf-for-downloads" });
    expect(itemsOf(await running.api("GET", "/v1/providers")).map(({ type }) => type)).toEqual(["sandbox"]);
    expect(running.output.text).toContain("SAMBANOVA_API_KEY is set, but no prices are known for SambaNova");
    expect(running.output.text).not.toContain("sn-key-of-nobody");
  });

  test("an Ollama at OLLAMA_HOST gives its chat models, free; new ones are found by the next start", async () => {
    const fake = ollama([
      "llama3.2:latest",
      "qwen3:8b",
      { name: "nomic-embed-text", details: { family: "nomic-bert" } },
    ]);
    const running = await start({ OLLAMA_HOST: fake.host });
    await running.output.until(
      "Ollama",
      () => (running.output.text.includes("provider_found") ? true : undefined),
      5_000,
    );
    expect(await slugs(running, "ollama/")).toEqual(["ollama/llama3.2", "ollama/qwen3-8b"]);
    const reply = await ask(running, "ollama/qwen3-8b");
    expect([reply.status, pick(reply.body, "data.choices.0.message.content")]).toEqual([200, "qwen3:8b"]);
    const model = await running.api("GET", "/v1/models/ollama/qwen3-8b");
    expect(pick(model.body, "data")).toMatchObject({ free: true, health_status: "healthy" });
    expect(fake.asked).toEqual(["/api/tags", "/v1/chat/completions"]);
    await remove(running, "ollama/qwen3-8b");
    fake.models = [...fake.models, { name: "gemma3:1b" }];
    await running.restart();
    await running.output.until(
      "Ollama",
      () => (running.output.text.includes("provider_found") ? true : undefined),
      5_000,
    );
    expect(await slugs(running, "ollama/")).toEqual(["ollama/gemma3-1b", "ollama/llama3.2"]);
  });

  test("hostile names of models are bounded, cleaned, or left out", async () => {
    const many = Array.from({ length: 300 }, (_, i) => `m${i}`);
    const fake = ollama([
      "../../../etc/passwd",
      "..",
      "avatar",
      "Ä Ö",
      "a\u0000b",
      "x".repeat(300),
      "UPPER/Case:Tag",
      "upper-case-tag",
      { name: 5 },
      null,
      {},
      "",
      "same",
      "same",
      ...many,
    ]);
    const running = await start({ OLLAMA_HOST: fake.host });
    await running.output.until(
      "Ollama",
      () => (running.output.text.includes("provider_found") ? true : undefined),
      5_000,
    );
    const found = await slugs(running, "ollama/");
    expect(found.length).toBeLessThanOrEqual(100);
    for (const slug of found) expect(slug).toMatch(/^ollama\/[a-z0-9._-]{1,120}$/);
    expect(found).toContain("ollama/..-..-..-etc-passwd");
    expect(found).toContain("ollama/upper-case-tag");
    expect(found.filter((slug) => slug === "ollama/same")).toHaveLength(1);
    expect(running.output.text).toContain("models_not_added");
    expect((await ask(running, "ollama/upper-case-tag")).status).toBe(200);
  });

  test("an Ollama that hangs keeps neither the start nor the stop waiting", async () => {
    const fake = ollama(["m"], { hangs: true });
    const running = await start({ OLLAMA_HOST: fake.host });
    expect((await ask(running, SANDBOX)).status).toBe(200);
    await running.terminate();
    expect(fake.asked).toEqual(["/api/tags"]);
  });

  async function remove(running: Gateway, slug: string): Promise<void> {
    const id = pickText((await running.api("GET", `/v1/models/${slug}`)).body, "data.id");
    for (const policy of itemsOf(await running.api("GET", `/v1/routing-policies${HUNDREDS}`))) {
      if (policy["model_id"] === id)
        await running.api("DELETE", `/v1/routing-policies/${String(policy["id"])}`);
    }
    expect((await running.api("DELETE", `/v1/models/${id}`)).status).toBe(200);
  }

  async function removeProvider(running: Gateway, preset: string): Promise<void> {
    const providers = itemsOf(await running.api("GET", "/v1/providers"));
    const id = String(providers.find((provider) => provider["preset"] === preset)?.["id"]);
    const models = await slugs(running, `${preset}/`);
    for (const slug of models) await remove(running, slug);
    const backends = itemsOf(await running.api("GET", `/v1/backends${HUNDREDS}&provider_id=${id}`));
    for (const backend of backends) await running.api("DELETE", `/v1/backends/${String(backend["id"])}`);
    expect((await running.api("DELETE", `/v1/providers/${id}`)).status).toBe(200);
  }
});
