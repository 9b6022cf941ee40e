import { expect, test } from "bun:test";
import { describeApi, MESSAGES, requestIdOf, SANDBOX, traceOf } from "../api/started.ts";
import { pick, pickText } from "../harness/json.ts";

const CHAT = "/oai/v1/chat/completions";
const CHAT_PATHS = [CHAT, "/v1/chat/completions"];

describeApi("the OpenAI door", (api) => {
  const post = (body: object, path = CHAT) =>
    api.gateway.api("POST", path, {
      key: api.gateway.firstKey,
      body: { model: SANDBOX, messages: MESSAGES, ...body },
    });

  test.each(CHAT_PATHS)("%s answers bare, and names the model that was asked for", async (path) => {
    const reply = await post({}, path);
    expect(reply.status).toBe(200);
    expect(pick(reply.body, "model")).toBe(SANDBOX);
    expect(pickText(reply.body, "id")).toBe(`chatcmpl-${requestIdOf(reply).slice(4)}`);
    expect(pick(reply.body, "choices.0.finish_reason")).toBe("stop");
    expect(Object.keys(Object(reply.body)).toSorted()).toEqual([
      "choices",
      "created",
      "id",
      "model",
      "object",
      "usage",
    ]);
  });

  test.each(CHAT_PATHS)("%s refuses strangers before it reads a body", async (path) => {
    const reply = await api.gateway.api("POST", path, { key: undefined, body: "not JSON" });
    expect(reply.status).toBe(401);
    expect(pick(reply.body, "error.code")).toBe("invalid_api_key");
  });

  test.each([
    [undefined, "Authorization: Bearer sgk_…"],
    ["sgk_of-nobody-7c1f", "whole key was copied"],
  ])("a caller without a valid key is told where one comes from (key %p)", async (key, words) => {
    for (const path of [...CHAT_PATHS, "/anthropic/v1/messages"]) {
      const message = pickText(
        (await api.gateway.api("POST", path, { key, body: {} })).body,
        "error.message",
      );
      expect(message).toContain(words);
      expect(message).toContain("the console makes");
      expect(message).not.toContain("7c1f");
    }
  });

  test("a stream tells its usage only when asked, in a chunk without choices, and ends with one [DONE]", async () => {
    for (const include_usage of [true, false]) {
      const stream = await api.stream({ stream_options: { include_usage } }, { path: CHAT });
      const { events, doneCount, content, finishReason } = await stream.end();
      const chunks = events.filter(({ data }) => data !== "[DONE]").map(({ json }) => json);
      expect(doneCount).toBe(1);
      expect(events.at(-1)?.data).toBe("[DONE]");
      expect([content !== "", finishReason]).toEqual([true, "stop"]);
      expect(pick(chunks[0], "choices.0.delta.role")).toBe("assistant");
      const told = chunks.filter((chunk) => pick(chunk, "usage") != null);
      const empty = chunks.filter((chunk) => pick(chunk, "choices.0") === undefined);
      expect(told).toEqual(include_usage ? [chunks.at(-1)] : []);
      expect(empty).toEqual(told);
      const silent = chunks.filter((chunk) => "usage" in Object(chunk));
      expect(silent.length).toBe(include_usage ? chunks.length : 0);
    }
  });

  test("what is wrong with a request is 400 and names the field", async () => {
    const reply = await post({ messages: [], temperature: 7 });
    expect(reply.status).toBe(400);
    expect(pick(reply.body, "error")).toMatchObject({
      type: "invalid_request_error",
      param: "messages",
      code: "invalid_value",
    });
    expect(pickText(reply.body, "error.message")).toContain("temperature: ");
  });

  test("the trace and the metrics tell the door and the status the caller saw", async () => {
    const refused = await post({ messages: [] });
    const trace = await traceOf(api.gateway, requestIdOf(refused));
    expect(pick(trace.body, "data.door")).toBe("openai");
    expect(pick(trace.body, "data.http_status")).toBe(400);
    const native = await api.chat();
    expect(pick((await traceOf(api.gateway, requestIdOf(native))).body, "data.door")).toBe("native");
    const { text } = await api.gateway.api("GET", "/metrics");
    expect(text).toMatch(/scaigrid_requests_total\{[^}]*status="400"[^}]*protocol="openai"/);
  });

  test("models are listed bare, with what a caller needs to know of them", async () => {
    const reply = await api.gateway.api("GET", "/oai/v1/models", { key: api.gateway.firstKey });
    expect(reply.status).toBe(200);
    expect(pick(reply.body, "object")).toBe("list");
    expect(pick(reply.body, "data.0")).toMatchObject({ id: SANDBOX, object: "model", owned_by: "sandbox" });
    expect(pick(reply.body, "data.0.context_window")).toBeGreaterThan(0);
    expect(pick(reply.body, "data.0.max_output_tokens")).toBeGreaterThan(0);
  });

  test.each([SANDBOX, encodeURIComponent(SANDBOX)])("/oai/v1/models/%s is one model", async (spelling) => {
    const reply = await api.gateway.api("GET", `/oai/v1/models/${spelling}`);
    expect(pick(reply.body, "id")).toBe(SANDBOX);
  });

  test.each([
    ["POST", CHAT, { body: { model: "no/such", messages: MESSAGES } }, 404, "model_not_found"],
    ["GET", "/oai/v1/models/no/such", {}, 404, "model_not_found"],
    ["GET", "/oai/v1/models", { key: undefined }, 401, "invalid_api_key"],
    ["GET", "/oai/v1/no-such-route", {}, 404, "not_found"],
    ["GET", "/oai/v1/models/%", {}, 404, "not_found"],
    ["GET", "/v1/chat/completions/chatcmpl-1", {}, 404, "not_found"],
    ["GET", CHAT, {}, 405, "method_not_allowed"],
    ["DELETE", "/v1/chat/completions", {}, 405, "method_not_allowed"],
    ["POST", CHAT, { body: `{"model":"${"x".repeat(20_000_001)}"}` }, 413, "payload_too_large"],
  ] as const)("%s %s is refused in OpenAI's format", async (method, path, call, status, code) => {
    const reply = await api.gateway.api(method, path, call);
    expect([reply.status, pick(reply.body, "error.code")]).toEqual([status, code]);
    expect(pickText(reply.body, "error.message").length).toBeGreaterThan(10);
  });

  test.each(["/oai/v1/%63hat/completions", "/%6fai/v1/chat/completions", "/v1/%63hat/completions"])(
    "%s gets the verdict of the plain spelling",
    async (path) => {
      const response = await fetch(`${api.gateway.url}${path}`, { method: "POST", body: "{}" });
      expect(response.status).toBe(401);
      expect(pick(await response.json(), "error.code")).toBe("invalid_api_key");
    },
  );
});

describeApi(
  "rate limits at the OpenAI door",
  (api) => {
    test("are told in OpenAI's headers, on success and on refusal", async () => {
      const body = { model: SANDBOX, messages: MESSAGES };
      const first = await api.gateway.api("POST", CHAT, { body });
      expect(first.headers.get("x-ratelimit-limit-requests")).toBe("1");
      expect(first.headers.get("x-ratelimit-remaining-requests")).toBe("0");
      expect(first.headers.get("x-ratelimit-reset-requests")).toMatch(/^(?:1m\d+s|\d+s)$/);
      expect(first.headers.get("x-ratelimit-limit-tokens")).toBeNull();
      const second = await api.gateway.api("POST", CHAT, { body });
      expect([second.status, pick(second.body, "error.code")]).toEqual([429, "rate_limit_exceeded"]);
      expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(second.headers.get("x-should-retry")).toBeNull();
      expect(second.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    });
  },
  { SCAIGRID_RATE_LIMITS: "key:1,user:0,tenant:0,partner:0" },
);

describeApi(
  "SCAIGRID_OPENAI_HOST",
  (api) => {
    const ask = (path: string, init: { key?: string; method?: string; body?: string; host?: string } = {}) =>
      fetch(`${api.gateway.url}${path}`, {
        method: init.method ?? "GET",
        headers: {
          host: init.host ?? "OpenAI.example.com:8443",
          ...(init.key !== undefined && { authorization: `Bearer ${init.key}` }),
        },
        ...(init.body !== undefined && { body: init.body }),
        proxy: false,
      });

    test("serves chat and models at /v1 of that host", async () => {
      const key = api.gateway.firstKey;
      const body = JSON.stringify({ model: SANDBOX, messages: MESSAGES });
      const chat = await ask("/v1/chat/completions", { key, method: "POST", body });
      expect([chat.status, pick(await chat.json(), "object")]).toEqual([200, "chat.completion"]);
      const list = await ask("/v1/models", { key });
      expect(pick(await list.json(), "data.0.object")).toBe("model");
      const one = await ask(`/%76%31/models/${SANDBOX}`, { key });
      expect(pick(await one.json(), "id")).toBe(SANDBOX);
    });

    test("gives no permission: strangers are strangers, and nothing native is there", async () => {
      expect((await ask("/v1/models")).status).toBe(401);
      const me = await ask("/v1/me", { key: api.gateway.adminKey });
      expect([me.status, pick(await me.json(), "error.code")]).toEqual([404, "not_found"]);
    });

    test("unknown routes and malformed requests are told in OpenAI's format", async () => {
      const unknown = await ask("/no-such-route");
      expect([unknown.status, pick(await unknown.json(), "error.type")]).toEqual([
        404,
        "invalid_request_error",
      ]);
      const wrong = await ask("/v1/models", { method: "DELETE" });
      expect([wrong.status, pick(await wrong.json(), "error.code")]).toEqual([405, "method_not_allowed"]);
    });

    test("changes nothing on other hosts", async () => {
      const list = await ask("/v1/models", { key: api.gateway.firstKey, host: "localhost" });
      expect(pick(await list.json(), "status")).toBe("ok");
    });
  },
  { SCAIGRID_OPENAI_HOST: "openai.EXAMPLE.com" },
);
