import { afterAll, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import type { ErrorCode } from "../../src/errors.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { describeApi, SANDBOX } from "../api/started.ts";
import { FakeAnthropic } from "../fakes/fake-anthropic.ts";
import { DirectFetch } from "./direct-fetch.ts";
import { thrown } from "./thrown.ts";

const ASKED = { model: SANDBOX, max_tokens: 100, messages: [{ role: "user" as const, content: "hi" }] };

/** What the sandbox is asked to fail with, as a header. */
function simulating(error: ErrorCode, more: object = {}): { headers: Record<string, string> } {
  return { headers: { "x-scaigrid-simulate": JSON.stringify({ error, ...more }) } };
}

describeApi("errors, as the official Anthropic package throws them", (api) => {
  const fake = new FakeAnthropic();
  afterAll(() => fake.stop());

  const client = (apiKey: string, more: { maxRetries?: number; net?: DirectFetch } = {}): Anthropic =>
    new Anthropic({
      baseURL: `${api.gateway.url}/anthropic`,
      apiKey,
      maxRetries: more.maxRetries ?? 0,
      fetch: (more.net ?? new DirectFetch()).fetch,
    });
  const ask = (body: object, options?: Anthropic.RequestOptions) =>
    client(api.gateway.firstKey).messages.create({ ...ASKED, ...body }, options);

  test.each([
    ["BACKEND_RATE_LIMITED", Anthropic.RateLimitError, "rate_limit_error", 429],
    ["BACKEND_TIMEOUT", Anthropic.InternalServerError, "timeout_error", 504],
    ["BACKEND_ERROR", Anthropic.InternalServerError, "api_error", 502],
    ["UPSTREAM_SHAPE_MISMATCH", Anthropic.InternalServerError, "api_error", 502],
    ["MODEL_UNAVAILABLE", Anthropic.InternalServerError, "overloaded_error", 529],
    ["CONTENT_FILTERED", Anthropic.BadRequestError, "invalid_request_error", 400],
    ["CONTEXT_LENGTH_EXCEEDED", Anthropic.BadRequestError, "invalid_request_error", 400],
  ] as const)("%s", async (error, kind, type, status) => {
    for (const stream of [false, true]) {
      const caught = await thrown(ask({ stream }, simulating(error)));
      expect(caught).toBeInstanceOf(kind);
      expect(caught).toMatchObject({ status, type });
      if (!(caught instanceof Anthropic.APIError)) throw caught;
      expect(caught.requestID).toStartWith("req_");
      if (error === "CONTEXT_LENGTH_EXCEEDED") expect(caught.message).toContain("prompt is too long");
    }
  });

  test("no key, a wrong key, a request that is not valid, a model that is not there", async () => {
    const stranger = await thrown(client("sk-ant-none").messages.create(ASKED));
    expect(stranger).toBeInstanceOf(Anthropic.AuthenticationError);
    expect(stranger).toMatchObject({ status: 401, type: "authentication_error" });
    const invalid = await thrown(
      ask({ temperature: 3, messages: [{ role: "user", content: [{ type: "text" }] }] }),
    );
    expect(invalid).toBeInstanceOf(Anthropic.BadRequestError);
    if (!(invalid instanceof Error)) throw invalid;
    expect(invalid.message).toContain("messages[0].content[0].text");
    expect(invalid.message).toContain("temperature");
    const missing = await thrown(ask({ model: "scailabs/poolnoodle" }));
    expect(missing).toBeInstanceOf(Anthropic.NotFoundError);
    if (!(missing instanceof Error)) throw missing;
    expect(missing.message).toContain(SANDBOX);
    const first = client(api.gateway.firstKey);
    expect(await thrown(first.models.retrieve("no/such"))).toBeInstanceOf(Anthropic.NotFoundError);
    expect(await thrown(first.messages.batches.list())).toBeInstanceOf(Anthropic.NotFoundError);
    expect(await thrown(first.models.list({ after_id: "no/such" }))).toBeInstanceOf(
      Anthropic.BadRequestError,
    );
    const count = first.messages.countTokens({ model: "no/such", messages: ASKED.messages });
    expect(await thrown(count)).toBeInstanceOf(Anthropic.NotFoundError);
  });

  test("what costs extra, and what another provider cannot say, is refused by its name", async () => {
    const { slug } = await addFakeBackend(api.gateway, fake, {
      apiKey: fake.apiKey,
      provider: { type: "anthropic" },
      plans: ["claude-opus-5"],
    });
    const tools = [{ type: "web_search_20250305", name: "web_search" }];
    const extra = await thrown(ask({ model: slug, tools, speed: "fast" }));
    expect(extra).toBeInstanceOf(Anthropic.BadRequestError);
    expect(String(extra)).toContain("tools[0].type");
    expect(String(extra)).toContain("speed");
    expect(await thrown(ask({ tools }))).toBeInstanceOf(Anthropic.BadRequestError);
    expect(fake.asked).toEqual([]);
  });

  test("the provider's refusal of a request reaches the caller; its refusal of our key does not become theirs", async () => {
    const at = async (apiKey: string) =>
      (
        await addFakeBackend(api.gateway, fake, {
          apiKey,
          provider: { type: "anthropic" },
          plans: ["claude-opus-5"],
        })
      ).slug;
    const forged = [{ type: "thinking", thinking: "x", signature: "forged" }];
    const messages = [...ASKED.messages, { role: "assistant", content: forged }, ...ASKED.messages];
    const refused = await thrown(ask({ model: await at(fake.apiKey), messages }));
    expect(refused).toBeInstanceOf(Anthropic.BadRequestError);
    expect(String(refused)).toContain("Invalid `signature`");
    const locked = await thrown(ask({ model: await at("wrong-credential") }));
    expect(locked).toMatchObject({ status: 502, type: "api_error" });
    expect(String(locked)).not.toContain("wrong-credential");
    const count = await thrown(
      client(api.gateway.firstKey).messages.countTokens({ ...ASKED, model: await at("wrong-credential") }),
    );
    expect(count).toMatchObject({ status: 502, type: "api_error" });
  });

  test("an error in the middle of a stream is thrown from it", async () => {
    const { slug } = await api.model("fake-error-event?after=3&tokens=9");
    const stream = client(api.gateway.firstKey).messages.stream({ ...ASKED, model: slug });
    let text = "";
    stream.on("text", (piece) => (text += piece));
    const caught = await thrown(stream.finalMessage());
    expect(caught).toBeInstanceOf(Anthropic.APIError);
    expect(caught).toMatchObject({ type: "api_error" });
    expect(text).toBe("aquaboltcrag");
  });

  test("a refusal that goes away is retried by the package; one that stays is not", async () => {
    const net = new DirectFetch();
    const retrying = client(api.gateway.firstKey, { maxRetries: 2, net });
    const passing = simulating("BACKEND_RATE_LIMITED", { retry_after: 1, times: 1 });
    expect((await retrying.messages.create(ASKED, passing)).role).toBe("assistant");
    expect(net.exchanges.map(({ status }) => status)).toEqual([429, 200]);
    net.exchanges.length = 0;
    expect(
      await thrown(retrying.messages.create(ASKED, simulating("UPSTREAM_SHAPE_MISMATCH"))),
    ).toMatchObject({
      status: 502,
    });
    expect(net.exchanges).toHaveLength(1);
  });
});
