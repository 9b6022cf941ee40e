import { afterAll, describe, expect, test } from "bun:test";
import { describeApi, MESSAGES, requestIdOf, traceOf } from "../api/started.ts";
import { ReplayUpstream } from "../fakes/replay-upstream.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { pick } from "../harness/json.ts";

const CREDENTIAL = "the-credential-of-the-upstream";
const SLUG = "acme/replayed";
const UPSTREAM = "gpt-upstream-2026-11-01";
const UPSTREAM_ID = "chatcmpl-UPSTREAM";

/** What stands in front of an answer of the upstream, and what a caller gets instead; `kind` is the object's. */
const head = (kind: string) =>
  `{"id":"${UPSTREAM_ID}","object":"${kind}","created":1771000000,"model":"${UPSTREAM}","service_tier":"default"`;
const MIDDLE =
  ',"system_fingerprint":"fp_44709d6fcb","x_number":1.0,"x_text":"\\u00e9\\/","x":{"model":"inner"}';
const STREAMED = [
  `{"index":0,"delta":{"role":"assistant","content":"","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":null}`,
  `{"index":0,"delta":{"reasoning_content":"hm","x":[]},"logprobs":{"content":null},"finish_reason":null}`,
  `{"index":0,"delta":{"content":"\\"model\\":\\"x\\" é 😀"},"logprobs":null,"finish_reason":null}`,
  `{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop","stop_details":{"y":1}}`,
].map((choice) => `${head("chat.completion.chunk")}${MIDDLE},"choices":[${choice}],"usage":null}`);
const USAGE =
  '{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":0},"x_cost":0.5}';
const WHOLE = `${head("chat.completion")}${MIDDLE},"choices":[{"index":0,"message":{"role":"assistant","content":"a","refusal":null,"annotations":[{"type":"url_citation"}],"reasoning_content":"hm"},"logprobs":null,"finish_reason":"stop"}],"usage":${USAGE}}`;

function framed(data: readonly string[]): string {
  return data.map((one) => `data: ${one}\n\n`).join("");
}

describeApi("an upstream that speaks the caller's format", (api) => {
  const replay = new ReplayUpstream();
  afterAll(() => replay.stop());

  const modelOf = async (stream: string, whole = WHOLE, apiKey = CREDENTIAL): Promise<string> => {
    const name = `${UPSTREAM}-${crypto.randomUUID()}`;
    replay.add(name, { stream, whole });
    const slug = `${SLUG}-${name.slice(-8)}`;
    const options = { slug, plans: [name], apiKey };
    await addFakeBackend(api.gateway, { url: replay.url }, options);
    return slug;
  };
  const ask = async (model: string, more: object = {}) => {
    const body = { model, messages: MESSAGES, ...more };
    return api.gateway.api("POST", "/oai/v1/chat/completions", { key: api.gateway.firstKey, body });
  };
  /** An answer with our id and the slug put in by hand. */
  const asOurs = (text: string, requestId: string, slug: string): string =>
    text.replaceAll(UPSTREAM_ID, `chatcmpl-${requestId.slice(4)}`).replaceAll(`"${UPSTREAM}"`, `"${slug}"`);

  test("a whole answer passes byte for byte but for its id and its model", async () => {
    const slug = await modelOf("");
    const reply = await ask(slug);
    expect(reply.text).toBe(asOurs(WHOLE, requestIdOf(reply), slug));
    const trace = await traceOf(api.gateway, requestIdOf(reply), (data) => pick(data, "usage") !== undefined);
    expect(pick(trace.body, "data.usage.tokens_in")).toBe(9);
    expect(pick(trace.body, "data.usage.tokens_out")).toBe(4);
  });

  test("so does a stream, whose usage is told where it was asked for", async () => {
    const tail = `${head("chat.completion.chunk")}${MIDDLE},"choices":[],"usage":${USAGE}}`;
    const slug = await modelOf(framed([...STREAMED, tail, "[DONE]"]));
    const plain = await ask(slug, { stream: true });
    const without = STREAMED.map((data) => data.replace(',"usage":null', ""));
    expect(plain.text).toBe(asOurs(framed([...without, "[DONE]"]), requestIdOf(plain), slug));
    const asked = await ask(slug, { stream: true, stream_options: { include_usage: true } });
    const lines = asked.text.split("\n\n");
    const begun = asOurs(framed(STREAMED), requestIdOf(asked), slug);
    expect(asked.text.startsWith(begun)).toBe(true);
    expect(lines.slice(-2)).toEqual(["data: [DONE]", ""]);
    const last: unknown = JSON.parse(lines.at(-3)?.slice("data: ".length) ?? "");
    expect(pick(last, "usage")).toEqual(JSON.parse(USAGE));
    expect(pick(last, "choices")).toEqual([]);
  });

  test("nothing of what the upstream was shown, and no name of its own, reaches the caller", async () => {
    const told = `${head("chat.completion.chunk")}${MIDDLE},"choices":[],"usage":${USAGE}}`;
    const quoting = [...STREAMED, told].map((data) => data.replace('"inner"', `"${CREDENTIAL}"`));
    const whole = WHOLE.replace('"inner"', `"${CREDENTIAL}"`);
    const slug = await modelOf(framed([...quoting, "[DONE]"]), whole);
    for (const stream of [false, true]) {
      const { text, headers } = await ask(slug, { stream, stream_options: { include_usage: true } });
      const sent = text + JSON.stringify([...headers]);
      expect(sent.split("(redacted)").length - 1).toBe(stream ? quoting.length : 1);
      for (const secret of [CREDENTIAL, UPSTREAM, UPSTREAM_ID]) expect(sent).not.toContain(secret);
    }
  });

  describe("a key that the upstream quotes in its answer reaches nobody", () => {
    const key = "sk-of/the-upstream/0123456789";
    const call = (quoted: string) =>
      `"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"${quoted}"}}]`;
    const QUOTES = [
      ["in a text", `"content":"it is ${key}"`],
      ["in a tool call", call(key)],
      ["with its slashes escaped", `"content":"it is ${key.replaceAll("/", "\\/")}"`],
    ] as const;
    test.each(QUOTES)("%s, at either door, whole or streamed", async (_name, said) => {
      const choice = (member: string, more = "") => `"choices":[{"index":0,"${member}":{${more}`;
      const chunk = (rest: string) =>
        `{"id":"u","object":"chat.completion.chunk","created":1,"model":"m",${rest}`;
      const stream = framed([
        chunk(`${choice("delta", `"role":"assistant",${said}`)}},"finish_reason":null}]}`),
        chunk(`${choice("delta")}},"finish_reason":"stop"}]}`),
        "[DONE]",
      ]);
      const whole =
        `{"id":"u","object":"chat.completion","created":1,"model":"m",` +
        `${choice("message", `"role":"assistant",${said}`)}},"finish_reason":"stop"}],"usage":${USAGE}}`;
      const slug = await modelOf(stream, whole, key);
      for (const path of ["/v1/inference/chat", "/oai/v1/chat/completions"]) {
        for (const streamed of [false, true]) {
          const body = { model: slug, messages: MESSAGES, stream: streamed };
          const reply = await api.gateway.api("POST", path, { key: api.gateway.firstKey, body });
          expect([path, streamed, reply.text.includes("(redacted)")]).toEqual([path, streamed, true]);
          expect(reply.text).not.toContain("0123456789");
        }
      }
    });
  });

  test("a key that is an ordinary word, for a server that asks for none, leaves answers as they are", async () => {
    const slug = await modelOf(framed([...STREAMED, "[DONE]"]), WHOLE, "assistant");
    const reply = await ask(slug);
    expect(reply.text).toBe(asOurs(WHOLE, requestIdOf(reply), slug));
    const { text } = await ask(slug, { stream: true });
    expect(text).toContain('"role":"assistant"');
  });

  test("malformed events, a mark too many and what follows it do not pass; a stream cut short is an error", async () => {
    const good = STREAMED.slice(0, 3);
    const broken = framed([...good, "{not json", "[]", ...STREAMED.slice(3), "[DONE]", ...good, "[DONE]"]);
    const slug = await modelOf(broken);
    const reply = await ask(slug, { stream: true });
    const whole = STREAMED.map((data) => data.replace(',"usage":null', ""));
    expect(reply.text).toBe(asOurs(framed([...whole, "[DONE]"]), requestIdOf(reply), slug));
    const cut = await ask(await modelOf(framed([...good, "[DONE]"])), { stream: true });
    const [error, done] = cut.text.split("\n\n").slice(-3);
    expect(pick(JSON.parse(error?.slice("data: ".length) ?? ""), "error.code")).toBe("backend_error");
    expect(done).toBe("data: [DONE]");
  });
});
