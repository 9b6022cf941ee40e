import { describe, expect, test } from "bun:test";
import { ERRORS } from "../../src/errors.ts";
import { SIMULATED_ERRORS } from "../../src/upstream/sandbox/simulation.ts";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, detailsOf, eventually, fieldsOf, requestIdOf, traceOf } from "./started.ts";

/** Twenty words and more, so that there is something to cut. */
const STORY = { messages: [{ role: "user", content: "Tell me a story" }] };

describeApi("the sandbox", (api) => {
  const simulate = (instruction: object) => ({
    headers: { "x-scaigrid-simulate": JSON.stringify(instruction) },
  });

  describe.each(SIMULATED_ERRORS)("asked for %s", (error) => {
    test("fails so at once, whole and streamed, without a retry", async () => {
      for (const stream of [false, true]) {
        const reply = await api.chat({ stream }, simulate({ error }));
        expect([reply.status, codeOf(reply)]).toEqual([ERRORS[error].status, error]);
        const trace = await traceOf(api.gateway, requestIdOf(reply));
        expect(pick(trace.body, "data.attempts")).toHaveLength(1);
        expect(pick(trace.body, "data.usage.cost")).toBe("0");
      }
    });

    test("after some content ends the stream with it, never with a stop", async () => {
      const stream = await api.stream(STORY, simulate({ error, cut_after_tokens: 5 }));
      expect(stream.status).toBe(200);
      const end = await stream.end();
      expect(pick(end.error, "code")).toBe(error);
      expect(Math.ceil(Buffer.byteLength(end.content) / 4)).toBe(5);
      expect(end).toMatchObject({ finishReason: undefined, doneCount: 1, broken: false });
    });
  });

  test("gives the retry_after it was asked for, in body and header", async () => {
    for (const error of ["BACKEND_RATE_LIMITED", "MODEL_UNAVAILABLE"]) {
      const reply = await api.chat({}, simulate({ error, retry_after: 17 }));
      expect(pick(reply.body, "error.retry_after")).toBe(17);
      expect(reply.headers.get("retry-after")).toBe("17");
    }
  });

  test("listens to metadata.simulate as to the header, and keeps it on the usage record", async () => {
    const metadata = { simulate: '{"error":"BACKEND_ERROR"}', run: "meta-1" };
    const reply = await api.chat({ metadata });
    expect(codeOf(reply)).toBe("BACKEND_ERROR");
    const usage = await eventually(
      "usage record",
      () => api.gateway.api("GET", "/v1/accounting/usage?metadata.run=meta-1"),
      ({ body }) => pick(body, "data.items.0") !== undefined,
    );
    expect(pick(usage.body, "data.items.0.metadata")).toEqual(metadata);
    expect(pick(usage.body, "data.items.0.error_code")).toBe("BACKEND_ERROR");
  });

  const RETRIED = ["BACKEND_RATE_LIMITED", "BACKEND_TIMEOUT", "BACKEND_ERROR"];
  test.each(RETRIED)("with times fails the first calls with %s, then answers", async (error) => {
    const call = simulate({ error, times: 2 });
    const statuses: unknown[] = [];
    for (let n = 0; n < 4; n++) statuses.push(codeOf(await api.chat({}, call)) ?? "ok");
    expect(statuses).toEqual([error, error, "ok", "ok"]);
  });

  test("counts times for each user apart", async () => {
    const call = simulate({ error: "BACKEND_ERROR", times: 1, retry_after: 3 });
    expect(codeOf(await api.chat({}, call))).toBe("BACKEND_ERROR");
    expect((await api.chat({}, call)).status).toBe(200);
    expect(codeOf(await api.chat({}, { ...call, key: api.gateway.adminKey }))).toBe("BACKEND_ERROR");
  });

  test("breaks a stream off in silence, which is an error and no stop", async () => {
    const end = await (await api.stream(STORY, simulate({ cut_after_tokens: 5 }))).end();
    expect(pick(end.error, "code")).toBe("BACKEND_ERROR");
    expect(end).toMatchObject({ finishReason: undefined, doneCount: 1 });
    expect(codeOf(await api.chat(STORY, simulate({ cut_after_tokens: 5 })))).toBe("BACKEND_ERROR");
  });

  test("takes its time before the first token and between words", async () => {
    const asked = performance.now();
    const stream = await api.stream({ max_tokens: 8 }, simulate({ first_token_ms: 300, token_ms: 40 }));
    await stream.nextContent();
    const first = performance.now() - asked;
    expect(first).toBeGreaterThanOrEqual(290);
    const { events } = await stream.end();
    const words = events.filter(({ json }) => pick(json, "choices.0.delta.content") !== undefined).length;
    expect(words).toBeGreaterThan(2);
    expect(performance.now() - asked).toBeGreaterThanOrEqual(290 + (words - 1) * 35);
  });

  const WRONG: readonly (readonly [string, string, string])[] = [
    ["no JSON", "fail please", "must be a string holding JSON"],
    ["no object", "[]", "must hold a JSON object"],
    ["an error it does not know", '{"error":"AUTH_TOKEN_INVALID"}', "error must be one of"],
    ["a field it does not know", '{"eror":"BACKEND_ERROR"}', 'knows no "eror"'],
    ["a number out of range", '{"error":"BACKEND_ERROR","times":0}', "times must be a whole number from 1"],
  ];
  test.each(WRONG)("refuses an instruction that is %s, saying why", async (_name, instruction, message) => {
    const reply = await api.chat({}, { headers: { "x-scaigrid-simulate": instruction } });
    expect(codeOf(reply)).toBe("VALIDATION_ERROR");
    expect(fieldsOf(reply)).toEqual(["metadata.simulate"]);
    expect(pickText(detailsOf(reply)[0], "message")).toContain(message);
  });

  test("alone listens: another upstream is neither told nor faked", async () => {
    const { slug } = await api.model("fake-ok?tokens=1");
    const reply = await api.chat({ model: slug }, simulate({ error: "BACKEND_ERROR" }));
    expect(reply.status).toBe(200);
    expect(api.fake.log.records.at(-1)?.headers["x-scaigrid-simulate"]).toBeUndefined();
  });
});
