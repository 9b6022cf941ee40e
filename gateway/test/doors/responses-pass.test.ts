import { afterAll, beforeAll, expect, test } from "bun:test";
import { describeApi, fieldsOf, itemsOf, requestIdOf } from "../api/started.ts";
import { ReplayUpstream } from "../fakes/replay-upstream.ts";
import { pick, pickText } from "../harness/json.ts";

const SLUG = "acme/reasoner";
const PATH = "/oai/v1/responses";
const THOUGHT = {
  id: "rs_1",
  type: "reasoning",
  encrypted_content: "gAAAA-+/=",
  summary: [{ type: "summary_text", text: "hm" }],
  status: null,
};
const CALL = {
  id: "fc_1",
  type: "function_call",
  status: "completed",
  call_id: "call_1",
  name: "f",
  arguments: `{"a" : 1}`,
};
const USAGE = {
  input_tokens: 9,
  input_tokens_details: { cached_tokens: 2 },
  output_tokens: 7,
  output_tokens_details: { reasoning_tokens: 3 },
  total_tokens: 16,
};
/** As an upstream writes it: with members and spaces of its own. */
const HEAD = `"object":"response","created_at":5,"x_own":{ "id":"resp_up", "model":"up" }`;
const WHOLE = `{"id":"resp_up",${HEAD},"status":"completed","error":null,"incomplete_details":null,"model":"up-1","output":${JSON.stringify([THOUGHT, CALL])},"usage":${JSON.stringify(USAGE)},"metadata":{}}`;
const BEGUN = WHOLE.replace(/"output":.*$/, `"output":[],"usage":null,"metadata":{}}`).replace(
  "completed",
  "in_progress",
);
const EVENTS = [
  `{"type":"response.created","sequence_number":0,"response":${BEGUN}}`,
  `{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}}`,
  `{"type":"response.reasoning_summary_text.delta","sequence_number":2,"item_id":"rs_1","output_index":0,"summary_index":0,"delta":"hm","obfuscation":"xy"}`,
  `{"type":"response.output_item.done","sequence_number":3,"output_index":0,"item":${JSON.stringify(THOUGHT)}}`,
  `{"type":"response.output_item.added","sequence_number":4,"output_index":1,"item":${JSON.stringify({ ...CALL, arguments: "" })}}`,
  `{"type":"response.function_call_arguments.delta","sequence_number":5,"item_id":"fc_1","output_index":1,"delta":"{\\"a\\" : 1}"}`,
  `{"type":"response.output_item.done","sequence_number":6,"output_index":1,"item":${JSON.stringify(CALL)}}`,
  `{"type":"response.completed","sequence_number":7,"response":${WHOLE}}`,
];
const framed = (events: readonly string[]): string =>
  events.map((data) => `event: ${String(pick(JSON.parse(data), "type"))}\ndata: ${data}\n\n`).join("");

/** What the caller gets of a text of the upstream: our id and the slug, all else as it was. */
function edited(text: string, requestId: string): string {
  return text
    .replace(`{"id":"resp_up"`, `{"id":"resp_${requestId.slice(4)}"`)
    .replace(`"model":"up-1"`, `"model":"${SLUG}"`);
}

describeApi("the Responses API in front of an upstream that speaks it", (api) => {
  const replay = new ReplayUpstream();
  let providerId = "";
  const post = (path: string, body: object) =>
    api.gateway.api("POST", path, { key: api.gateway.firstKey, body: { model: SLUG, ...body } });

  beforeAll(async () => {
    replay.add("up-1", { whole: WHOLE, stream: framed(EVENTS) });
    replay.add("cut", { whole: "{}", stream: framed(EVENTS.slice(0, 4)) });
    const provider = await api.gateway.api("POST", "/v1/providers", {
      body: { name: "Acme", type: "custom", base_url: replay.url },
    });
    providerId = pickText(provider.body, "data.id");
    for (const [upstream, slug] of [
      ["up-1", SLUG],
      ["cut", "acme/cut"],
    ]) {
      const backend = await api.gateway.api("POST", "/v1/backends", {
        body: {
          provider_id: providerId,
          upstream_model: upstream,
          dialect: "openai-responses",
          free: true,
        },
      });
      expect(pick(backend.body, "data.dialect")).toBe("openai-responses");
      const model = await api.gateway.api("POST", "/v1/models", {
        body: { slug, display_name: "R", modality: "chat", context_window: 9_000, free: true },
      });
      await api.gateway.api("POST", "/v1/routing-policies", {
        body: {
          model_id: pickText(model.body, "data.id"),
          strategy: "priority",
          targets: [{ backend_id: pickText(backend.body, "data.id") }],
        },
      });
    }
  });
  afterAll(() => replay.stop());

  test("a format that the provider does not know is refused", async () => {
    const reply = await api.gateway.api("POST", "/v1/backends", {
      body: { provider_id: providerId, upstream_model: "x", dialect: "gemini", free: true },
    });
    expect([reply.status, fieldsOf(reply)]).toEqual([422, ["dialect"]]);
  });

  test("a whole answer passes byte for byte but for its id and its model", async () => {
    const reply = await post(PATH, { input: "hi" });
    expect(reply.text).toBe(edited(WHOLE, requestIdOf(reply)));
  });

  test("a stream passes event for event", async () => {
    const stream = await api.gateway.chatStream({ model: SLUG, input: "hi" }, { path: PATH });
    const { events } = await stream.end();
    const id = requestIdOf(stream);
    expect(events.map(({ data }) => data)).toEqual(EVENTS.map((data) => edited(data, id)));
    expect(events.map(({ name }) => name)).toEqual(events.map(({ json }) => String(pick(json, "type"))));
  });

  test("the items of an answer go back as they were, and the provider is asked to keep nothing", async () => {
    const input = [
      { role: "user", content: [{ type: "input_text", text: "hi" }] },
      THOUGHT,
      CALL,
      { type: "function_call_output", call_id: "call_1", output: "x" },
    ];
    const body = {
      input,
      instructions: "Be kind.",
      reasoning: { effort: "low", summary: "auto" },
      store: true,
    };
    await post(PATH, { ...body, metadata: { a: "b" }, max_output_tokens: 9, x_own: 1 });
    expect(replay.asked.at(-1)).toEqual({
      path: "/v1/responses",
      body: {
        model: "up-1",
        ...body,
        store: false,
        max_output_tokens: 9,
        include: ["reasoning.encrypted_content"],
        x_own: 1,
      },
    });
  });

  test("encrypted reasoning goes back byte for byte by the chat too", async () => {
    const asked = { role: "user", content: "hi" };
    const first = await post("/v1/inference/chat", { messages: [asked] });
    const said = pick(first.body, "data.choices.0.message");
    expect(pick(said, "reasoning")).toBe("hm");
    await post("/v1/inference/chat", {
      messages: [asked, said, { role: "tool", tool_call_id: "call_1", content: "x" }],
    });
    expect(pick(replay.asked.at(-1)?.body, "input")).toEqual([
      { type: "message", role: "user", content: "hi" },
      THOUGHT,
      { type: "function_call", call_id: "call_1", name: "f", arguments: `{"a" : 1}` },
      { type: "function_call_output", call_id: "call_1", output: "x" },
    ]);
  });

  test("a stream that was cut ends as a failure, numbered on", async () => {
    const stream = await api.gateway.chatStream({ model: "acme/cut", input: "hi" }, { path: PATH });
    const { events } = await stream.end();
    expect(events.slice(-2).map(({ name, json }) => [name, pick(json, "sequence_number")])).toEqual([
      ["error", 4],
      ["response.failed", 5],
    ]);
  });

  test("where another backend may go on, it is told in the gateway's own words from the beginning", async () => {
    const backends = await api.gateway.api("GET", "/v1/backends?limit=100");
    const own = itemsOf(backends).find((backend) => backend["upstream_model"] === "up-1");
    const model = await api.gateway.api("POST", "/v1/models", {
      body: { slug: "acme/goes-on", display_name: "R", modality: "chat", context_window: 9_000, free: true },
    });
    await api.gateway.api("POST", "/v1/routing-policies", {
      body: {
        model_id: pickText(model.body, "data.id"),
        strategy: "priority",
        midstream: "continue",
        targets: [{ backend_id: own?.["id"] }],
      },
    });
    const stream = await api.gateway.chatStream({ model: "acme/goes-on", input: "hi" }, { path: PATH });
    const { events } = await stream.end();
    expect(pick(events[0]?.json, "response.x_own")).toBeUndefined();
    expect(events.at(-1)?.name).toBe("response.completed");
    expect(pick(events.at(-1)?.json, "response.output.1")).toMatchObject({
      call_id: "call_1",
      arguments: `{"a" : 1}`,
    });
  });

  test("what cannot be said there is refused", async () => {
    const reply = await post("/v1/inference/chat", {
      messages: [{ role: "user", content: "a" }],
      stop: "x",
      n: 2,
    });
    expect([reply.status, fieldsOf(reply)]).toEqual([422, ["stop", "n"]]);
  });
});
