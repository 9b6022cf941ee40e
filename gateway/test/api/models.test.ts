import { expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { SANDBOX, codeOf, describeApi, detailsOf, fieldsOf, itemsOf } from "./started.ts";

describeApi("models", (api) => {
  const make = (body: object) => api.gateway.api("POST", "/v1/models", { body });
  const read = (path: string) => api.gateway.api("GET", path, { key: api.gateway.firstKey });

  test("the sandbox's is listed with its prices and limits, without fields that have no value", async () => {
    const reply = await read("/v1/models");
    const sandbox = itemsOf(reply).find(({ slug }) => slug === SANDBOX);
    expect(sandbox).toMatchObject({
      modality: "chat",
      context_window: 256_000,
      max_output_tokens: 32_768,
      input_price_per_mtok: "1",
      output_price_per_mtok: "3",
      owned_by: "sandbox",
      status: "active",
      health_status: "healthy",
      active_backend_count: 1,
      total_backend_count: 1,
    });
    const bare = await make({ slug: "acme/bare", context_window: 10, free: true });
    for (const name of ["description", "max_output_tokens", "input_price_per_mtok", "output_price_per_mtok"])
      expect(pick(bare.body, `data.${name}`)).toBeUndefined();
  });

  test("one is found by slug with the slash raw or encoded, and by id", async () => {
    const raw = await read(`/v1/models/${SANDBOX}`);
    const encoded = await read(`/v1/models/${encodeURIComponent(SANDBOX)}`);
    const byId = await read(`/v1/models/${pickText(raw.body, "data.id")}`);
    expect(pick(raw.body, "data.slug")).toBe(SANDBOX);
    expect(pick(encoded.body, "data")).toEqual(pick(raw.body, "data"));
    expect(pick(byId.body, "data")).toEqual(pick(raw.body, "data"));
  });

  test("an unknown one is told with the nearest names", async () => {
    const reply = await read("/v1/models/scailabs/poolnodle-omni");
    expect(codeOf(reply)).toBe("MODEL_NOT_FOUND");
    expect(pickText(reply.body, "error.hint")).toContain(SANDBOX);
  });

  test("are filtered by modality, status and text", async () => {
    await make({ slug: "acme/painter", context_window: 10, modality: "image", free: true });
    await make({ slug: "acme/old", context_window: 10, status: "deprecated", free: true });
    const slugs = async (query: string) => itemsOf(await read(`/v1/models?${query}`)).map(({ slug }) => slug);
    expect(await slugs("modality=image")).toEqual(["acme/painter"]);
    expect(await slugs("status=deprecated")).toEqual(["acme/old"]);
    expect(await slugs("q=POOLNOODLE")).toEqual([SANDBOX]);
    expect(codeOf(await read("/v1/models?modality=smell"))).toBe("VALIDATION_ERROR");
    expect(fieldsOf(await read("/v1/models?modalty=image"))).toEqual(["query.modalty"]);
    // Every object has one of that name.
    expect(detailsOf(await read("/v1/models?constructor=1"))).toEqual([
      { field: "query.constructor", message: "is not a known field" },
    ]);
  });

  test("page through with a cursor, newest first, each exactly once", async () => {
    for (const n of [1, 2, 3, 4, 5]) await make({ slug: `page/m${n}`, context_window: 10, free: true });
    const seen: unknown[] = [];
    let cursor: unknown;
    do {
      const query = typeof cursor === "string" ? `&cursor=${cursor}` : "";
      const page = await read(`/v1/models?q=page/&limit=2${query}`);
      seen.push(...itemsOf(page).map(({ slug }) => slug));
      cursor = pick(page.body, "pagination.next_cursor");
      expect(pick(page.body, "pagination.has_more")).toBe(typeof cursor === "string");
    } while (typeof cursor === "string");
    expect(seen).toEqual(["page/m5", "page/m4", "page/m3", "page/m2", "page/m1"]);
  });

  test("a page of no size, too large a size, or from a foreign cursor is refused by its field", async () => {
    for (const [query, field] of [
      ["limit=0", "query.limit"],
      ["limit=1001", "query.limit"],
      ["limit=many", "query.limit"],
      ["cursor=%20%20", "query.cursor"],
      ["limit=1&limit=2", "query.limit"],
    ]) {
      const reply = await read(`/v1/models?${query}`);
      expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", [field]]);
    }
  });

  const BAD: readonly (readonly [string, object, string])[] = [
    ["a slug without a vendor", { slug: "lonely" }, "slug"],
    ["a slug in capitals", { slug: "Acme/One" }, "slug"],
    ["a slug that is an avatar's address", { slug: "acme/avatar" }, "slug"],
    ["no context window", { context_window: undefined }, "context_window"],
    ["a context window of 0", { context_window: 0 }, "context_window"],
    ["more output than context", { max_output_tokens: 1001 }, "max_output_tokens"],
    ["an unknown modality", { modality: "smell" }, "modality"],
    [
      "a price that is a number",
      { prices: { input_per_mtok: 1, output_per_mtok: "1" } },
      "prices.input_per_mtok",
    ],
    ["a negative price", { prices: { input_per_mtok: "-1", output_per_mtok: "1" } }, "prices.input_per_mtok"],
    [
      "a price beyond all reason",
      { prices: { input_per_mtok: "1", output_per_mtok: "10000000" } },
      "prices.output_per_mtok",
    ],
    [
      "a price finer than a pico",
      { prices: { input_per_mtok: "0.0000000000001", output_per_mtok: "1" } },
      "prices.input_per_mtok",
    ],
    ["half a price", { prices: { input_per_mtok: "1" } }, "prices"],
    ["a default temperature of 3", { default_params: { temperature: 3 } }, "default_params.temperature"],
    ["an unknown default", { default_params: { temperatur: 1 } }, "default_params.temperatur"],
  ];
  test.each(BAD)("with %s cannot be made", async (_name, change, field) => {
    const reply = await make({ slug: "acme/bad", context_window: 1000, free: true, ...change });
    expect([reply.status, codeOf(reply)]).toEqual([422, "VALIDATION_ERROR"]);
    expect(fieldsOf(reply)).toEqual([field]);
  });

  test("an unknown field is refused with the nearest known one", async () => {
    const reply = await make({ slug: "acme/typo", contextwindow: 10 });
    const about = detailsOf(reply).find(({ field }) => field === "contextwindow");
    expect(about?.["message"]).toContain("context_window");
  });

  test("a slug can be taken once", async () => {
    const body = { slug: "acme/twice", context_window: 10, free: true };
    expect((await make(body)).status).toBe(201);
    expect(codeOf(await make(body))).toBe("SLUG_CONFLICT");
    const many = await Promise.all(Array.from({ length: 8 }, () => make({ ...body, slug: "acme/raced" })));
    expect(many.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(many.filter((reply) => codeOf(reply) === "SLUG_CONFLICT")).toHaveLength(7);
  });

  test("a tenant's administrator manages slugs of the tenant, and no others", async () => {
    const key = api.gateway.firstKey;
    const outside = await api.gateway.api("POST", "/v1/models", {
      key,
      body: { slug: "acme/mine", context_window: 10 },
    });
    expect(codeOf(outside)).toBe("AUTHZ_PERMISSION_DENIED");
    expect(pickText(outside.body, "error.hint")).toContain("tenant/default/");
    const inside = await api.gateway.api("POST", "/v1/models", {
      key,
      body: { slug: "tenant/default/mine", context_window: 10 },
    });
    expect(inside.status).toBe(201);
  });

  test("one that a policy serves cannot be deleted; the policy first, then the model", async () => {
    const { modelId, policyId, slug } = await api.model("fake-ok");
    const refused = await api.gateway.api("DELETE", `/v1/models/${modelId}`);
    expect(codeOf(refused)).toBe("CONFLICT");
    expect(detailsOf(refused)[0]?.["message"]).toBe(policyId);
    expect((await api.gateway.api("DELETE", `/v1/routing-policies/${policyId}`)).status).toBe(200);
    const gone = await api.gateway.api("DELETE", `/v1/models/${modelId}`);
    expect(pick(gone.body, "data")).toEqual({ id: modelId, deleted: true });
    expect(codeOf(await api.chat({ model: slug }))).toBe("MODEL_NOT_FOUND");
    expect(codeOf(await api.gateway.api("DELETE", `/v1/models/${modelId}`))).toBe("MODEL_NOT_FOUND");
  });

  test("a disabled one serves nobody", async () => {
    const { slug } = await api.model("fake-ok", { model: { status: "disabled" } });
    expect(codeOf(await api.chat({ model: slug }))).toBe("MODEL_NOT_FOUND");
  });

  test("a price that is changed while an answer is on its way is not that answer's", async () => {
    const { slug, modelId } = await api.model("fake-ok?tokens=10&gate=repriced&gate_after=1", {
      prices: { input_per_mtok: "0", output_per_mtok: "10" },
    });
    const stream = await api.stream({ model: slug });
    await stream.nextContent();
    const body = { prices: { input_per_mtok: "0", output_per_mtok: "1000" } };
    expect((await api.gateway.api("PATCH", `/v1/models/${modelId}`, { body })).status).toBe(200);
    api.fake.gates.open("repriced");
    await stream.end();
    const path = `/v1/accounting/usage?model=${encodeURIComponent(slug)}`;
    const [item] = itemsOf(await api.gateway.api("GET", path));
    expect(item).toMatchObject({ status: "completed", tokens_out: 10, cost: "0.0001" });
  });
});
