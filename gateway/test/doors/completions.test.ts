import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { describeApi, requestIdOf, SANDBOX, traceOf } from "../api/started.ts";
import { DirectFetch } from "../clients/direct-fetch.ts";
import { thrown } from "../clients/thrown.ts";
import { pick, pickText } from "../harness/json.ts";

const GENERATE = "/v1/inference/generate";
const OPENAI_PATHS = ["/oai/v1/completions", "/v1/completions"];
const ASKED = { model: SANDBOX, prompt: "Say something." };

describeApi("text after a prompt", (api) => {
  const post = (path: string, body: object = {}) =>
    api.gateway.api("POST", path, { key: api.gateway.firstKey, body: { ...ASKED, ...body } });
  const chunksOf = async (path: string, body: object = {}) => {
    const stream = await api.gateway.chatStream({ ...ASKED, ...body }, { path });
    const end = await stream.end();
    return { ...end, chunks: end.events.filter(({ data }) => data !== "[DONE]").map(({ json }) => json) };
  };

  describe("in the native format", () => {
    test("whole", async () => {
      const reply = await post(GENERATE);
      expect(reply.status).toBe(200);
      expect(pickText(reply.body, "data.choices.0.text")).toContain("You said: “Say something.”");
      expect(pickText(reply.body, "data.id")).toBe(`cmpl-${requestIdOf(reply).slice(4)}`);
      expect(pick(reply.body, "data.choices.0.finish_reason")).toBe("stop");
      expect(pick(reply.body, "data.usage.total_tokens")).toBeGreaterThan(0);
      expect(pick(reply.body, "data._meta.request_id")).toBe(requestIdOf(reply));
    });

    test("streamed: each piece as text, and as the delta of a chat", async () => {
      const { chunks, content, doneCount, finishReason, usage } = await chunksOf(GENERATE);
      expect(content).toContain("You said: “Say something.”");
      expect(chunks.map((chunk) => pick(chunk, "choices.0.text")).join("")).toBe(content);
      expect([doneCount, finishReason]).toEqual([1, "stop"]);
      expect(pick(usage, "total_tokens")).toBeGreaterThan(0);
    });

    test("what is asked for is what the model is asked for, and is charged", async () => {
      const { slug } = await api.model("fake-ok?tokens=3&reasoning=2");
      const reply = await post(GENERATE, { model: slug, max_tokens: 9, seed: 4, stop: ["x"], top_k: 7 });
      expect(pick(reply.body, "data.choices.0")).toMatchObject({
        text: "aquaboltcrag",
        reasoning: "aquabolt",
        finish_reason: "stop",
      });
      expect(api.fake.log.records.at(-1)?.body).toMatchObject({
        messages: [{ role: "user", content: "Say something." }],
        max_tokens: 9,
        seed: 4,
        stop: ["x"],
        top_k: 7,
      });
      const trace = await traceOf(api.gateway, requestIdOf(reply), (data) => pick(data, "usage") != null);
      expect(pick(trace.body, "data.usage.tokens_out")).toBe(5);
    });

    test("refusals name the field", async () => {
      const reply = await post(GENERATE, { prompt: ["a", "b"], suffix: "c" });
      expect(reply.status).toBe(422);
      expect(pick(reply.body, "error.details")).toMatchObject([{ field: "prompt" }, { field: "suffix" }]);
    });

    test("a failure in the middle of a stream is its end", async () => {
      const { slug } = await api.model("fake-error-event?after=3&tokens=9");
      const { content, error, doneCount } = await chunksOf(GENERATE, { model: slug });
      expect([content, pick(error, "code"), doneCount]).toEqual(["aquaboltcrag", "BACKEND_ERROR", 1]);
    });
  });

  describe("in OpenAI's older format, with the official package", () => {
    const client = (base = "/oai/v1") =>
      new OpenAI({
        baseURL: `${api.gateway.url}${base}`,
        apiKey: api.gateway.firstKey,
        fetch: new DirectFetch().fetch,
        maxRetries: 0,
      });

    test.each(OPENAI_PATHS)("%s, whole", async (path) => {
      const { completions } = client(path.replace(/\/completions$/, ""));
      const answer = await completions.create({ ...ASKED, n: 2, best_of: 2 });
      expect(answer.object).toBe("text_completion");
      expect(answer.choices.map(({ index, text }) => [index, text.includes("You said")])).toEqual([
        [0, true],
        [1, true],
      ]);
      expect(answer.usage?.total_tokens).toBeGreaterThan(0);
      expect(answer.id).toBe(`cmpl-${answer._request_id?.slice(4)}`);
      expect((await post(path)).status).toBe(200);
    });

    test("streamed, its usage only where it was asked for", async () => {
      for (const include_usage of [true, false]) {
        const asked = { ...ASKED, stream: true, stream_options: { include_usage } } as const;
        const chunks = await Array.fromAsync(await client().completions.create(asked));
        expect(chunks.map(({ choices }) => choices[0]?.text ?? "").join("")).toContain("You said");
        expect(chunks.filter(({ usage }) => usage != null)).toHaveLength(include_usage ? 1 : 0);
        expect(chunks.findLast(({ choices }) => choices.length > 0)?.choices[0]?.finish_reason).toBe("stop");
      }
    });

    test("errors are of the package's classes", async () => {
      const { completions } = client();
      const tokens = await thrown(completions.create({ ...ASKED, prompt: [1, 2, 3] }));
      expect(tokens).toBeInstanceOf(OpenAI.BadRequestError);
      expect(tokens).toMatchObject({ param: "prompt", code: "invalid_value" });
      const missing = await thrown(completions.create({ ...ASKED, model: "no/such" }));
      expect(missing).toBeInstanceOf(OpenAI.NotFoundError);
      const headers = { "x-scaigrid-simulate": JSON.stringify({ error: "BACKEND_RATE_LIMITED" }) };
      expect(await thrown(completions.create(ASKED, { headers }))).toBeInstanceOf(OpenAI.RateLimitError);
    });

    test.each(OPENAI_PATHS)("%s refuses in OpenAI's words", async (path) => {
      const reply = await api.gateway.api("POST", path, { key: undefined, body: "not JSON" });
      expect([reply.status, pick(reply.body, "error.code")]).toEqual([401, "invalid_api_key"]);
      const wrongMethod = await api.gateway.api("GET", path);
      expect([wrongMethod.status, pick(wrongMethod.body, "error.type")]).toEqual([
        405,
        "invalid_request_error",
      ]);
    });
  });
});
