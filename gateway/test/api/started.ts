import { afterAll, beforeAll, describe } from "bun:test";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import type { ApiCall, ApiReply } from "../harness/api.ts";
import type { ChatStream } from "../harness/chat-stream.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import type { FakeBackend, FakeBackendOptions } from "../harness/fake-backend.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { isObject, pick } from "../harness/json.ts";

/** The model that every installation answers with. */
export const SANDBOX = "scailabs/poolnoodle-omni";
export const MESSAGES = [{ role: "user", content: "twelve bytes" }];

/** Milliseconds between two looks at what is still to come: management calls have a limit of their own. */
const ASK_AGAIN_MS = 20;

/** No limits and no pacing: a file makes more calls in a minute than a default key may. */
const ENV = {
  SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0",
  SCAIGRID_SANDBOX_TOKEN_MS: "0",
};

/** A running gateway and its fake upstream, shared by the tests of one file. */
export interface Started {
  readonly gateway: Gateway;
  readonly fake: FaultUpstream;
  /** One whole chat call with the first key, to the sandbox unless the body names a model. */
  chat(body?: object, call?: Omit<ApiCall, "body">): Promise<ApiReply>;
  /** The same, streamed. */
  stream(body?: object, call?: Omit<ApiCall, "body"> & { path?: string }): Promise<ChatStream>;
  /** A frontend model whose one backend does as the plan says. */
  model(plan: string, options?: FakeBackendOptions): Promise<FakeBackend>;
}

/** `describe` with a gateway of its own, started once and stopped in good order. */
export function describeApi(
  title: string,
  body: (started: Started) => void,
  env: Readonly<Record<string, string>> = {},
): void {
  describe(title, () => {
    let running: { readonly gateway: Gateway; readonly fake: FaultUpstream } | undefined;
    const alive = () => {
      if (!running) throw new Error("the gateway is used before it has been started");
      return running;
    };
    beforeAll(async () => {
      running = { fake: new FaultUpstream(), gateway: await startGateway({ env: { ...ENV, ...env } }) };
    });
    afterAll(async () => {
      if (!running) return;
      const { gateway, fake } = running;
      running = undefined;
      await gateway.stop();
      fake.stop();
    });
    body({
      get gateway() {
        return alive().gateway;
      },
      get fake() {
        return alive().fake;
      },
      chat: (asked = {}, call = {}) =>
        alive().gateway.api("POST", "/v1/inference/chat", {
          key: alive().gateway.firstKey,
          ...call,
          body: { model: SANDBOX, messages: MESSAGES, ...asked },
        }),
      stream: (asked = {}, call = {}) =>
        alive().gateway.chatStream({ model: SANDBOX, messages: MESSAGES, ...asked }, call),
      model: (plan, options = {}) =>
        addFakeBackend(alive().gateway, alive().fake, { plans: [plan], ...options }),
    });
  });
}

/** The error code of a refusal; undefined for a success. */
export function codeOf(reply: ApiReply): unknown {
  return pick(reply.body, "type") === "error"
    ? pick(reply.body, "error.type")
    : pick(reply.body, "error.code");
}

/** The fields named in a refusal's details. */
export function fieldsOf(reply: ApiReply): readonly unknown[] {
  return detailsOf(reply).map((detail) => detail["field"]);
}

/** The details of a refusal. */
export function detailsOf(reply: ApiReply): readonly Readonly<Record<string, unknown>>[] {
  const details = pick(reply.body, "error.details");
  return Array.isArray(details) ? details.filter(isObject) : [];
}

/** The items of a list's answer. */
export function itemsOf(reply: ApiReply): readonly Readonly<Record<string, unknown>>[] {
  const items = pick(reply.body, "data.items");
  return Array.isArray(items) ? items.filter(isObject) : [];
}

/** The id that names the call, from its header. */
export function requestIdOf(reply: { readonly headers: Headers }): string {
  return reply.headers.get("x-scaigrid-request-id") ?? "";
}

/** Asks again until the answer passes; fails with the last one after `timeoutMs`. */
export async function eventually(
  what: string,
  ask: () => Promise<ApiReply>,
  passes: (reply: ApiReply) => boolean,
  timeoutMs = 4_000,
): Promise<ApiReply> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const reply = await ask();
    if (passes(reply)) return reply;
    if (performance.now() > deadline) throw new Error(`no ${what} within ${timeoutMs} ms: ${reply.text}`);
    await Bun.sleep(ASK_AGAIN_MS);
  }
}

/** The trace of a request once it is there, usage included when it has been settled. */
export function traceOf(
  gateway: Gateway,
  id: string,
  passes: (trace: unknown) => boolean = () => true,
): Promise<ApiReply> {
  return eventually(
    `trace of ${id}`,
    () => gateway.api("GET", `/v1/requests/${encodeURIComponent(id)}`),
    (reply) => reply.status === 200 && passes(pick(reply.body, "data")),
  );
}
