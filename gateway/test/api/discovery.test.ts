import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closedPort } from "../fakes/closed-port.ts";
import { pick } from "../harness/json.ts";
import { codeOf, describeApi, itemsOf } from "./started.ts";
import { freshSlug, madeId } from "./tenancy.ts";

const UNKNOWN = "00000000000000000000000000";
const KEY = "sk-discovery-key-0001";

/** A vendor whose list of models is what a path of its base URL says. */
function vendorServer(): Bun.Server<undefined> {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/closed")) return new Response("who are you", { status: 401 });
      if (pathname.startsWith("/busy")) return new Response("later", { status: 429 });
      if (pathname.startsWith("/broken")) return new Response("our fault", { status: 500 });
      if (pathname.startsWith("/page"))
        return new Response("<html>", { headers: { "content-type": "text/html" } });
      const data = ["gpt-4o", "My Model:latest", "...", 7, "gpt-4o"].map((id) => ({ id, object: "model" }));
      return Response.json({ data: [...data, "odd"] });
    },
  });
}

describeApi("asking a provider for its models", (api) => {
  let vendor: Bun.Server<undefined>;
  beforeAll(() => {
    vendor = vendorServer();
  });
  afterAll(() => vendor.stop(true));
  const platform = (method: string, path: string, body?: object) => api.gateway.api(method, path, { body });
  const add = async (path: string, more: object = {}) =>
    madeId(
      await platform("POST", "/v1/providers", {
        type: "openai",
        name: path,
        base_url: `http://127.0.0.1:${vendor.port}/${path.slice(1)}`,
        connection_config: { api_key: KEY },
        ...more,
      }),
    );

  test("gives each with facts, prices and a body to make it by; what has no name is left out", async () => {
    const id = await add("/v1");
    const reply = await platform("POST", `/v1/providers/${id}/discover`);
    const items = itemsOf(reply);
    expect(items.map((item) => item["upstream_model"])).toEqual(["gpt-4o", "My Model:latest", "..."]);
    const [known, unknown, nameless] = items;
    expect(known).toMatchObject({
      known: true,
      backend_ids: [],
      proposed_model: { slug: "openai/gpt-4o", free: false },
    });
    expect(Number(pick(known, "proposed_model.prices.input_per_mtok"))).toBeGreaterThan(0);
    expect(unknown).toMatchObject({ known: false, proposed_model: { slug: "openai/my-model" } });
    expect(nameless).not.toHaveProperty("proposed_model");
    // What is proposed can be made as it is.
    const backend = await platform("POST", "/v1/backends", Object(pick(known, "proposed_backend")));
    const wanted = { ...Object(pick(known, "proposed_model")), slug: `found/${freshSlug("m")}` };
    const model = await platform("POST", "/v1/models", wanted);
    expect([backend.status, model.status]).toEqual([201, 201]);
    const again = itemsOf(await platform("POST", `/v1/providers/${id}/discover`));
    expect(again[0]?.["backend_ids"]).toEqual([madeId(backend)]);
    expect(
      pick((await platform("GET", `/v1/backends/${madeId(backend)}/health`)).body, "data"),
    ).toMatchObject({
      status: "healthy",
      model_listed: true,
    });
  });

  describe("says what is wrong, and no more", () => {
    test.each([
      ["/closed", "auth", 401, "unhealthy"],
      ["/busy", "rate_limited", 429, "unhealthy"],
      ["/broken", "server_error", 500, "unhealthy"],
      ["/page", "shape", undefined, "unhealthy"],
    ] as const)("of a vendor at %s", async (path, fault, status, health) => {
      const id = await add(path);
      const tested = await platform("POST", `/v1/providers/${id}/test`);
      expect(pick(tested.body, "data")).toMatchObject({
        ok: false,
        fault,
        ...(status && { http_status: status }),
      });
      const discovered = await platform("POST", `/v1/providers/${id}/discover`);
      expect([discovered.status, codeOf(discovered)]).toEqual([502, "PROVIDER_DISCOVERY_ERROR"]);
      const backend = madeId(
        await platform("POST", "/v1/backends", { provider_id: id, upstream_model: "x" }),
      );
      const probed = await platform("GET", `/v1/backends/${backend}/health`);
      expect(pick(probed.body, "data")).toMatchObject({ status: health, fault });
      for (const { text } of [tested, discovered, probed]) {
        expect(text).not.toMatch(/127\.0\.0\.1|who are you|our fault|sk-discovery/);
      }
    });

    test("of one that is not there", async () => {
      const id = await add("nowhere", { base_url: `http://127.0.0.1:${closedPort()}/v1` });
      expect(pick((await platform("POST", `/v1/providers/${id}/test`)).body, "data")).toMatchObject({
        ok: false,
        fault: "network",
      });
      const backend = madeId(
        await platform("POST", "/v1/backends", { provider_id: id, upstream_model: "x" }),
      );
      expect(pick((await platform("GET", `/v1/backends/${backend}/health`)).body, "data.status")).toBe(
        "unavailable",
      );
    });
  });

  test("tells a working key, a model the provider does not list, and what is switched off", async () => {
    const id = await add("/v1");
    expect(pick((await platform("POST", `/v1/providers/${id}/test`)).body, "data")).toMatchObject({
      ok: true,
      models_found: 3,
    });
    const backend = madeId(
      await platform("POST", "/v1/backends", { provider_id: id, upstream_model: "gone" }),
    );
    const status = async () =>
      pick((await platform("GET", `/v1/backends/${backend}/health`)).body, "data.status");
    expect(await status()).toBe("degraded");
    await platform("PATCH", `/v1/backends/${backend}`, { status: "disabled" });
    expect(await status()).toBe("unavailable");
  });

  test("works for the sandbox, which is asked nothing", async () => {
    const sandbox = itemsOf(await platform("GET", "/v1/providers")).find(({ type }) => type === "sandbox");
    const path = `/v1/providers/${String(sandbox?.["id"])}`;
    expect(pick((await platform("POST", `${path}/test`)).body, "data.ok")).toBe(true);
    expect(itemsOf(await platform("POST", `${path}/discover`)).length).toBeGreaterThan(0);
    const backends = itemsOf(await platform("GET", "/v1/backends"));
    const own = backends.find((each) => each["provider_id"] === sandbox?.["id"]);
    expect(
      pick((await platform("GET", `/v1/backends/${String(own?.["id"])}/health`)).body, "data.status"),
    ).toBe("healthy");
  });

  test("is the platform's, and of what there is", async () => {
    const id = await add("/v1");
    for (const [method, path] of [
      ["POST", `/v1/providers/${id}/test`],
      ["POST", `/v1/providers/${id}/discover`],
      ["GET", `/v1/backends/be_${UNKNOWN}/health`],
    ] as const) {
      const reply = await api.gateway.api(method, path, { key: api.gateway.firstKey });
      expect([reply.status, codeOf(reply)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    }
    expect(codeOf(await platform("POST", `/v1/providers/prov_${UNKNOWN}/test`))).toBe("PROVIDER_NOT_FOUND");
    expect(codeOf(await platform("POST", `/v1/providers/prov_${UNKNOWN}/discover`))).toBe(
      "PROVIDER_NOT_FOUND",
    );
    expect(codeOf(await platform("GET", `/v1/backends/be_${UNKNOWN}/health`))).toBe("BACKEND_NOT_FOUND");
  });
});
