import { describe, expect, test } from "bun:test";
import type { ApiReply } from "../harness/api.ts";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi } from "./started.ts";

const limited = (limits: string) => ({ SCAIGRID_RATE_LIMITS: limits });
const remainingOf = (reply: ApiReply) => reply.headers.get("x-scaigrid-ratelimit-remaining");

function expectRefusal(reply: ApiReply, level: string, limit: number): void {
  expect([reply.status, codeOf(reply)]).toEqual([429, "RATE_LIMITED"]);
  expect(pickText(reply.body, "error.hint")).toContain(`this ${level} is ${limit} `);
  const retryAfter = Number(pick(reply.body, "error.retry_after"));
  expect(retryAfter).toBeGreaterThanOrEqual(1);
  expect(retryAfter).toBeLessThanOrEqual(61);
  expect(reply.headers.get("retry-after")).toBe(String(retryAfter));
  expect(reply.headers.get("x-scaigrid-ratelimit-limit")).toBe(String(limit));
  expect(remainingOf(reply)).toBe("0");
  const reset = Number(reply.headers.get("x-scaigrid-ratelimit-reset"));
  const now = Date.now() / 1000;
  expect(reset).toBeGreaterThanOrEqual(Math.floor(now));
  expect(reset).toBeLessThanOrEqual(now + 62);
}

describe.each(["key", "user", "tenant", "partner"])("a rate limit of the %s", (level) => {
  describeApi(
    "by itself",
    (api) => {
      test("lets exactly so many through, counts down, and then refuses with a time to come back", async () => {
        for (const left of ["2", "1", "0"]) {
          const reply = await api.chat();
          expect([reply.status, remainingOf(reply)]).toEqual([200, left]);
          expect(reply.headers.get("x-scaigrid-ratelimit-limit")).toBe("3");
        }
        expectRefusal(await api.chat(), level, 3);
        const stream = await api.stream();
        expect(stream.status).toBe(429);
      });
    },
    limited(["key", "user", "tenant", "partner"].map((l) => `${l}:${l === level ? 3 : 0}`).join(",")),
  );
});

describeApi(
  "rate limits at several levels",
  (api) => {
    test("take all or none: a request refused at one level uses nothing at the others", async () => {
      const admin = { key: api.gateway.adminKey };
      await Promise.all([api.chat(), api.chat()]);
      const refused = await Promise.all(Array.from({ length: 5 }, () => api.chat()));
      for (const reply of refused) expectRefusal(reply, "key", 2);
      // Another key of the same tenant finds the one place that is left, and then none.
      const last = await api.chat({}, admin);
      expect([last.status, remainingOf(last)]).toEqual([200, "0"]);
      const late = await api.chat({}, admin);
      expectRefusal(late, "tenant", 3);
      // Whoever asks later why finds what the caller was told.
      const trace = await api.gateway.api("GET", `/v1/requests/${pickText(late.body, "meta.request_id")}`);
      expect(pick(trace.body, "data.refusal")).toEqual({
        message: pickText(late.body, "error.message"),
        hint: pickText(late.body, "error.hint"),
        retry_after: pick(late.body, "error.retry_after"),
        details: [],
      });
    });

    test("do not count calls that cost nothing", async () => {
      for (let n = 0; n < 5; n++) {
        const reply = await api.gateway.api("GET", "/v1/models", { key: api.gateway.firstKey });
        expect([reply.status, remainingOf(reply)]).toEqual([200, null]);
      }
    });
  },
  limited("key:2,user:0,tenant:3,partner:0"),
);

describeApi(
  "a counted request",
  (api) => {
    test("counts whatever its outcome, but is given back when the fault is ours", async () => {
      await api.gateway.api("POST", "/v1/models", { body: { slug: "acme/unpriced", context_window: 10 } });
      expect(remainingOf(await api.chat())).toBe("9");
      const unpriced = await api.chat({ model: "acme/unpriced" });
      expect([codeOf(unpriced), remainingOf(unpriced)]).toEqual(["MODEL_NOT_PRICED", "8"]);
      expect(remainingOf(await api.chat())).toBe("8");
      const upstream = await api.chat(
        {},
        { headers: { "x-scaigrid-simulate": '{"error":"BACKEND_ERROR"}' } },
      );
      expect([codeOf(upstream), remainingOf(upstream)]).toEqual(["BACKEND_ERROR", "7"]);
      const refused = await api.chat({ messages: [] });
      expect([codeOf(refused), remainingOf(refused)]).toEqual(["VALIDATION_ERROR", "6"]);
      expect(remainingOf(await api.chat())).toBe("5");
    });

    test("of many at once lets no more through than there is room for", async () => {
      const replies = await Promise.all(
        Array.from({ length: 30 }, () => api.chat({}, { key: api.gateway.adminKey })),
      );
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(10);
      expect(replies.filter((reply) => codeOf(reply) === "RATE_LIMITED")).toHaveLength(20);
    });
  },
  limited("key:10,user:0,tenant:0,partner:0"),
);

describeApi("management calls", (api) => {
  test("are limited to 600 a minute for each user", async () => {
    const key = api.gateway.firstKey;
    const replies = await Promise.all(
      Array.from({ length: 605 }, () => api.gateway.api("GET", "/v1/me", { key })),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(600);
    const refused = replies.filter((reply) => codeOf(reply) === "RATE_LIMITED");
    expect(refused).toHaveLength(5);
    expect(pick(refused[0]?.body, "error.retry_after")).toBeNumber();
    expect((await api.gateway.api("GET", "/v1/me")).status).toBe(200);
    expect((await api.chat()).status).toBe(200);
  });
});
