import { describe, expect, test } from "bun:test";
import { mintKey } from "../../src/access/key-format.ts";
import { ConfigError, loadConfig } from "../../src/config/config.ts";
import type { Environment } from "../../src/config/env.ts";
import { VARIABLES } from "../../src/config/variables.ts";

const SERVICE = { isTerminal: false };
const KEY = mintKey("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg");

function problemsOf(environment: Environment): ConfigError {
  try {
    loadConfig(environment, SERVICE);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("the configuration was accepted");
}

describe("defaults", () => {
  test("an empty environment gives the documented defaults", () => {
    expect(loadConfig({}, SERVICE)).toEqual({
      port: 8000,
      host: "localhost",
      dataDir: "./data",
      journal: "local",
      mode: "all",
      workers: 1,
      databasePoolSize: 10,
      databasePooler: false,
      staleAuthSeconds: 900,
      traceDays: 30,
      eventDays: 30,
      usageDays: 400,
      rateLimits: { key: 60, user: 120, tenant: 1000, partner: 5000, address: 600 },
      tokenLimits: { key: 0, user: 0, tenant: 0, partner: 0 },
      concurrencyLimits: { key: 0, user: 0, tenant: 0, partner: 0 },
      queueMax: 1000,
      queueMs: 2000,
      shedLagMs: 1000,
      diskReserveMb: 256,
      storeMaxMb: 0,
      bodySeconds: 120,
      trustedProxies: [],
      corsOrigins: [],
      holdHeadersSeconds: 10,
      keepAliveSeconds: 15,
      healthCheckSeconds: 60,
      drainSeconds: 600,
      logLevel: "info",
      logFormat: "json",
      allowPrivateUpstreams: true,
      allowPrivateMedia: false,
      detect: true,
      insecureCookies: false,
      currency: "USD",
      unpriced: "refuse",
      sandboxTokenMs: 15,
    });
  });

  test("a person at a terminal gets readable logs and a short drain", () => {
    const config = loadConfig({}, { isTerminal: true });
    expect([config.logFormat, config.drainSeconds]).toEqual(["pretty", 5]);
  });

  test("what the environment says wins over the terminal", () => {
    const config = loadConfig(
      { SCAIGRID_LOG_FORMAT: "json", SCAIGRID_DRAIN_SECONDS: "9" },
      { isTerminal: true },
    );
    expect([config.logFormat, config.drainSeconds]).toEqual(["json", 9]);
  });

  test("an empty variable counts as absent", () => {
    expect(loadConfig({ SCAIGRID_PORT: "", SCAIGRID_ADMIN_KEY: " " }, SERVICE).port).toBe(8000);
  });

  test("every default is itself well-formed", () => {
    for (const row of Object.values(VARIABLES)) {
      if (!("default" in row)) continue;
      const texts = typeof row.default === "string" ? [row.default] : Object.values(row.default);
      for (const text of texts)
        expect([row.name, row.parse.safeParse(text).success]).toEqual([row.name, true]);
    }
  });

  test("the configuration and its parts cannot be changed", () => {
    const config = loadConfig({ SCAIGRID_CORS_ORIGINS: "https://a.example" }, SERVICE);
    expect([config, config.rateLimits, config.corsOrigins].map(Object.isFrozen)).toEqual([true, true, true]);
  });
});

describe("values", () => {
  test.each<[string, string, Readonly<Record<string, unknown>>]>([
    ["SCAIGRID_PORT", "0", { port: 0 }],
    ["SCAIGRID_HOST", "::1", { host: "::1" }],
    ["SCAIGRID_PUBLIC_URL", "https://ai.example.com/", { publicUrl: "https://ai.example.com" }],
    ["SCAIGRID_PUBLIC_URL", "https://example.com/ai/", { publicUrl: "https://example.com/ai" }],
    ["SCAIGRID_ADMIN_KEY", KEY, { adminKey: KEY }],
    [
      "SCAIGRID_RATE_LIMITS",
      "key:7",
      { rateLimits: { key: 7, user: 120, tenant: 1000, partner: 5000, address: 600 } },
    ],
    ["SCAIGRID_TOKEN_LIMITS", "tenant:9", { tokenLimits: { key: 0, user: 0, tenant: 9, partner: 0 } }],
    [
      "SCAIGRID_CONCURRENCY_LIMITS",
      "key:3",
      { concurrencyLimits: { key: 3, user: 0, tenant: 0, partner: 0 } },
    ],
    ["SCAIGRID_IN_FLIGHT_MAX", "7", { inFlightMax: 7 }],
    ["SCAIGRID_QUEUE_MAX", "0", { queueMax: 0 }],
    ["SCAIGRID_QUEUE_MS", "20000", { queueMs: 20_000 }],
    ["SCAIGRID_SHED_LAG_MS", "0", { shedLagMs: 0 }],
    ["SCAIGRID_MEMORY_LIMIT_MB", "512", { memoryLimitMb: 512 }],
    ["SCAIGRID_BODY_MEMORY_MB", "1", { bodyMemoryMb: 1 }],
    ["SCAIGRID_DISK_RESERVE_MB", "0", { diskReserveMb: 0 }],
    ["SCAIGRID_BODY_SECONDS", "5", { bodySeconds: 5 }],
    [
      "SCAIGRID_TRUSTED_PROXIES",
      "10.0.0.0/8, ::1 ,192.0.2.7",
      {
        trustedProxies: [
          { address: "10.0.0.0", prefixBits: 8 },
          { address: "::1", prefixBits: 128 },
          { address: "192.0.2.7", prefixBits: 32 },
        ],
      },
    ],
    ["SCAIGRID_CORS_ORIGINS", "*", { corsOrigins: ["*"] }],
    ["SCAIGRID_CORS_ORIGINS", "https://a.b, http://c:1/", { corsOrigins: ["https://a.b", "http://c:1"] }],
    ["SCAIGRID_ALLOW_PRIVATE_UPSTREAMS", "off", { allowPrivateUpstreams: false }],
    ["SCAIGRID_ALLOW_PRIVATE_MEDIA", "on", { allowPrivateMedia: true }],
    ["SCAIGRID_KEEP_ALIVE_SECONDS", "0", { keepAliveSeconds: 0 }],
    ["SCAIGRID_CURRENCY", "EUR", { currency: "EUR" }],
  ])("%s=%s is read as meant", (name, text, expected) => {
    expect(loadConfig({ [name]: text }, SERVICE)).toMatchObject(expected);
  });

  test("all four rate limits can be unlimited or huge", () => {
    const text = "key:0,user:0,tenant:1000000000,partner:1000000000";
    const { rateLimits } = loadConfig({ SCAIGRID_RATE_LIMITS: text }, SERVICE);
    expect(rateLimits).toEqual({ key: 0, user: 0, tenant: 1e9, partner: 1e9, address: 600 });
  });

  test("a secret key is 32 bytes, in hex or in base64", () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
    for (const text of [bytes.toHex(), bytes.toHex().toUpperCase(), bytes.toBase64()]) {
      expect(loadConfig({ SCAIGRID_SECRET_KEY: text }, SERVICE).secretKey).toEqual(bytes);
    }
  });

  test.each([
    ["SCAIGRID_PORT", "65536"],
    ["SCAIGRID_PORT", "8e3"],
    ["SCAIGRID_PORT", "-1"],
    ["SCAIGRID_HOST", "http://localhost"],
    ["SCAIGRID_PUBLIC_URL", "ai.example.com"],
    ["SCAIGRID_PUBLIC_URL", "ftp://ai.example.com"],
    ["SCAIGRID_ADMIN_KEY", `${KEY.slice(0, -1)}-`],
    ["SCAIGRID_SECRET_KEY", "00".repeat(31)],
    ["SCAIGRID_RATE_LIMITS", "key:60,key:61"],
    ["SCAIGRID_RATE_LIMITS", "account:60"],
    ["SCAIGRID_RATE_LIMITS", "key:1000000001"],
    ["SCAIGRID_RATE_LIMITS", "key:1.5"],
    ["SCAIGRID_CORS_ORIGINS", "https://a.b/path"],
    ["SCAIGRID_CORS_ORIGINS", "https://a.b,*"],
    ["SCAIGRID_LOG_LEVEL", "INFO"],
    ["SCAIGRID_ALLOW_PRIVATE_UPSTREAMS", "maybe"],
    ["SCAIGRID_CURRENCY", "dollars"],
    ["SCAIGRID_METRICS_TOKEN", "two words"],
  ])("%s=%s is refused by name", (name, text) => {
    expect(problemsOf({ [name]: text }).problems.map((problem) => problem.variable)).toEqual([name]);
  });
});

describe("problems", () => {
  test("all wrong variables are told at once, with what is wrong and what to do", () => {
    const { message, problems } = problemsOf({ SCAIGRID_PORT: "x", SCAIGRID_CURRENCY: "eur" });
    expect(problems).toHaveLength(2);
    expect(message).toContain('SCAIGRID_PORT is "x", but must be a whole number from 0 to 65535.');
    expect(message).toContain("or remove it for the default, 8000.");
    expect(message).toContain("SCAIGRID_CURRENCY=EUR");
  });

  test("an unknown variable is refused with the nearest known name", () => {
    expect(problemsOf({ SCAIGRID_PROT: "1" }).problems).toEqual([
      {
        variable: "SCAIGRID_PROT",
        message: "SCAIGRID_PROT is not a setting.",
        fix: "Did you mean SCAIGRID_PORT? Rename or remove it.",
      },
    ]);
  });

  test("an unknown variable that is like no other is not taken for one", () => {
    expect(problemsOf({ SCAIGRID_SIMULATE: "1" }).problems.map(({ fix }) => fix)).toEqual(["Remove it."]);
  });

  test("a wrong secret is never repeated", () => {
    for (const name of ["SCAIGRID_ADMIN_KEY", "SCAIGRID_SECRET_KEY", "SCAIGRID_METRICS_TOKEN"]) {
      const { message, problems } = problemsOf({ [name]: "canary 5e1f" });
      expect([name, JSON.stringify([message, problems]).includes("canary")]).toEqual([name, false]);
    }
  });

  test("variables of others and of the test suite are ignored", () => {
    expect(loadConfig({ HOME: "/", PORT: "x", SCAIGRID_TEST_POSTGRES_URL: "x" }, SERVICE).port).toBe(8000);
  });
});

test("several processes are refused without a store they can share, and for background work", () => {
  const refused = problemsOf({ SCAIGRID_WORKERS: "2" });
  expect(refused.message).toContain("SCAIGRID_WORKERS is 2, but more than one needs a store");
  const url = "postgres://app@db/scaigrid";
  expect(loadConfig({ SCAIGRID_WORKERS: "2", SCAIGRID_DATABASE_URL: url }, SERVICE).workers).toBe(2);
  const working = problemsOf({ SCAIGRID_WORKERS: "2", SCAIGRID_MODE: "worker", SCAIGRID_DATABASE_URL: url });
  expect(working.problems.map(({ variable }) => variable)).toEqual(["SCAIGRID_WORKERS"]);
});

test("a mode for processes that share a store is refused without one they can share", () => {
  for (const mode of ["http", "worker"] as const) {
    const error = problemsOf({ SCAIGRID_MODE: mode });
    expect(error.problems.map(({ variable }) => variable)).toEqual(["SCAIGRID_MODE"]);
    expect(error.message).toContain("Set SCAIGRID_DATABASE_URL to a PostgreSQL database");
    const url = "postgres://app@db/scaigrid";
    expect(loadConfig({ SCAIGRID_MODE: mode, SCAIGRID_DATABASE_URL: url }, SERVICE).mode).toBe(mode);
  }
});
