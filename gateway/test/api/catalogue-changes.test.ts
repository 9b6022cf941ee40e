import { beforeAll, describe, expect, test } from "bun:test";
import { closedPort } from "../fakes/closed-port.ts";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf, MESSAGES, SANDBOX } from "./started.ts";
import { addCaller, addPartner, addTenant, freshSlug, madeId } from "./tenancy.ts";
import type { Caller } from "./tenancy.ts";

const UNKNOWN = "00000000000000000000000000";

describeApi("changes to models", (api) => {
  const platform = (method: string, path: string, body?: object) => api.gateway.api(method, path, { body });
  const slugOf = () => `acme/${freshSlug("changed")}`;

  test("change what they name and leave the rest", async () => {
    const slug = slugOf();
    const made = await platform("POST", "/v1/models", {
      slug,
      context_window: 1_000,
      max_output_tokens: 100,
      description: "before",
      system_prompt: "Be brief.",
      default_params: { temperature: 0.5 },
      prices: { input_per_mtok: "1", output_per_mtok: "2", cached_read_per_mtok: "0.5" },
    });
    const path = `/v1/models/${madeId(made)}`;
    const changed = await platform("PATCH", path, {
      display_name: "After",
      description: null,
      status: "deprecated",
    });
    expect(pick(changed.body, "data")).toMatchObject({
      slug,
      display_name: "After",
      status: "deprecated",
      max_output_tokens: 100,
      system_prompt: "Be brief.",
      default_params: { temperature: 0.5 },
      input_price_per_mtok: "1",
    });
    expect(pick(changed.body, "data")).not.toHaveProperty("description");
    const priced = await platform("PATCH", path, { output_price_per_mtok: "4" });
    expect(pick(priced.body, "data.prices")).toEqual({
      input_per_mtok: "1",
      output_per_mtok: "4",
      cached_read_per_mtok: "0.5",
    });
    const renamed = await platform("PATCH", path, { slug: `${slug}-2` });
    expect(pick(renamed.body, "data.slug")).toBe(`${slug}-2`);
    expect(codeOf(await platform("GET", `/v1/models/${slug}`))).toBe("MODEL_NOT_FOUND");
  });

  test("a price in force from now on is charged, requests before keep theirs", async () => {
    const { slug, modelId } = await api.model("fake-ok?tokens=1");
    const costOf = async () => {
      const reply = await api.chat({ model: slug });
      const usage = await platform("GET", `/v1/accounting/usage?model=${slug}`);
      expect(reply.status).toBe(200);
      return itemsOf(usage).map((record) => record["cost"]);
    };
    const before = await costOf();
    await platform("PATCH", `/v1/models/${modelId}`, {
      prices: { input_per_mtok: "0", output_per_mtok: "0" },
    });
    expect(await costOf()).toEqual(["0", ...before]);
    expect(before).not.toEqual(["0"]);
  });

  test("PUT gives the whole model: what is left out is as in a new one, but for its prices", async () => {
    const slug = slugOf();
    const made = await platform("POST", "/v1/models", {
      slug,
      context_window: 1_000,
      description: "gone",
      system_prompt: "gone",
      capabilities: ["tools"],
      prices: { input_per_mtok: "1", output_per_mtok: "2" },
    });
    const path = `/v1/models/${madeId(made)}`;
    const replaced = await platform("PUT", path, { slug, context_window: 2_000 });
    expect(pick(replaced.body, "data")).toMatchObject({
      context_window: 2_000,
      capabilities: [],
      display_name: slug,
    });
    expect(pick(replaced.body, "data")).not.toHaveProperty("description");
    expect(pick(replaced.body, "data.input_price_per_mtok")).toBe("1");
    const short = await platform("PUT", path, { slug });
    expect([short.status, fieldsOf(short)]).toEqual([422, ["context_window"]]);
  });

  test("to a version that has changed meanwhile are refused", async () => {
    const path = `/v1/models/${madeId(await platform("POST", "/v1/models", { slug: slugOf(), context_window: 9 }))}`;
    const read = await platform("GET", path);
    const change = (body: object) =>
      api.gateway.api("PATCH", path, { body, headers: { "if-match": read.headers.get("etag") ?? "" } });
    expect((await change({ description: "first" })).status).toBe(200);
    const second = await change({ description: "second" });
    expect([second.status, codeOf(second)]).toEqual([409, "CONFLICT"]);
    expect(pick((await platform("GET", path)).body, "data.description")).toBe("first");
  });

  describe("are refused by their field", () => {
    test.each([
      ["more output than the window holds", { max_output_tokens: 10 }, "max_output_tokens"],
      ["one price without the other", { input_price_per_mtok: "1" }, "input_price_per_mtok"],
      [
        "a price twice",
        { output_price_per_mtok: "1", prices: { input_per_mtok: "1", output_per_mtok: "1" } },
        "output_price_per_mtok",
      ],
      [
        "a price that is none",
        { prices: { input_per_mtok: "-1", output_per_mtok: "1" } },
        "prices.input_per_mtok",
      ],
      ["a field nobody may set", { owned_by: "me" }, "owned_by"],
    ])("%s", async (_name, body, field) => {
      const made = await platform("POST", "/v1/models", { slug: slugOf(), context_window: 9 });
      const reply = await platform("PATCH", `/v1/models/${madeId(made)}`, body);
      expect([reply.status, codeOf(reply), fieldsOf(reply)]).toEqual([422, "VALIDATION_ERROR", [field]]);
    });
  });

  describe("by those below the platform", () => {
    let partnerAdmin: Caller;
    let admin: Caller;
    let sibling: Caller;
    let partnerSlug: string;
    let tenantSlug: string;
    beforeAll(async () => {
      [partnerSlug, tenantSlug] = [freshSlug("p"), freshSlug("t")];
      const partnerId = await addPartner(api.gateway, partnerSlug);
      const tenantId = await addTenant(api.gateway, partnerId, tenantSlug);
      partnerAdmin = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId });
      admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
      const siblingTenant = await addTenant(api.gateway, partnerId);
      sibling = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId: siblingTenant });
    });
    const make = (who: Caller, slug: string) => who.call("POST", "/v1/models", { slug, context_window: 9 });
    const refusal = async (who: Caller, method: string, path: string, body?: object) => {
      const reply = await who.call(method, path, body);
      return [reply.status, codeOf(reply)];
    };

    test("reach their own slugs: a tenant's its own, a partner's those of the partner", async () => {
      const own = madeId(await make(admin, `tenant/${tenantSlug}/bot`));
      expect((await admin.call("PATCH", `/v1/models/${own}`, { display_name: "Bot" })).status).toBe(200);
      const shared = madeId(await make(partnerAdmin, `partner/${partnerSlug}/bot`));
      expect((await partnerAdmin.call("PATCH", `/v1/models/${shared}`, { display_name: "B" })).status).toBe(
        200,
      );
      // The partner's model is there for its tenants, theirs to use and not to change.
      expect((await admin.call("GET", `/v1/models/${shared}`)).status).toBe(200);
      for (const [method, body] of [
        ["PATCH", { display_name: "x" }],
        ["PUT", { slug: `tenant/${tenantSlug}/x`, context_window: 9 }],
        ["DELETE", undefined],
      ] as const) {
        expect(await refusal(admin, method, `/v1/models/${shared}`, body)).toEqual([
          403,
          "AUTHZ_PERMISSION_DENIED",
        ]);
        for (const id of [own, `model_${UNKNOWN}`]) {
          expect(await refusal(sibling, method, `/v1/models/${id}`, body)).toEqual([404, "MODEL_NOT_FOUND"]);
        }
      }
    });

    test("do not reach others' slugs, not by renaming either", async () => {
      const slug = `tenant/${tenantSlug}/movable`;
      const id = madeId(await make(admin, slug));
      const denied = [403, "AUTHZ_PERMISSION_DENIED"];
      for (const wanted of ["acme/stolen", `partner/${partnerSlug}/stolen`, "tenant/other/stolen"]) {
        expect(await refusal(admin, "POST", "/v1/models", { slug: wanted, context_window: 9 })).toEqual(
          denied,
        );
        expect(await refusal(admin, "PATCH", `/v1/models/${id}`, { slug: wanted })).toEqual(denied);
        const whole = { slug: wanted, context_window: 9 };
        expect(await refusal(admin, "PUT", `/v1/models/${id}`, whole)).toEqual(denied);
      }
    });

    test("what a model says to itself is told to those who may change it alone", async () => {
      const slug = `partner/${partnerSlug}/secretive`;
      const body = { slug, context_window: 9, system_prompt: "the margin is 12 %" };
      madeId(await partnerAdmin.call("POST", "/v1/models", body));
      expect((await partnerAdmin.call("GET", `/v1/models/${slug}`)).text).toContain("12 %");
      expect((await admin.call("GET", `/v1/models/${slug}`)).text).not.toContain("12 %");
    });
  });
});

describeApi("changes to providers and backends", (api) => {
  const platform = (method: string, path: string, body?: object) => api.gateway.api(method, path, { body });
  const chatTo = (model: string) => api.chat({ model, messages: MESSAGES });

  test("a provider's key is replaced, shown by its last four, and used from then on", async () => {
    const { slug, providerId } = await api.model("fake-ok", { apiKey: "sk-the-first-key-1111" });
    await chatTo(slug);
    const path = `/v1/providers/${providerId}`;
    const changed = await platform("PATCH", path, {
      name: "Renamed",
      connection_config: { api_key: "sk-the-second-key-2222" },
    });
    expect(pick(changed.body, "data")).toMatchObject({
      name: "Renamed",
      connection: { api_key_last4: "2222" },
    });
    expect((await chatTo(slug)).status).toBe(200);
    const shown = api.fake.log.records.map(({ headers }) => headers["authorization"] ?? "");
    expect(shown.slice(-2)).toEqual(["Bearer sk-the-first-key-1111", "Bearer sk-the-second-key-2222"]);
    const renamed = await platform("PATCH", path, { name: "Again" });
    expect(pick(renamed.body, "data.connection.api_key_last4")).toBe("2222");
  });

  test("a provider or a backend that is switched off is not called, and is called again", async () => {
    const { slug, providerId, backendIds } = await api.model("fake-ok");
    for (const path of [`/v1/providers/${providerId}`, `/v1/backends/${backendIds[0]}`]) {
      await platform("PATCH", path, { status: "disabled" });
      expect(codeOf(await chatTo(slug))).toBe("MODEL_UNAVAILABLE");
      await platform("PATCH", path, { status: "active" });
      expect((await chatTo(slug)).status).toBe(200);
    }
  });

  test("a backend's fields change by themselves, null takes the optional ones away", async () => {
    const { backendIds } = await api.model("fake-ok", { backend: { max_concurrency: 5, region: "eu" } });
    const path = `/v1/backends/${backendIds[0]}`;
    const changed = await platform("PATCH", path, {
      timeouts: { idle: 1_234 },
      cost_output_per_mtok: "9",
      max_concurrency: null,
      upstream_model: "fake-ok?tokens=3",
    });
    expect(pick(changed.body, "data")).toMatchObject({
      timeouts: { connect: 5_000, idle: 1_234 },
      costs: { input_per_mtok: "1.25", output_per_mtok: "9" },
      region: "eu",
      uri: "custom:fake-ok?tokens=3",
    });
    expect(pick(changed.body, "data")).not.toHaveProperty("max_concurrency");
  });

  test("unknown ones are told so, wrong ones by their field", async () => {
    const { providerId, backendIds } = await api.model("fake-ok");
    expect(codeOf(await platform("PATCH", `/v1/providers/prov_${UNKNOWN}`, {}))).toBe("PROVIDER_NOT_FOUND");
    expect(codeOf(await platform("PATCH", `/v1/backends/be_${UNKNOWN}`, {}))).toBe("BACKEND_NOT_FOUND");
    for (const [path, body, field] of [
      [`/v1/providers/${providerId}`, { base_url: "http://169.254.169.254/v1" }, "base_url"],
      [`/v1/providers/${providerId}`, { base_url: null }, "base_url"],
      [`/v1/providers/${providerId}`, { type: "openai" }, "type"],
      [`/v1/backends/${backendIds[0]}`, { timeouts: { idle: 0 } }, "timeouts.idle"],
      [`/v1/backends/${backendIds[0]}`, { provider_id: "prov_x" }, "provider_id"],
      [
        `/v1/backends/${backendIds[0]}`,
        { connection_config: { api_key: "env:NO_SUCH_VARIABLE" } },
        "connection_config.api_key",
      ],
    ] as const) {
      const reply = await platform("PATCH", path, body);
      expect([reply.status, codeOf(reply), fieldsOf(reply)]).toEqual([422, "VALIDATION_ERROR", [field]]);
    }
  });

  test("a provider's key goes to no other host than it was given for", async () => {
    const { providerId, backendIds } = await api.model("fake-ok");
    const path = `/v1/providers/${providerId}`;
    const elsewhere = { base_url: `http://127.0.0.1:${closedPort()}/v1` };
    const refused = await platform("PATCH", path, elsewhere);
    expect([refused.status, fieldsOf(refused)]).toEqual([422, ["connection_config"]]);
    const within = await platform("PATCH", path, { base_url: `${api.fake.url}/other` });
    expect(within.status).toBe(200);
    const own = { connection_config: { api_key: "the-key-of-the-backend" } };
    await platform("PATCH", `/v1/backends/${backendIds[0]}`, own);
    const both = await platform("PATCH", path, elsewhere);
    expect(fieldsOf(both)).toEqual(["connection_config", "base_url"]);
    await platform("PATCH", `/v1/backends/${backendIds[0]}`, { connection_config: null });
    const again = { connection_config: { api_key: "a-key-for-that-host" } };
    expect((await platform("PATCH", path, { ...elsewhere, ...again })).status).toBe(200);
    const back = await platform("PATCH", path, { base_url: api.fake.url, connection_config: null });
    expect(pick(back.body, "data")).not.toHaveProperty("connection");
  });

  test("are the platform's to make", async () => {
    const { providerId, backendIds, policyId } = await api.model("fake-ok");
    for (const [method, path, body] of [
      ["PATCH", `/v1/providers/${providerId}`, { name: "x" }],
      ["PATCH", `/v1/backends/${backendIds[0]}`, { status: "disabled" }],
      ["POST", `/v1/routing-policies/${policyId}/preview`, {}],
    ] as const) {
      const reply = await api.gateway.api(method, path, { key: api.gateway.firstKey, body });
      expect([reply.status, codeOf(reply)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    }
  });

  test("a routing policy is read by its id", async () => {
    const { policyId, modelId } = await api.model("fake-ok");
    expect(pick((await platform("GET", `/v1/routing-policies/${policyId}`)).body, "data.model_id")).toBe(
      modelId,
    );
    expect(codeOf(await platform("GET", `/v1/routing-policies/route_${UNKNOWN}`))).toBe("NOT_FOUND");
    expect(pickText(itemsOf(await platform("GET", `/v1/models?q=${SANDBOX}`)), "0.id")).toStartWith("model_");
  });
});
