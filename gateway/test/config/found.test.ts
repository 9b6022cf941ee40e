import { describe, expect, test } from "bun:test";
import { keysIn, ollamaAddress, VENDOR_VARIABLES } from "../../src/config/found.ts";
import { vendorName } from "../../src/providers/catalogue.ts";

describe("keys in the environment", () => {
  test("are found by the variables of the vendors' own tools, and stay where they are", () => {
    const found = keysIn({ MISTRAL_API_KEY: "a", DASHSCOPE_API_KEY: "b", XAI_API_KEY: " ", HF_TOKEN: "c" });
    expect(found.map(({ vendor, reference }) => [vendorName(vendor), reference])).toEqual([
      ["mistral", "env:MISTRAL_API_KEY"],
      ["qwen", "env:DASHSCOPE_API_KEY"],
    ]);
  });

  test("the first of several variables of a vendor is taken", () => {
    const found = (environment: Record<string, string>) =>
      keysIn(environment).map(({ reference }) => reference);
    expect(found({ GEMINI_API_KEY: "a", GOOGLE_API_KEY: "b" })).toEqual(["env:GEMINI_API_KEY"]);
    expect(found({ GEMINI_API_KEY: " ", GOOGLE_API_KEY: "b" })).toEqual(["env:GOOGLE_API_KEY"]);
  });

  test.each([
    ["https://proxy.example.com/v1/", "https://proxy.example.com/v1"],
    ["https://api.openai.com/v1", undefined],
    ["not an address", undefined],
    ["", undefined],
  ])("the address %p is taken as %p", (given, taken) => {
    expect(keysIn({ OPENAI_API_KEY: "k", OPENAI_BASE_URL: given })[0]?.baseUrl).toBe(taken);
  });

  test.each([
    [
      "keys and a region",
      { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_REGION: "eu-west-1" },
      "AWS_ACCESS_KEY_ID",
    ],
    [
      "a key of its own",
      { AWS_BEARER_TOKEN_BEDROCK: "a", AWS_DEFAULT_REGION: "eu-west-1" },
      "AWS_BEARER_TOKEN_BEDROCK",
    ],
  ])("of Amazon: %s", (_name, environment, variable) => {
    const [found] = keysIn(environment);
    expect(found?.vendor.type).toBe("bedrock");
    expect([found?.variable, found?.baseUrl]).toEqual([
      variable,
      "https://bedrock-runtime.eu-west-1.amazonaws.com",
    ]);
    expect(found?.reference).not.toContain('"a"');
  });

  test.each([
    { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" },
    { AWS_ACCESS_KEY_ID: "a", AWS_REGION: "eu-west-1" },
    { AWS_SESSION_TOKEN: "a", AWS_REGION: "eu-west-1" },
    { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_REGION: "not/a region" },
    { AZURE_OPENAI_API_KEY: "a" },
    { AZURE_TENANT_ID: "a", AZURE_CLIENT_ID: "b", AZURE_OPENAI_ENDPOINT: "https://r.openai.azure.com" },
  ])("that are not all there add nothing: %o", (environment) => {
    expect(keysIn(environment)).toEqual([]);
  });

  test.each([
    [{ AZURE_OPENAI_API_KEY: "a" }, "env:AZURE_OPENAI_API_KEY"],
    [
      { AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "c", AZURE_CLIENT_SECRET: "s" },
      '{"tenant_id":"env:AZURE_TENANT_ID","client_id":"env:AZURE_CLIENT_ID","client_secret":"env:AZURE_CLIENT_SECRET"}',
    ],
  ])("of Microsoft, with the address completed: %o", (environment, reference) => {
    const [found] = keysIn({ ...environment, AZURE_OPENAI_ENDPOINT: "https://r.openai.azure.com/" });
    expect([found?.vendor.type, found?.reference]).toEqual(["azure", reference]);
    expect(found?.baseUrl).toBe("https://r.openai.azure.com/openai/v1");
  });

  test("no other variable is read", () => {
    expect(new Set(VENDOR_VARIABLES).size).toBe(VENDOR_VARIABLES.length);
    for (const name of VENDOR_VARIABLES)
      expect(name).toMatch(/^(?:AWS|AZURE)_[A-Z_]+$|^[A-Z]+_(?:API_KEY|TOKEN|BASE_URL|HOST)$/);
  });
});

test.each([
  [undefined, "http://localhost:11434"],
  ["", "http://localhost:11434"],
  ["0.0.0.0", "http://127.0.0.1:11434"],
  ["0.0.0.0:8080", "http://127.0.0.1:8080"],
  ["[::]:8080", "http://127.0.0.1:8080"],
  [":5000", "http://localhost:5000"],
  ["box", "http://box:11434"],
  ["box:80", "http://box"],
  ["box:1234/path/", "http://box:1234/path"],
  ["http://box", "http://box"],
  ["https://box.example.com", "https://box.example.com"],
  ["http://box:11434/", "http://box:11434"],
  ["a b", undefined],
  ["http://user:pass@box", undefined],
])("OLLAMA_HOST=%p is %p", (given, address) => {
  expect(ollamaAddress({ OLLAMA_HOST: given })).toBe(address);
});
