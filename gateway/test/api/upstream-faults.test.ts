import { expect, test } from "bun:test";
import { closedPort } from "../fakes/closed-port.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { pick } from "../harness/json.ts";
import { codeOf, describeApi, detailsOf, requestIdOf, traceOf } from "./started.ts";

/** What an upstream does, what the caller is told, and how often the upstream was asked. */
interface Case {
  readonly name: string;
  readonly plan: string;
  readonly status: number;
  readonly code: string;
  readonly attempts: number;
  readonly retryAfter?: number;
  /** A whole answer only: a stream meets it otherwise, or not at all. */
  readonly wholeOnly?: boolean;
}

const CASES: readonly Case[] = [
  {
    name: "429",
    plan: "status?code=429&retry_after=7",
    status: 429,
    code: "BACKEND_RATE_LIMITED",
    attempts: 1,
    retryAfter: 7,
  },
  {
    name: "429 in milliseconds",
    plan: "status?code=429&retry_after_ms=6500",
    status: 429,
    code: "BACKEND_RATE_LIMITED",
    attempts: 1,
    retryAfter: 7,
  },
  {
    name: "429 with a huge wait",
    plan: "status?code=429&retry_after=86400",
    status: 429,
    code: "BACKEND_RATE_LIMITED",
    attempts: 1,
    retryAfter: 60,
  },
  { name: "500", plan: "status?code=500", status: 502, code: "BACKEND_ERROR", attempts: 2 },
  { name: "502 from a proxy", plan: "html-error", status: 502, code: "BACKEND_ERROR", attempts: 2 },
  { name: "503", plan: "status?code=503", status: 502, code: "BACKEND_ERROR", attempts: 1 },
  { name: "504", plan: "status?code=504", status: 504, code: "BACKEND_TIMEOUT", attempts: 1 },
  { name: "529", plan: "status?code=529", status: 502, code: "BACKEND_ERROR", attempts: 1 },
  {
    name: "401 for our credentials",
    plan: "status?code=401",
    status: 502,
    code: "BACKEND_ERROR",
    attempts: 1,
  },
  {
    name: "403 for our credentials",
    plan: "status?code=403",
    status: 502,
    code: "BACKEND_ERROR",
    attempts: 1,
  },
  {
    name: "404 for our address or model",
    plan: "status?code=404",
    status: 502,
    code: "BACKEND_ERROR",
    attempts: 1,
  },
  { name: "400", plan: "status?code=400", status: 422, code: "VALIDATION_ERROR", attempts: 1 },
  {
    name: "a prompt too long",
    plan: "status?code=400&error_code=context_length_exceeded",
    status: 422,
    code: "CONTEXT_LENGTH_EXCEEDED",
    attempts: 1,
  },
  {
    name: "a content filter",
    plan: "status?code=400&error_code=content_filter",
    status: 422,
    code: "CONTENT_FILTERED",
    attempts: 1,
  },
  { name: "a web page with 200", plan: "html", status: 502, code: "UPSTREAM_SHAPE_MISMATCH", attempts: 1 },
  {
    name: "an empty body",
    plan: "empty",
    status: 502,
    code: "UPSTREAM_SHAPE_MISMATCH",
    attempts: 1,
    wholeOnly: true,
  },
  { name: "half a JSON text", plan: "not-json", status: 502, code: "UPSTREAM_SHAPE_MISMATCH", attempts: 1 },
  { name: "another object", plan: "wrong-shape", status: 502, code: "UPSTREAM_SHAPE_MISMATCH", attempts: 1 },
  { name: "no choices", plan: "no-choices", status: 502, code: "UPSTREAM_SHAPE_MISMATCH", attempts: 1 },
  { name: "an error object with 200", plan: "error-200", status: 502, code: "BACKEND_ERROR", attempts: 2 },
  { name: "a redirect", plan: "redirect", status: 502, code: "UPSTREAM_SHAPE_MISMATCH", attempts: 1 },
  {
    name: "a reset before the headers",
    plan: "reset-before-headers",
    status: 502,
    code: "BACKEND_ERROR",
    attempts: 2,
  },
  {
    name: "a close before the headers",
    plan: "close-before-headers",
    status: 502,
    code: "BACKEND_ERROR",
    attempts: 2,
  },
  {
    name: "a reset in the body",
    plan: "reset?tokens=8",
    status: 502,
    code: "BACKEND_ERROR",
    attempts: 2,
    wholeOnly: true,
  },
  { name: "silence", plan: "silent-before-headers", status: 504, code: "BACKEND_TIMEOUT", attempts: 1 },
];

describeApi("an upstream's failure", (api) => {
  const calls = CASES.flatMap((each) =>
    (each.wholeOnly === true ? [false] : [false, true]).map((stream) => ({ ...each, stream })),
  );

  test.concurrent.each(calls)(
    "$name is $code after $attempts attempt(s), streamed: $stream",
    async (call) => {
      const { plan, status, code, attempts, retryAfter, stream } = call;
      const timeouts = { first_byte: 1_000, total: plan.startsWith("silent") ? 1_000 : 10_000 };
      const { slug, backendIds } = await api.model(`fake-${plan}`, { timeouts });
      const reply = await api.chat({ model: slug, stream });
      expect([reply.status, codeOf(reply)]).toEqual([status, code]);
      expect(pick(reply.body, "error.retry_after")).toBe(retryAfter);
      const asked = api.fake.log.records.filter((r) => r.plan === `fake-${plan}` && r.stream === stream);
      expect(asked).toHaveLength(attempts);
      // Nothing of the upstream's address reaches the caller.
      expect(reply.text).not.toContain(String(api.fake.port));
      const trace = await traceOf(api.gateway, requestIdOf(reply));
      expect(pick(trace.body, "data.attempts")).toHaveLength(attempts);
      expect(pick(trace.body, "data.backend_id")).toBe(backendIds[0]);
      expect(pick(trace.body, "data.outcome")).toBe("failed");
      expect(pick(trace.body, "data.usage.cost")).toBe("0");
    },
  );

  test("that nobody listens is an error after one more try", async () => {
    const { slug } = await addFakeBackend(api.gateway, { url: `http://127.0.0.1:${closedPort()}/v1` });
    const reply = await api.chat({ model: slug });
    expect(codeOf(reply)).toBe("BACKEND_ERROR");
    const trace = await traceOf(api.gateway, requestIdOf(reply));
    expect(pick(trace.body, "data.attempts")).toHaveLength(2);
    expect(pick(trace.body, "data.attempts.0.outcome")).toBe("network");
  });

  const PASSING: readonly (readonly [string, string])[] = [
    ["a 500", "fake-status?code=500&times=1"],
    ["a reset", "fake-reset-before-headers?times=1"],
    ["a 429 that asks for a second", "fake-status?code=429&retry_after=1&times=1"],
  ];
  test.concurrent.each(PASSING)("that passes, %s, is ridden out on the same backend", async (_name, plan) => {
    const { slug } = await api.model(plan);
    const reply = await api.chat({ model: slug });
    expect(reply.status).toBe(200);
    expect(api.fake.log.records.filter((record) => record.plan === plan)).toHaveLength(2);
    const trace = await traceOf(api.gateway, requestIdOf(reply));
    expect(pick(trace.body, "data.attempts.1.outcome")).toBe("ok");
  });

  test("is retried no more where the policy allows a single attempt", async () => {
    const plan = "fake-status?code=500&times=1&tokens=3";
    const { slug } = await api.model(plan, { retry: { attempts: 1, same_backend: 1 } });
    expect(codeOf(await api.chat({ model: slug }))).toBe("BACKEND_ERROR");
    expect(api.fake.log.records.filter((record) => record.plan === plan)).toHaveLength(1);
  });

  test("on account of the request is told in the provider's own words", async () => {
    const { slug } = await api.model("fake-status?code=422");
    const reply = await api.chat({ model: slug });
    expect(codeOf(reply)).toBe("VALIDATION_ERROR");
    expect(detailsOf(reply)[0]?.["message"]).toBe("The fake upstream says 422.");
  });

  test("of a whole answer that stops half-way is a timeout once the total is over", async () => {
    const { slug } = await api.model("fake-slow-body?slow_ms=100", { timeouts: { total: 300 } });
    expect(codeOf(await api.chat({ model: slug }))).toBe("BACKEND_TIMEOUT");
  });
});
