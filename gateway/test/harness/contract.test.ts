import { describe, expect, test } from "bun:test";
import { ContractError, checkAgainstContract, checkEvent } from "./contract.ts";
import type { AnsweredCall } from "./contract.ts";

/** Planted breaches of the endpoint table's schemas: each must fail the test whose call met it. */

const REQUEST_ID = "req_01JD0000000000000000000000";
const meta = { request_id: REQUEST_ID };
const MODEL = {
  id: "model_1",
  slug: "acme/one",
  display_name: "One",
  modality: "chat",
  capabilities: [],
  context_window: 1000,
  status: "active",
  health_status: "healthy",
  active_backend_count: 1,
  total_backend_count: 1,
  free: false,
  owned_by: "acme",
  created_at: "2026-11-21T10:00:00.000Z",
};
const CHAT = { model: "acme/one", messages: [{ role: "user", content: "hello" }] };
const ANSWER = {
  id: "chatcmpl-1",
  model: "acme/one",
  created: 1,
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  _meta: { request_id: REQUEST_ID, latency_ms: 1 },
};

function called(method: string, path: string, requestBody: unknown, data: unknown, more = {}): AnsweredCall {
  const body = { status: "ok", data, meta, ...more };
  return {
    method,
    path,
    requestBody,
    status: 200,
    headers: new Headers({ "content-type": "application/json", "x-scaigrid-request-id": REQUEST_ID }),
    body,
    text: JSON.stringify(body),
  };
}

const ONE_PAGE = { pagination: { has_more: false, next_cursor: null } };

function listed(item: object, path = "/v1/models"): AnsweredCall {
  return called("GET", path, undefined, { items: [item] }, ONE_PAGE);
}

function chatted(request: unknown, answer: unknown): AnsweredCall {
  return called("POST", "/v1/inference/chat", request, answer);
}

describe("the schemas of the endpoint table", () => {
  test("let through what they describe", () => {
    checkAgainstContract(called("GET", "/v1/models/acme%2Fone", undefined, MODEL));
    checkAgainstContract(listed(MODEL));
    checkAgainstContract(chatted(CHAT, ANSWER));
    checkAgainstContract(chatted(JSON.stringify(CHAT), ANSWER));
  });

  const { slug: _, ...withoutSlug } = MODEL;
  const PLANTED: readonly (readonly [string, AnsweredCall])[] = [
    ["a field too few", called("GET", "/v1/models/acme%2Fone", undefined, withoutSlug)],
    ["a field too many", called("GET", "/v1/models/acme%2Fone", undefined, { ...MODEL, secret: "x" })],
    ["a wrong item of a list", listed({ ...MODEL, context_window: "1000" })],
    ["a list without its pagination", called("GET", "/v1/models", undefined, { items: [MODEL] })],
    ["an answer of an unknown route", called("GET", "/v1/modles", undefined, MODEL)],
    ["a chat answer without usage", chatted(CHAT, { ...ANSWER, usage: undefined })],
    ["a success for a body the schema refuses", chatted({ ...CHAT, messages: [] }, ANSWER)],
    ["a success for a text that the schema refuses", chatted('{"model":"a"}', ANSWER)],
    [
      "a success for an unknown field of an administrative body",
      called("POST", "/v1/models", { slug: "acme/one", context_window: 1, colour: "red" }, MODEL),
    ],
    ["a success for a query the schema refuses", listed(MODEL, "/v1/models?limit=0")],
  ];
  test.each(PLANTED)("refuse %s", (_name, call) => {
    expect(() => checkAgainstContract(call)).toThrow(ContractError);
  });

  const stream = chatted({ ...CHAT, stream: true }, ANSWER);
  function event(name: string, json: unknown) {
    return { name, data: JSON.stringify(json), json };
  }
  const chunk = (delta: unknown) => ({
    id: "chatcmpl-1",
    model: "acme/one",
    created: 1,
    choices: [{ index: 0, delta, finish_reason: null }],
  });

  test("let the events of a stream through", () => {
    checkEvent(stream, event("message", chunk({ content: "hi" })));
    checkEvent(stream, event("error", { code: "BACKEND_ERROR", message: "no" }));
    checkEvent(stream, { name: "message", data: "[DONE]", json: undefined });
  });

  const EVENTS: readonly (readonly [string, ReturnType<typeof event>])[] = [
    ["a delta with content: null", event("message", chunk({ content: null }))],
    ["a chunk without choices", event("message", { ...chunk({}), choices: [] })],
    ["a chunk without a delta", event("message", chunk(undefined))],
    ["data that is not JSON", { name: "message", data: "{", json: undefined }],
    ["an error with a code nobody knows", event("error", { code: "NO_SUCH_CODE", message: "no" })],
    ["an error with choices", event("error", { ...chunk({}), code: "BACKEND_ERROR", message: "no" })],
  ];
  test.each(EVENTS)("refuse %s in a stream", (_name, sent) => {
    expect(() => checkEvent(stream, sent)).toThrow(ContractError);
  });
});
