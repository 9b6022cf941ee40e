import { expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { describeApi, eventually, itemsOf, requestIdOf } from "./started.ts";

/** More than it takes to know a tokenizer. */
const CALLS = 20;
const TOKENS = 40;
const TOKEN_BYTES = 4;
const MESSAGES = [{ role: "user", content: "word ".repeat(200) }];

describeApi("estimates of tokens", (api) => {
  /** The usage record of a call whose upstream says nothing of its usage. */
  async function estimated(model: string): Promise<Readonly<Record<string, unknown>>> {
    const fake = `fake-ok?tokens=${TOKENS}&usage=missing`;
    const reply = await api.chat({ model, messages: MESSAGES, fake });
    expect(reply.status).toBe(200);
    const id = requestIdOf(reply);
    const list = await eventually(
      "usage record",
      () => api.gateway.api("GET", `/v1/accounting/usage?model=${encodeURIComponent(model)}`),
      (answer) => itemsOf(answer).some((item) => item["request_id"] === id),
    );
    const item = itemsOf(list).find((each) => each["request_id"] === id) ?? {};
    expect(item).toMatchObject({
      estimated: true,
      estimate: { method: "bytes_by_learned_ratio", version: 2 },
    });
    return item;
  }
  async function learn(plan: string): Promise<string> {
    const { slug } = await api.model(plan);
    await Promise.all(
      Array.from({ length: CALLS }, async () => {
        expect((await api.chat({ model: slug, messages: MESSAGES })).status).toBe(200);
      }),
    );
    return slug;
  }
  let dense = "";

  test("are a quarter of the bytes while nothing is known of a model", async () => {
    const { slug } = await api.model("fake-ok");
    const item = await estimated(slug);
    expect(item["tokens_out"]).toBe(TOKENS);
    expect(pick(item, "estimate.output_tokens_per_kb")).toBe(250);
  });

  test("come to what the model's tokenizer makes of a text, once its upstream has told often enough", async () => {
    dense = await learn(`fake-ok?tokens=${TOKENS}&usage=dense`);
    const item = await estimated(dense);
    expect(item["tokens_out"]).toBe(2 * TOKENS);
    expect(pick(item, "estimate.output_tokens_per_kb")).toBe(500);
    // The prompt with what its format puts around it.
    expect(Number(item["tokens_in"])).toBeGreaterThan(450);
    expect(Number(item["tokens_in"])).toBeLessThan(560);
  });

  test("are what they were after a restart", async () => {
    await api.gateway.restart();
    await eventually(
      "known ratio",
      () => api.chat({ model: dense, messages: MESSAGES, fake: `fake-ok?tokens=${TOKENS}&usage=missing` }),
      (reply) => pick(reply.body, "data.usage.completion_tokens") === 2 * TOKENS,
    );
    expect(pick(await estimated(dense), "estimate.output_tokens_per_kb")).toBe(500);
  });

  test("are never more than a token for each byte, whatever an upstream makes its callers believe", async () => {
    const item = await estimated(await learn(`fake-ok?tokens=${TOKENS}&usage=lying`));
    expect(item["tokens_out"]).toBe(TOKENS * TOKEN_BYTES);
    expect(pick(item, "estimate.output_tokens_per_kb")).toBe(1_000);
  });

  test("and never more than was held: an answer beyond its limit is cut to that", async () => {
    const { slug } = await api.model("fake-ok?tokens=5000&usage=missing", {
      model: { max_output_tokens: 50 },
    });
    const reply = await api.chat({ model: slug, messages: [{ role: "user", content: "a" }] });
    // The prompt's bytes, the allowance for its template, and the limit.
    expect(Number(pick(reply.body, "data.usage.total_tokens"))).toBeLessThan(1_000);
  });
});
