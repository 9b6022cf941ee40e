import { expect, test } from "bun:test";
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, detailsOf, fieldsOf, requestIdOf, traceOf } from "./started.ts";

const KEY = "sk-of-the-environment-1234";

describeApi(
  "providers made from a preset",
  (api) => {
    const make = (body: object) => api.gateway.api("POST", "/v1/providers", { body });
    const groq = { type: "custom", preset: "groq", name: "Groq" };

    test("need no address, and say which preset they are", async () => {
      const made = await make({ ...groq, connection_config: { api_key: "gsk_0123456789ab" } });
      expect(made.status).toBe(201);
      expect(pick(made.body, "data")).toMatchObject({ type: "custom", preset: "groq" });
      const backend = { provider_id: pickText(made.body, "data.id"), upstream_model: "m", free: true };
      const added = await api.gateway.api("POST", "/v1/backends", { body: backend });
      expect(pick(added.body, "data.uri")).toBe("groq:m");
      const read = await api.gateway.api("GET", `/v1/providers/${pickText(made.body, "data.id")}`);
      expect(pick(read.body, "data.preset")).toBe("groq");
    });

    test("of a server of one's own need no key either", async () => {
      expect((await make({ type: "custom", preset: "ollama", name: "Here" })).status).toBe(201);
    });

    test.each([
      ["a slip of the pen", { preset: "grok" }, "preset", "groq"],
      ["no preset at all", { preset: "zzzzzzzzzz" }, "preset", "There are ollama"],
      ["another type", { type: "openai" }, "preset", "custom"],
      ["no key where one is needed", {}, "connection_config.api_key", "Groq"],
    ])("with %s are refused", async (_name, change, field, word) => {
      const reply = await make({ ...groq, ...change });
      expect([codeOf(reply), fieldsOf(reply)[0]]).toEqual(["VALIDATION_ERROR", field]);
      expect(String(detailsOf(reply)[0]?.["message"])).toContain(word);
    });

    test("at another address keep the preset's quirks", async () => {
      const made = await make({
        ...groq,
        preset: "minimax",
        base_url: api.fake.url,
        connection_config: { api_key: "env:HOUSE_KEY" },
      });
      expect(pick(made.body, "data.connection")).toEqual({
        api_key_last4: KEY.slice(-4),
        api_key_from: "env:HOUSE_KEY",
        api_key_found: true,
      });
      const slug = "house/minimax";
      await serve(pickText(made.body, "data.id"), slug);
      expect((await api.chat({ model: slug, max_tokens: 9 })).status).toBe(200);
      const sent = api.fake.log.records.at(-1);
      expect(sent?.headers["authorization"]).toBe(`Bearer ${KEY}`);
      expect(sent?.body).toMatchObject({ max_completion_tokens: 9 });
    });

    test("may keep their key in a file, and are unavailable once it is gone", async () => {
      const file = join(api.gateway.dataDir, "..", `${crypto.randomUUID()}.key`);
      await writeFile(file, "sk-of-a-file-5678\n");
      const connection_config = { api_key: `file:${file}` };
      const made = await make({ ...groq, base_url: api.fake.url, connection_config });
      const slug = "house/file";
      await serve(pickText(made.body, "data.id"), slug);
      expect((await api.chat({ model: slug })).status).toBe(200);
      expect(api.fake.log.records.at(-1)?.headers["authorization"]).toBe("Bearer sk-of-a-file-5678");
      await Bun.file(file).delete();
      await api.gateway.restart();
      const reply = await api.chat({ model: slug });
      expect([reply.status, codeOf(reply)]).toEqual([503, "MODEL_UNAVAILABLE"]);
      const model = await api.gateway.api("GET", `/v1/models/${slug}`);
      expect(pick(model.body, "data")).toMatchObject({ health_status: "unhealthy", active_backend_count: 0 });
      expect((await api.chat({ model: "house/minimax" })).status).toBe(200);
    });

    test.each(["env:NO_SUCH_KEY", "env:SCAIGRID_ADMIN_KEY", "file:relative", "file:/no/such/file"])(
      "with the key at %p are refused, at the provider and at the backend",
      async (api_key) => {
        const connection_config = { api_key };
        const reply = await make({ ...groq, connection_config });
        expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", ["connection_config.api_key"]]);
        const made = await make({ type: "custom", name: "C", base_url: api.fake.url });
        const body = { provider_id: pickText(made.body, "data.id"), upstream_model: "m", free: true };
        const backend = await api.gateway.api("POST", "/v1/backends", {
          body: { ...body, connection_config },
        });
        expect(fieldsOf(backend)).toEqual(["connection_config.api_key"]);
      },
    );

    async function serve(provider_id: string, slug: string): Promise<void> {
      const backend = { provider_id, upstream_model: "fake-ok?tokens=1", free: true };
      const made = await api.gateway.api("POST", "/v1/backends", { body: backend });
      const model = { slug, context_window: 1_000, free: true };
      const added = await api.gateway.api("POST", "/v1/models", { body: model });
      const policy = {
        model_id: pickText(added.body, "data.id"),
        targets: [{ backend_id: pickText(made.body, "data.id") }],
      };
      expect((await api.gateway.api("POST", "/v1/routing-policies", { body: policy })).status).toBe(201);
    }
  },
  { HOUSE_KEY: KEY },
);

describeApi("prices with tiers", (api) => {
  const prices = {
    input_per_mtok: "1",
    output_per_mtok: "2",
    tiers: [{ above_input_tokens: 1_000, input_per_mtok: "10", output_per_mtok: "20" }],
  };

  test("charge a long request by its tier, say where they are from, and are shown", async () => {
    const plan = "fake-ok?tokens=1&prompt=2000";
    const { backendIds, slug } = await api.model(plan, {
      prices,
      costs: prices,
      model: { price_source: "a contract, 2026-11-30" },
      backend: { cost_source: "a list, 2026-07-02" },
    });
    const backend = await api.gateway.api("GET", `/v1/backends/${backendIds[0]}`);
    expect(pick(backend.body, "data")).toMatchObject({ costs: prices, cost_source: "a list, 2026-07-02" });
    const model = await api.gateway.api("GET", `/v1/models/${slug}`);
    expect(pick(model.body, "data.price_source")).toBe("a contract, 2026-11-30");
    const reply = await api.chat({ model: slug });
    const usage = await api.gateway.api("GET", `/v1/accounting/usage?model=${slug}`);
    expect(pick(usage.body, "data.items.0")).toMatchObject({
      tokens_in: 2000,
      tokens_out: 1,
      cost: "0.02002",
    });
    const trace = await traceOf(api.gateway, requestIdOf(reply), (seen) => pick(seen, "price") !== undefined);
    expect(pick(trace.body, "data.price.prices")).toEqual({ input_per_mtok: "10", output_per_mtok: "20" });
    await api.gateway.restart();
    const again = await api.gateway.api("GET", `/v1/backends/${backendIds[0]}`);
    expect(pick(again.body, "data.costs")).toEqual(prices);
  });

  test.each([
    ["an empty list", [], "prices.tiers"],
    ["thresholds that do not rise", [prices.tiers[0], prices.tiers[0]], "prices.tiers[1].above_input_tokens"],
    ["a price that is none", [{ ...prices.tiers[0], input_per_mtok: "x" }], "prices.tiers[0].input_per_mtok"],
  ])("with %s are refused by field", async (_name, tiers, field) => {
    const body = { slug: "a/b", context_window: 10, prices: { ...prices, tiers } };
    const reply = await api.gateway.api("POST", "/v1/models", { body });
    expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", [field]]);
  });
});
