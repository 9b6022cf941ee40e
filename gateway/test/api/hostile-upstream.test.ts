import { afterAll, beforeAll, expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { MESSAGES, describeApi, requestIdOf, traceOf } from "./started.ts";

/** Like no vendor's keys: only whoever sent it can know it again. */
const CREDENTIAL = "correct.horse.battery";
const UNREADABLE_EVENTS = 50_000;

/** An upstream that says what it should not, or far too much. */
function serveHostile(): Bun.Server<undefined> {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const plan = pick(await request.json(), "model");
      const said = `no access with ${request.headers.get("authorization")}, ${CREDENTIAL}`;
      if (plan === "echo-refusal")
        return Response.json({ error: { message: said, param: CREDENTIAL } }, { status: 400 });
      if (plan === "echo-mid-stream") {
        const error = JSON.stringify({ error: { message: said, type: "invalid_request_error" } });
        return events([delta("hello"), `data: ${error}\n\n`]);
      }
      return events(["data: x\n\n".repeat(UNREADABLE_EVENTS), delta("hello", "stop"), "data: [DONE]\n\n"]);
    },
  });
}

function delta(content: string, finish: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
}

function events(parts: readonly string[]): Response {
  return new Response(parts.join(""), { headers: { "content-type": "text/event-stream" } });
}

describeApi("a hostile upstream", (api) => {
  let upstream: Bun.Server<undefined>;
  beforeAll(() => {
    upstream = serveHostile();
  });
  afterAll(() => upstream.stop(true));

  const model = (plan: string) =>
    addFakeBackend(api.gateway, { url: upstream.url.origin }, { plans: [plan], apiKey: CREDENTIAL });

  test("that quotes the credential in a refusal tells it to nobody: answer, trace, log", async () => {
    const { slug } = await model("echo-refusal");
    const reply = await api.chat({ model: slug });
    expect(reply.status).toBe(422);
    expect(reply.text).toContain("no access");
    const trace = await traceOf(api.gateway, requestIdOf(reply));
    expect(trace.text).toContain("no access");
    for (const text of [reply.text, trace.text, api.gateway.output.text])
      expect(text).not.toContain(CREDENTIAL);
  });

  test("that quotes it in the middle of a stream tells it to nobody", async () => {
    const { slug } = await model("echo-mid-stream");
    const stream = await api.stream({ model: slug });
    const end = await stream.end();
    expect(pick(end.error, "code")).toBe("VALIDATION_ERROR");
    const trace = await traceOf(api.gateway, stream.requestId);
    expect(trace.text).toContain("no access");
    expect(JSON.stringify(end) + trace.text).not.toContain(CREDENTIAL);
  });

  test("that sends tens of thousands of unreadable events makes a trace of ordinary size", async () => {
    const { slug } = await model("flood");
    const stream = await api.gateway.chatStream({ model: slug, messages: MESSAGES });
    expect(await stream.end()).toMatchObject({ content: "hello", doneCount: 1, error: undefined });
    const trace = await traceOf(api.gateway, stream.requestId);
    expect(trace.text).toContain("event_skipped");
    expect(trace.text.length).toBeLessThan(20_000);
  });
});
