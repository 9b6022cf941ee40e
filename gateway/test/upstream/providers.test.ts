import { describe, expect, test } from "bun:test";
import { authHeaders } from "../../src/providers/auth.ts";
import { KNOWN_VENDORS, VENDORS, vendorName, vendorOf } from "../../src/providers/catalogue.ts";
import { PRESETS } from "../../src/providers/presets.ts";
import { checkUrl } from "../../src/upstream/egress/guard.ts";
import { Upstreams } from "../../src/upstream/upstreams.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import { callOf, faultOf } from "./support.ts";

describe("the vendor catalogue", () => {
  test("every row can be found by its type, and types are unique", () => {
    expect(new Set(VENDORS.map(({ type }) => type)).size).toBe(VENDORS.length);
    for (const vendor of [...VENDORS, ...PRESETS]) expect(vendorOf(vendor)).toBe(vendor);
    expect(vendorOf({ type: "nobody" })).toBeUndefined();
    expect(vendorOf({ type: "custom", preset: "nobody" })).toBeUndefined();
  });

  test("a vendor's name is a segment of a slug, and no two have the same", () => {
    const names = [...VENDORS, ...PRESETS].map(vendorName);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]+$/);
  });

  test("every preset of the specification is there", () => {
    expect(PRESETS.map(({ preset }) => preset)).toEqual([
      "ollama",
      "vllm",
      "llamacpp",
      "lmstudio",
      "groq",
      "together",
      "fireworks",
      "deepseek",
      "xai",
      "openrouter",
      "perplexity",
      "cerebras",
      "nvidia",
      "sambanova",
      "deepinfra",
      "moonshot",
      "zhipu",
      "minimax",
      "huggingface",
      "vertex",
    ]);
  });

  test("what runs at home is at a loopback address and needs no key; all else is public and names its variable", () => {
    for (const vendor of KNOWN_VENDORS) {
      // Where accounts differ in their address, its pattern is filled.
      const address = (vendor.baseUrl ?? vendor.addressPattern ?? "").replaceAll(/[{}]/g, "");
      expect(checkUrl(address, { allowPrivate: vendor.selfHosted })).toBeUndefined();
      expect(new URL(address).hostname === "localhost").toBe(vendor.selfHosted);
      expect(address.startsWith("https://")).toBe(!vendor.selfHosted);
      expect(address.endsWith("/")).toBe(false);
      if (vendor.foundAtStart) expect(vendor.keyVariable === undefined).toBe(vendor.selfHosted);
      expect(authHeaders(vendor.authScheme, {}).problem === undefined).toBe(vendor.selfHosted);
      if (vendor.keysPage !== undefined) expect(URL.canParse(vendor.keysPage)).toBe(true);
    }
    const variables = KNOWN_VENDORS.flatMap(({ keyVariable }) => keyVariable ?? []);
    expect(new Set(variables).size).toBe(variables.length);
  });

  test("every vendor over HTTP has a public base URL or demands one", () => {
    for (const { transport, baseUrl, needsBaseUrl } of VENDORS) {
      if (transport !== "http") continue;
      expect(needsBaseUrl).toBe(baseUrl === undefined);
      if (baseUrl !== undefined) expect(checkUrl(baseUrl, { allowPrivate: false })).toBeUndefined();
    }
  });
});

describe("auth schemes", () => {
  test("a credential goes where the scheme says", () => {
    const credentials = { apiKey: "k-1" };
    expect(authHeaders({ kind: "bearer" }, credentials).headers).toEqual({ authorization: "Bearer k-1" });
    expect(authHeaders({ kind: "header", name: "x-api-key" }, credentials).headers).toEqual({
      "x-api-key": "k-1",
    });
    expect(authHeaders({ kind: "none" }, credentials).headers).toEqual({});
  });

  test("a missing credential is a problem unless the scheme can do without", () => {
    expect(authHeaders({ kind: "bearer" }, {}).problem).toBeString();
    expect(authHeaders({ kind: "bearer", optional: true }, {}).headers).toEqual({});
  });

  test.each(["a b", "k\r\nx: 1", "k\0", "clé"])(
    "a credential no header may carry is refused: %p",
    (apiKey) => {
      expect(authHeaders({ kind: "bearer" }, { apiKey }).problem).not.toContain(apiKey);
    },
  );
});

test("the vendor's row decides which transport carries a call", async () => {
  const carried: string[] = [];
  const named = (name: string): Upstream => ({
    send: () => {
      carried.push(name);
      return Promise.reject(new Error(name));
    },
  });
  const upstreams = new Upstreams({ http: named("http"), pool: named("pool"), sandbox: named("sandbox") });
  for (const type of ["openai", "custom", "scaiinfer", "sandbox"])
    await upstreams.send(callOf({ type })).catch(() => undefined);
  expect(carried).toEqual(["http", "http", "pool", "sandbox"]);
  expect((await faultOf(upstreams.send(callOf({ type: "nobody" })))).class).toBe("unavailable");
});
