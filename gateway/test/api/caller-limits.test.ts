import { describe, expect, test } from "bun:test";
import { poll } from "../durability/poll.ts";
import type { ApiReply } from "../harness/api.ts";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi } from "./started.ts";

function expectLimited(reply: ApiReply, hint: string): void {
  expect([reply.status, codeOf(reply)]).toEqual([429, "RATE_LIMITED"]);
  expect(pickText(reply.body, "error.hint")).toContain(hint);
  expect(reply.headers.get("retry-after")).toBe(String(pick(reply.body, "error.retry_after")));
}

describe.each(["key", "user", "tenant", "partner"])("concurrent requests of the %s", (level) => {
  describeApi(
    "have a limit",
    (api) => {
      test("which refuses one more, streams and failures included, and is free again after each", async () => {
        const streamed = await api.model(`fake-ok?tokens=2&gate=${level}&gate_after=1`);
        const stream = await api.stream({ model: streamed.slug });
        await stream.nextContent();
        const whole = api.chat({ model: (await api.model(`fake-ok?gate=${level}`)).slug });
        await poll("the second is not in flight", () => api.fake.log.records.length === 2);
        expectLimited(await api.chat(), `this ${level} is 2 concurrent requests`);
        expectLimited(await api.chat({ messages: [] }), "concurrent");
        api.fake.gates.open(level);
        await stream.end();
        expect((await whole).status).toBe(200);
        for (let n = 0; n < 5; n++) expect((await api.chat({ messages: [] })).status).toBe(422);
        expect((await Promise.all([api.chat(), api.chat()])).map(({ status }) => status)).toEqual([200, 200]);
      });

      test("which a caller who leaves does not keep", async () => {
        const { slug } = await api.model("fake-ok?tokens=100000&ms=20");
        for (let n = 0; n < 4; n++) {
          const stream = await api.stream({ model: slug });
          await stream.nextContent();
          stream.leave();
          await poll("still counted", async () => {
            const both = await Promise.all([api.chat(), api.chat()]);
            return both.every(({ status }) => status === 200);
          });
        }
      });
    },
    { SCAIGRID_CONCURRENCY_LIMITS: `${level}:2` },
  );
});

describeApi(
  "a request refused for concurrency",
  (api) => {
    test("uses nothing of the rate limits, and the other way round", async () => {
      const { slug } = await api.model("fake-ok?tokens=1&gate=one");
      const call = api.chat({ model: slug });
      await poll("not in flight", () => api.fake.log.records.length === 1);
      for (let n = 0; n < 5; n++) expectLimited(await api.chat(), "concurrent");
      api.fake.gates.open("one");
      expect((await call).headers.get("x-scaigrid-ratelimit-remaining")).toBe("1");
      expect((await api.chat()).headers.get("x-scaigrid-ratelimit-remaining")).toBe("0");
      for (let n = 0; n < 3; n++) expectLimited(await api.chat(), "this key is 2 requests per minute");
      // Refused by the window, none of them is in flight any more.
      expect((await api.chat({}, { key: api.gateway.adminKey })).status).toBe(200);
    });
  },
  {
    SCAIGRID_CONCURRENCY_LIMITS: "tenant:1",
    SCAIGRID_RATE_LIMITS: "key:2,user:0,tenant:0,partner:0",
  },
);

describeApi(
  "tokens per minute",
  (api) => {
    const header = (reply: ApiReply, name: string) =>
      reply.headers.get(`x-scaigrid-ratelimit-${name}-tokens`);
    const used = (reply: ApiReply) => Number(pick(reply.body, "data.usage.total_tokens"));

    test("need room for what a request may use, and are counted by what it used", async () => {
      const first = await api.chat({ max_tokens: 300 });
      expect(first.status).toBe(200);
      expect(header(first, "limit")).toBe("500");
      expect(used(first)).toBeLessThan(150);
      // Had the first been counted with its limit of 300, there would be no room for this one.
      const second = await api.chat({ max_tokens: 300 });
      expect(second.status).toBe(200);
      expect(Number(header(second, "remaining"))).toBeLessThan(200);
      const refused = await api.chat({ max_tokens: 450 });
      expectLimited(refused, "this key is 500 tokens per minute");
      expect(Number(header(refused, "remaining"))).toBe(500 - used(first) - used(second));
      expect(Number(header(refused, "reset"))).toBeGreaterThan(Date.now() / 1000);
      expect((await api.chat({ max_tokens: 100 })).status).toBe(200);
    });

    test("are given back for a request that failed, and one refused uses no request", async () => {
      const admin = { key: api.gateway.adminKey };
      const simulate = { ...admin, headers: { "x-scaigrid-simulate": '{"error":"BACKEND_ERROR"}' } };
      for (let n = 0; n < 4; n++) expect((await api.chat({ max_tokens: 400 }, simulate)).status).toBe(502);
      const good = await api.chat({ max_tokens: 400 }, admin);
      expect(good.status).toBe(200);
      const left = Number(good.headers.get("x-scaigrid-ratelimit-remaining"));
      for (let n = 0; n < 3; n++) expectLimited(await api.chat({ max_tokens: 499 }, admin), "tokens");
      const next = await api.chat({ max_tokens: 10 }, admin);
      expect(Number(next.headers.get("x-scaigrid-ratelimit-remaining"))).toBe(left - 1);
    });

    test("are told to OpenAI's clients in their own headers", async () => {
      const key = pickText(
        (await api.gateway.api("POST", "/v1/api-keys", { body: { name: "for OpenAI's clients" } })).body,
        "data.key",
      );
      const reply = await fetch(`${api.gateway.url}/oai/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify({
          model: "scailabs/poolnoodle-omni",
          max_tokens: 100,
          messages: [{ role: "user", content: "hello" }],
        }),
      });
      expect([reply.status, reply.headers.get("x-ratelimit-limit-tokens")]).toEqual([200, "500"]);
      expect(Number(reply.headers.get("x-ratelimit-remaining-tokens"))).toBeGreaterThan(300);
      expect(reply.headers.get("x-ratelimit-reset-tokens")).toMatch(/^(1m)?\d+s$/);
    });
  },
  { SCAIGRID_TOKEN_LIMITS: "key:500", SCAIGRID_RATE_LIMITS: "key:100,user:0,tenant:0,partner:0" },
);
