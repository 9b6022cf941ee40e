import { expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf } from "./started.ts";

const COSTS = { input_per_mtok: "1.25", output_per_mtok: "5.00" };

describeApi("backends", (api) => {
  const make = (body: object) => api.gateway.api("POST", "/v1/backends", { body });
  async function provider(): Promise<string> {
    const body = { type: "custom", name: "P", base_url: api.fake.url };
    return pickText((await api.gateway.api("POST", "/v1/providers", { body })).body, "data.id");
  }

  test("are made with documented deadlines, read, listed by provider and deleted", async () => {
    const provider_id = await provider();
    const made = await make({ provider_id, upstream_model: "gpt-x", costs: COSTS, region: "eu" });
    expect(made.status).toBe(201);
    const id = pickText(made.body, "data.id");
    expect(id).toMatch(/^be_/);
    expect(pick(made.body, "data")).toMatchObject({
      provider_id,
      uri: "custom:gpt-x",
      upstream_model: "gpt-x",
      timeouts: { connect: 5_000, first_byte: 20_000, idle: 30_000, total: 600_000 },
      costs: { input_per_mtok: "1.25", output_per_mtok: "5" },
      region: "eu",
      free: false,
    });
    const read = await api.gateway.api("GET", `/v1/backends/${id}`);
    expect(pick(read.body, "data")).toEqual(pick(made.body, "data"));
    const listed = await api.gateway.api("GET", `/v1/backends?provider_id=${provider_id}`);
    expect(itemsOf(listed).map((item) => item["id"])).toEqual([id]);
    expect((await api.gateway.api("DELETE", `/v1/backends/${id}`)).status).toBe(200);
    expect(codeOf(await api.gateway.api("GET", `/v1/backends/${id}`))).toBe("BACKEND_NOT_FOUND");
    expect(codeOf(await api.gateway.api("DELETE", `/v1/backends/${id}`))).toBe("BACKEND_NOT_FOUND");
  });

  const BAD: readonly (readonly [string, object, string])[] = [
    ["no upstream model", { upstream_model: "" }, "upstream_model"],
    ["a deadline of 0", { timeouts: { idle: 0 } }, "timeouts.idle"],
    ["a deadline of a day", { timeouts: { total: 86_400_000 } }, "timeouts.total"],
    ["an unknown deadline", { timeouts: { firstbyte: 1 } }, "timeouts.firstbyte"],
    ["no concurrency at all", { max_concurrency: 0 }, "max_concurrency"],
    ["a cost in words", { costs: { ...COSTS, input_per_mtok: "cheap" } }, "costs.input_per_mtok"],
    ["half a cost", { costs: { output_per_mtok: "1" } }, "costs"],
    ["an unknown field", { cost: COSTS }, "cost"],
  ];
  test.each(BAD)("with %s cannot be made", async (_name, change, field) => {
    const reply = await make({ provider_id: await provider(), upstream_model: "m", ...change });
    expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", [field]]);
  });

  test("of a provider that does not exist cannot be made", async () => {
    const reply = await make({ provider_id: "prov_00000000000000000000000000", upstream_model: "m" });
    expect(codeOf(reply)).toBe("PROVIDER_NOT_FOUND");
  });

  test("that are deleted leave the policies that named them", async () => {
    const { slug, backendIds, policyId } = await api.model("fake-ok");
    await api.gateway.api("DELETE", `/v1/backends/${backendIds[0]}`);
    const policies = itemsOf(await api.gateway.api("GET", "/v1/routing-policies"));
    expect(policies.find(({ id }) => id === policyId)).toMatchObject({ targets: [] });
    expect(codeOf(await api.chat({ model: slug }))).toBe("MODEL_UNAVAILABLE");
  });

  test("send their own credential where they have one, else the provider's", async () => {
    const own = { connection_config: { api_key: "backend-own-credential" } };
    const { slug } = await api.model("fake-ok?tokens=1", { apiKey: "provider-credential", backend: own });
    await api.chat({ model: slug });
    expect(api.fake.log.records.at(-1)?.headers["authorization"]).toBe("Bearer backend-own-credential");
    const shared = await api.model("fake-ok?tokens=1", { apiKey: "provider-credential" });
    await api.chat({ model: shared.slug });
    expect(api.fake.log.records.at(-1)?.headers["authorization"]).toBe("Bearer provider-credential");
  });

  test("take no more calls at once than they are allowed", async () => {
    const plan = "fake-ok?tokens=1&gate=full";
    const { slug } = await api.model(plan, { backend: { max_concurrency: 1 } });
    const first = api.chat({ model: slug });
    await api.fake.log.waitFor("first call", (record) => record.plan === plan);
    const second = await api.chat({ model: slug });
    expect(codeOf(second)).toBe("BACKEND_RATE_LIMITED");
    api.fake.gates.open("full");
    expect((await first).status).toBe(200);
    expect((await api.chat({ model: slug })).status).toBe(200);
  });

  test("are not sent the caller's own headers", async () => {
    const { slug } = await api.model("fake-ok?tokens=1");
    const headers = {
      cookie: "a=b",
      "x-secret": "s",
      "x-forwarded-for": "1.2.3.4",
      origin: "https://a.example",
    };
    await api.chat({ model: slug }, { headers });
    const sent = api.fake.log.records.at(-1)?.headers ?? {};
    expect(Object.keys(sent).filter((name) => name in headers)).toEqual([]);
  });
});
