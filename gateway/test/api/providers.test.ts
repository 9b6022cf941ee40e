import { describe, expect, test } from "bun:test";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, detailsOf, fieldsOf, itemsOf, requestIdOf, traceOf } from "./started.ts";

const NEVER_ALLOWED = [
  "http://169.254.169.254/latest/meta-data",
  "http://[fe80::1]/v1",
  "http://[fd00:ec2::254]/v1",
  "http://0.0.0.0/v1",
  "http://0/v1",
  "http://0xa9fea9fe/v1",
  "http://2852039166/v1",
  "http://0251.0376.0251.0376/v1",
  "http://[::ffff:169.254.169.254]/v1",
  "http://224.0.0.1/v1",
  "http://255.255.255.255/v1",
];
const PRIVATE = [
  "http://127.0.0.1/v1",
  "http://127.1/v1",
  "http://2130706433/v1",
  "http://[::1]/v1",
  "http://[::ffff:127.0.0.1]/v1",
  "http://10.1.2.3/v1",
  "http://172.16.0.1/v1",
  "http://192.168.1.1/v1",
  "http://100.64.0.1/v1",
  "http://[fd12::1]/v1",
];

describeApi("providers", (api) => {
  const make = (body: object) => api.gateway.api("POST", "/v1/providers", { body });

  test("are none at the gateway's own address, where their calls would go round in circles", async () => {
    const { port } = new URL(api.gateway.url);
    for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
      const reply = await make({
        type: "custom",
        preset: "vllm",
        name: "v",
        base_url: `http://${host}:${port}/v1`,
      });
      expect([reply.status, fieldsOf(reply)]).toEqual([422, ["base_url"]]);
      expect(reply.text).toContain("start vLLM on another port");
    }
  });

  test("are made, read, listed and deleted", async () => {
    const body = { type: "custom", name: "Mine", base_url: "https://llm.example.com/v1/" };
    const made = await make({ ...body, connection_config: { api_key: "sk-custom-0123456789" } });
    expect(made.status).toBe(201);
    const id = pickText(made.body, "data.id");
    expect(id).toMatch(/^prov_/);
    expect(pick(made.body, "data")).toMatchObject({
      type: "custom",
      name: "Mine",
      base_url: "https://llm.example.com/v1",
      connection: { api_key_last4: "6789" },
      backend_count: 0,
    });
    expect(pick((await api.gateway.api("GET", `/v1/providers/${id}`)).body, "data")).toEqual(
      pick(made.body, "data"),
    );
    expect(itemsOf(await api.gateway.api("GET", "/v1/providers"))[0]?.["id"]).toBe(id);
    expect((await api.gateway.api("DELETE", `/v1/providers/${id}`)).status).toBe(200);
    expect(codeOf(await api.gateway.api("GET", `/v1/providers/${id}`))).toBe("PROVIDER_NOT_FOUND");
    expect(codeOf(await api.gateway.api("DELETE", `/v1/providers/${id}`))).toBe("PROVIDER_NOT_FOUND");
  });

  test("of a vendor need no address", async () => {
    const made = await make({ type: "openai", name: "O", connection_config: { api_key: "sk-abcdefghijkl" } });
    expect(made.status).toBe(201);
  });

  const BAD: readonly (readonly [string, object, string])[] = [
    ["an unknown type", { type: "nobody" }, "type"],
    ["no name", { name: " " }, "name"],
    ["no address where one is needed", { base_url: undefined }, "base_url"],
    ["no key where one is needed", { type: "openai" }, "connection_config.api_key"],
    ["an address that is none", { base_url: "not a url" }, "base_url"],
    ["another scheme", { base_url: "file:///etc/passwd" }, "base_url"],
    ["credentials in the address", { base_url: "https://user:pass@example.com/v1" }, "base_url"],
    ["a query in the address", { base_url: "https://example.com/v1?key=1" }, "base_url"],
    ["a key with a line break", { connection_config: { api_key: "sk-1\n" } }, "connection_config.api_key"],
    ["a field nobody knows", { base_ulr: "https://example.com" }, "base_ulr"],
  ];
  test.each(BAD)("with %s cannot be made", async (_name, change, field) => {
    const reply = await make({ type: "custom", name: "Bad", base_url: "https://example.com/v1", ...change });
    expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", [field]]);
  });

  test.each(NEVER_ALLOWED)("cannot be at %s, even where private addresses may be used", async (url) => {
    const reply = await make({ type: "custom", name: "Metadata", base_url: url });
    expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", ["base_url"]]);
  });

  test("that still have backends cannot be deleted, and the answer names them", async () => {
    const { providerId, backendIds } = await api.model("fake-ok");
    const reply = await api.gateway.api("DELETE", `/v1/providers/${providerId}`);
    expect([reply.status, codeOf(reply)]).toEqual([409, "PROVIDER_HAS_BACKENDS"]);
    expect(fieldsOf(reply)).toEqual([...backendIds]);
    expect(detailsOf(reply)[0]?.["message"]).toBe("custom:fake-ok");
    for (const id of backendIds) await api.gateway.api("DELETE", `/v1/backends/${id}`);
    expect((await api.gateway.api("DELETE", `/v1/providers/${providerId}`)).status).toBe(200);
  });

  test("are for the platform's own people alone", async () => {
    const key = api.gateway.firstKey;
    for (const [method, path] of [
      ["GET", "/v1/providers"],
      ["POST", "/v1/providers"],
      ["GET", "/v1/backends"],
      ["POST", "/v1/backends"],
      ["DELETE", "/v1/backends/be_x"],
    ] as const) {
      const reply = await api.gateway.api(method, path, { key, ...(method === "POST" && { body: {} }) });
      expect(codeOf(reply)).toBe("AUTHZ_PERMISSION_DENIED");
      expect(pickText(reply.body, "error.hint")).toMatch(/permission \w+:\w+/);
    }
  });
});

describeApi(
  "where private upstreams are off",
  (api) => {
    test.each([...PRIVATE, ...NEVER_ALLOWED])("no provider can be at %s", async (url) => {
      const body = { type: "custom", name: "Private", base_url: url };
      const reply = await api.gateway.api("POST", "/v1/providers", { body });
      expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", ["base_url"]]);
    });

    describe("a name that leads to this machine", () => {
      test("is refused when it is connected to, and the caller is not told where it leads", async () => {
        const url = api.fake.url.replace("127.0.0.1", "localhost");
        const { slug } = await addFakeBackend(api.gateway, { url }, { plans: ["fake-ok"] });
        const reply = await api.chat({ model: slug });
        expect(codeOf(reply)).toBe("BACKEND_ERROR");
        expect(reply.text).not.toMatch(/egress|loopback|127\.0\.0\.1/);
        expect(api.fake.connectionsOpened).toBe(0);
        const trace = await traceOf(api.gateway, requestIdOf(reply));
        expect(pickText(trace.body, "data.attempts.0.reason")).toContain("egress refused");
      });
    });
  },
  { SCAIGRID_ALLOW_PRIVATE_UPSTREAMS: "off" },
);
