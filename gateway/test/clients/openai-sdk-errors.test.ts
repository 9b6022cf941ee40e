import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import type { ErrorCode } from "../../src/errors.ts";
import { withMembers } from "../api/members.ts";
import { describeApi, MESSAGES, SANDBOX } from "../api/started.ts";
import { DirectFetch } from "./direct-fetch.ts";
import { thrown } from "./thrown.ts";

const ASKED = { model: SANDBOX, messages: [{ role: "user" as const, content: MESSAGES[0]?.content ?? "" }] };

/** What the sandbox is asked to fail with, as a header. */
function simulating(error: ErrorCode, more: object = {}): { headers: Record<string, string> } {
  return { headers: { "x-scaigrid-simulate": JSON.stringify({ error, ...more }) } };
}

describeApi("errors, as the official openai package throws them", (api) => {
  const client = (apiKey: string, more: { maxRetries?: number; net?: DirectFetch } = {}): OpenAI =>
    new OpenAI({
      baseURL: `${api.gateway.url}/oai/v1`,
      apiKey,
      maxRetries: more.maxRetries ?? 0,
      fetch: (more.net ?? new DirectFetch()).fetch,
    });
  const first = (more = {}): OpenAI => client(api.gateway.firstKey, more);
  const chat = (body: object, options?: OpenAI.RequestOptions) =>
    first().chat.completions.create({ ...ASKED, ...body }, options);

  test.each([
    ["BACKEND_RATE_LIMITED", OpenAI.RateLimitError, "rate_limit_exceeded", 429],
    ["BACKEND_TIMEOUT", OpenAI.InternalServerError, "backend_timeout", 504],
    ["BACKEND_ERROR", OpenAI.InternalServerError, "backend_error", 502],
    ["UPSTREAM_SHAPE_MISMATCH", OpenAI.InternalServerError, "upstream_shape_mismatch", 502],
    ["MODEL_UNAVAILABLE", OpenAI.InternalServerError, "model_unavailable", 503],
    ["CONTENT_FILTERED", OpenAI.BadRequestError, "content_filter", 400],
    ["CONTEXT_LENGTH_EXCEEDED", OpenAI.BadRequestError, "context_length_exceeded", 400],
  ] as const)("%s", async (error, kind, code, status) => {
    for (const stream of [false, true]) {
      const caught = await thrown(chat({ stream }, simulating(error)));
      expect(caught).toBeInstanceOf(kind);
      expect(caught).toMatchObject({ status, code });
      if (!(caught instanceof OpenAI.APIError)) throw caught;
      expect(caught.requestID).toStartWith("req_");
      expect(caught.message.length).toBeGreaterThan(20);
    }
  });

  test("no key, a wrong key, a request that is not valid, a model that is not there", async () => {
    const stranger = await thrown(client("sk-none").chat.completions.create(ASKED));
    expect(stranger).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(stranger).toMatchObject({ status: 401, code: "invalid_api_key", type: "invalid_request_error" });
    const invalid = await thrown(chat({ temperature: 3, top_p: 2 }));
    expect(invalid).toBeInstanceOf(OpenAI.BadRequestError);
    expect(invalid).toMatchObject({ status: 400, param: "temperature", type: "invalid_request_error" });
    const missing = await thrown(chat({ model: "scailabs/poolnoodle" }));
    expect(missing).toBeInstanceOf(OpenAI.NotFoundError);
    expect(missing).toMatchObject({ status: 404, code: "model_not_found", param: "model" });
    if (!(missing instanceof Error)) throw missing;
    expect(missing.message).toContain(SANDBOX);
    expect(await thrown(first().models.retrieve("no/such"))).toBeInstanceOf(OpenAI.NotFoundError);
    expect(await thrown(first().files.list())).toBeInstanceOf(OpenAI.NotFoundError);
  });

  test("a body that is too large is 413", async () => {
    const content = "x".repeat(20_000_001);
    const caught = await thrown(chat({ messages: [{ role: "user", content }] }));
    expect(caught).toBeInstanceOf(OpenAI.APIError);
    expect(caught).toMatchObject({ status: 413, code: "payload_too_large" });
  });

  describe("in the middle of a stream", () => {
    test.each([
      ["fake-error-event?after=3&tokens=9", "backend_error"],
      ["fake-close?after=3&tokens=9&strike_gate=read", "backend_error"],
      ["fake-no-finish", "backend_error"],
    ])("%s is thrown after what had been said", async (plan, code) => {
      const { slug } = await api.model(plan);
      const stream = await first().chat.completions.create({ ...ASKED, model: slug, stream: true });
      let said = "";
      const caught = await thrown(
        (async () => {
          for await (const chunk of stream) {
            said += chunk.choices[0]?.delta.content ?? "";
            // Not before something has been read: with the connection goes what nobody has.
            if (said !== "" && plan.endsWith("strike_gate=read")) api.fake.gates.open("read");
          }
        })(),
      );
      expect("aquaboltcragduneechoferngalehaze").toStartWith(said);
      expect(said).not.toBe("");
      expect(caught).toBeInstanceOf(OpenAI.APIError);
      expect(caught).toMatchObject({ code, type: "server_error" });
    });

    test("an answer of the sandbox that breaks off is an error, not half an answer", async () => {
      const headers = { "x-scaigrid-simulate": JSON.stringify({ cut_after_tokens: 4 }) };
      const run = first().chat.completions.stream(ASKED, { headers });
      expect(await thrown(run.finalChatCompletion())).toMatchObject({ code: "backend_error" });
    });
  });

  describe("retries of the package itself", () => {
    test("wait as long as retry-after says, then succeed", async () => {
      const net = new DirectFetch();
      const simulate = simulating("BACKEND_RATE_LIMITED", { retry_after: 1, times: 1 });
      const answer = await first({ maxRetries: 2, net }).chat.completions.create(ASKED, simulate);
      expect(answer.choices).toHaveLength(1);
      const [one, two, ...more] = net.exchanges;
      expect([one?.status, two?.status, more]).toEqual([429, 200, []]);
      expect(one?.headers.get("retry-after")).toBe("1");
      // The package waits what it is told; its own first backoff would be at most half a second.
      expect((two?.sentAtMs ?? 0) - (one?.sentAtMs ?? 0)).toBeGreaterThanOrEqual(990);
    });

    test("repeat a failure of the provider", async () => {
      const net = new DirectFetch();
      const simulate = simulating("BACKEND_ERROR", { times: 1 });
      await first({ maxRetries: 2, net }).chat.completions.create(ASKED, simulate);
      expect(net.exchanges.map(({ status }) => status)).toEqual([502, 200]);
    });

    test("do not repeat what x-should-retry forbids", async () => {
      const net = new DirectFetch();
      const call = first({ maxRetries: 2, net }).chat.completions.create(
        ASKED,
        simulating("UPSTREAM_SHAPE_MISMATCH"),
      );
      expect(await thrown(call)).toBeInstanceOf(OpenAI.InternalServerError);
      expect(net.exchanges.map(({ headers }) => headers.get("x-should-retry"))).toEqual(["false"]);
    });
  });
});

describeApi(
  "refusals of this installation, as the official openai package throws them",
  (api) => {
    test("a user who may not use models, and a rate limit", async () => {
      const [viewer] = await withMembers(api.gateway, [{ role: "tenant_viewer" }]);
      const baseURL = `${api.gateway.url}/oai/v1`;
      const net = new DirectFetch();
      const client = (apiKey: string) => new OpenAI({ baseURL, apiKey, maxRetries: 0, fetch: net.fetch });
      const denied = await thrown(client(viewer?.key ?? "").chat.completions.create(ASKED));
      expect(denied).toBeInstanceOf(OpenAI.PermissionDeniedError);
      expect(denied).toMatchObject({ status: 403, code: "authz_permission_denied" });
      await client(api.gateway.firstKey).chat.completions.create(ASKED);
      const limited = await thrown(client(api.gateway.firstKey).chat.completions.create(ASKED));
      expect(limited).toBeInstanceOf(OpenAI.RateLimitError);
      expect(limited).toMatchObject({ status: 429, code: "rate_limit_exceeded", type: "requests" });
      expect(net.exchanges.at(-1)?.headers.get("x-ratelimit-remaining-requests")).toBe("0");
      expect(net.exchanges.at(-1)?.headers.get("x-ratelimit-reset-requests")).toMatch(/^(?:\d+m)?\d+s$/);
    });
  },
  { SCAIGRID_RATE_LIMITS: "key:1,user:0,tenant:0,partner:0" },
);
