import { join } from "node:path";
import type { ErrorCode } from "../../src/errors.ts";
import type { SimulatedError } from "../../src/upstream/sandbox/simulation.ts";
import { closedPort } from "../fakes/closed-port.ts";
import type { ApiReply } from "../harness/api.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pickText } from "../harness/json.ts";
import { multiply, withShell, withStoreLocked } from "./store-shell.ts";
import { MESSAGES, SANDBOX } from "./started.ts";
import type { Started } from "./started.ts";

/** Makes the gateway answer with one code; all answers it got on the way, the telling one last. */
export type Driver = (api: Started) => Promise<readonly ApiReply[]>;

/** A code that nothing can answer with yet, and the work it waits for. */
export interface NotYet {
  readonly waitsFor: string;
}

const UNKNOWN_ID = "00000000000000000000000000";
const UNLIMITED = "key:0,user:0,tenant:0,partner:0";
/** Above what the other drivers need, so that only the driver of the limit meets it. */
export const KEY_LIMIT = 40;

function waitsFor(work: string): NotYet {
  return { waitsFor: work };
}

function admin(method: string, path: string, body?: object): Driver {
  return async ({ gateway }) => [await gateway.api(method, path, { body })];
}

function anyone(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: object,
): Driver {
  return async ({ gateway }) => [await gateway.api(method, path, { key: undefined, headers, body })];
}

/** A chat call with a key that is narrowed to something else. */
function withKey(narrowed: object): Driver {
  return async (api) => {
    const made = await api.gateway.api("POST", "/v1/api-keys", { body: { name: "narrow", ...narrowed } });
    return [made, await api.chat({}, { key: pickText(made.body, "data.key") })];
  };
}

/** A chat call with a key that may make so many calls, while one that is never answered is in flight. */
function withBudget(request_limit: number): Driver {
  return async (api) => {
    const { slug } = await addFakeBackend(api.gateway, api.fake, { plans: ["fake-ok?gate=never"] });
    const body = { name: "budget", budget: { period: "total", request_limit } };
    const made = await api.gateway.api("POST", "/v1/api-keys", { body });
    const key = pickText(made.body, "data.key");
    const leaving = new AbortController();
    const { signal } = leaving;
    const running = api.chat({ model: slug }, { key, signal }).catch(() => undefined);
    if (request_limit > 0) {
      await api.fake.log.waitFor("call", ({ plan }) => plan.includes("never"));
    }
    const refused = await api.chat({}, { key });
    leaving.abort();
    await running;
    return [made, refused];
  };
}

function simulated(error: SimulatedError): Driver {
  return async (api) => [
    await api.chat({}, { headers: { "x-scaigrid-simulate": JSON.stringify({ error }) } }),
  ];
}

/** A driver with a gateway to itself: it breaks what others need. */
function alone(
  drive: (gateway: Gateway, api: Started) => Promise<readonly ApiReply[]>,
  env: Readonly<Record<string, string>> = {},
): Driver {
  return async (api) => {
    const gateway = await startGateway({ env: { SCAIGRID_RATE_LIMITS: UNLIMITED, ...env } });
    try {
      return await drive(gateway, api);
    } finally {
      await gateway.dispose();
    }
  };
}

function chatWith(gateway: Gateway): Promise<ApiReply> {
  const body = { model: SANDBOX, messages: MESSAGES };
  return gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body });
}

const tenantSuspended = alone(async (gateway) => {
  await gateway.terminate();
  await withShell(gateway, (store) => store.run("update tenants set status = 'suspended'"));
  await gateway.restart();
  return [await chatWith(gateway)];
});

const quotaExceeded = alone(async (gateway) => {
  await gateway.terminate();
  await withShell(gateway, async (store) => {
    const keys = (await store.all("select user_id from api_keys group by user_id")).length;
    if (keys !== 2) throw new Error("the first start made other keys than the first and the administrator's");
    await multiply(store, "api_keys", 1_000, ["id", "hash"]);
  });
  await gateway.restart();
  const body = { name: "one too many" };
  const asFirst = await gateway.api("POST", "/v1/api-keys", { key: gateway.firstKey, body });
  return asFirst.status >= 400 ? [asFirst] : [asFirst, await gateway.api("POST", "/v1/api-keys", { body })];
});

const dependencyUnavailable = alone((gateway) =>
  withStoreLocked(gateway, async () => [
    await gateway.api("POST", "/v1/models", { body: { slug: "acme/late", context_window: 1, free: true } }),
    await chatWith(gateway),
  ]),
);

const internalError = alone(async (gateway) => {
  await chatWith(gateway);
  // A report sees to it that the record is in the store.
  await gateway.api("GET", "/v1/accounting/usage");
  await withShell(gateway, (store) => store.run("update usage set buckets = '{'"));
  return [await gateway.api("GET", "/v1/accounting/usage")];
});

const shuttingDown = alone(
  async (gateway, api) => {
    const plan = "fake-ok?gate=shutdown";
    const { slug } = await addFakeBackend(gateway, api.fake, { plans: [plan] });
    const body = { model: slug, messages: MESSAGES };
    const call = gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body });
    await api.fake.log.waitFor("call", (record) => record.plan === plan);
    await gateway.terminate();
    return [await call];
  },
  { SCAIGRID_DRAIN_SECONDS: "0" },
);

const overloaded = alone(
  async (gateway, api) => {
    const plan = "fake-ok?gate=overloaded";
    const { slug } = await addFakeBackend(gateway, api.fake, { plans: [plan] });
    const body = { model: slug, messages: MESSAGES };
    const call = gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body });
    await api.fake.log.waitFor("call", (record) => record.plan === plan);
    const refused = await chatWith(gateway);
    api.fake.gates.open("overloaded");
    return [await call, refused];
  },
  { SCAIGRID_IN_FLIGHT_MAX: "1", SCAIGRID_QUEUE_MS: "0" },
);

const declaredInFile = alone(
  async (gateway) => {
    const model = await gateway.api("GET", "/v1/models/declared/model");
    return [await gateway.api("DELETE", `/v1/models/${pickText(model.body, "data.id")}`)];
  },
  { SCAIGRID_CONFIG: join(import.meta.dir, "../fixtures/config/one-model.yaml") },
);

/** Every code: how it is reached over the API, or what it waits for. The second kind only becomes rarer. */
export const DRIVERS = {
  AUTH_TOKEN_MISSING: anyone("GET", "/v1/me", {}),
  AUTH_TOKEN_INVALID: anyone("GET", "/v1/me", { authorization: "Bearer sgk_nonsense" }),
  SESSION_EXPIRED: anyone("GET", "/v1/me", { cookie: "__Host-scaigrid_session=unknown" }),
  AUTH_FLOW_INVALID: anyone(
    "POST",
    "/v1/auth/claim",
    {},
    {
      token: "unknown",
      email: "ada@example.com",
      password: "a long enough password",
    },
  ),
  AUTH_IDENTITY_NOT_FOUND: waitsFor("sign-in by OpenID Connect"),
  AUTH_INSUFFICIENT_SCOPE: withKey({ scopes: ["models:list"] }),
  AUTHZ_PERMISSION_DENIED: async ({ gateway }) => [
    await gateway.api("GET", "/v1/providers", { key: gateway.firstKey }),
  ],
  TENANT_SUSPENDED: tenantSuspended,
  NOT_FOUND: admin("GET", "/v1/no-such-route"),
  METHOD_NOT_ALLOWED: admin("DELETE", "/v1/me"),
  CONFLICT: async (api) => {
    const { modelId } = await api.model("fake-ok");
    return [await api.gateway.api("DELETE", `/v1/models/${modelId}`)];
  },
  SLUG_CONFLICT: admin("POST", "/v1/models", { slug: SANDBOX, context_window: 1, free: true }),
  DECLARED_IN_FILE: declaredInFile,
  IDEMPOTENCY_CONFLICT: async (api) => {
    const headers = { "idempotency-key": "driven" };
    return [await api.chat({}, { headers }), await api.chat({ max_tokens: 9 }, { headers })];
  },
  PAYLOAD_TOO_LARGE: admin("POST", "/v1/models", { description: "x".repeat(2 << 20) }),
  VALIDATION_ERROR: async (api) => [await api.chat({ messages: [] })],
  CONTEXT_LENGTH_EXCEEDED: simulated("CONTEXT_LENGTH_EXCEEDED"),
  CONTENT_FILTERED: simulated("CONTENT_FILTERED"),
  MODEL_NOT_FOUND: async (api) => [await api.chat({ model: "no/such" })],
  MODEL_ACCESS_DENIED: withKey({ models: ["acme/*"] }),
  MODEL_NOT_PRICED: async (api) => {
    const made = await api.gateway.api("POST", "/v1/models", {
      body: { slug: "acme/unpriced", context_window: 1 },
    });
    return [made, await api.chat({ model: "acme/unpriced" })];
  },
  MODEL_UNAVAILABLE: simulated("MODEL_UNAVAILABLE"),
  BACKEND_NOT_FOUND: admin("GET", `/v1/backends/be_${UNKNOWN_ID}`),
  PROVIDER_NOT_FOUND: admin("GET", `/v1/providers/prov_${UNKNOWN_ID}`),
  PROVIDER_HAS_BACKENDS: async ({ gateway }) => {
    const providers = await gateway.api("GET", "/v1/providers");
    const id = pickText(providers.body, "data.items.0.id");
    return [providers, await gateway.api("DELETE", `/v1/providers/${id}`)];
  },
  PROVIDER_DISCOVERY_ERROR: async ({ gateway }) => {
    const body = { type: "custom", name: "nowhere", base_url: `http://127.0.0.1:${closedPort()}/v1` };
    const made = await gateway.api("POST", "/v1/providers", { body });
    return [made, await gateway.api("POST", `/v1/providers/${pickText(made.body, "data.id")}/discover`)];
  },
  BACKEND_RATE_LIMITED: simulated("BACKEND_RATE_LIMITED"),
  BACKEND_TIMEOUT: simulated("BACKEND_TIMEOUT"),
  BACKEND_ERROR: simulated("BACKEND_ERROR"),
  UPSTREAM_SHAPE_MISMATCH: simulated("UPSTREAM_SHAPE_MISMATCH"),
  RATE_LIMITED: (api) => {
    const key = api.gateway.adminKey;
    return Promise.all(Array.from({ length: KEY_LIMIT + 1 }, () => api.chat({}, { key })));
  },
  BUDGET_EXCEEDED: withBudget(0),
  BUDGET_RESERVED: withBudget(1),
  QUOTA_EXCEEDED: quotaExceeded,
  MODULE_NOT_ENABLED: waitsFor("modules"),
  OVERLOADED: overloaded,
  DEPENDENCY_UNAVAILABLE: dependencyUnavailable,
  SHUTTING_DOWN: shuttingDown,
  INTERNAL_ERROR: internalError,
} as const satisfies Readonly<Record<ErrorCode, Driver | NotYet>>;
