import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { addFakeBackend } from "./fake-backend.ts";
import { startGateway } from "./gateway.ts";
import type { Gateway } from "./gateway.ts";
import { pick } from "./json.ts";

/** The harness itself, against the real process: what every other test of the whole gateway leans on. */
describe("a gateway of the harness", () => {
  let fake: FaultUpstream;
  let gateway: Gateway;
  beforeAll(async () => {
    fake = new FaultUpstream();
    gateway = await startGateway();
  });
  afterAll(async () => {
    await gateway.stop();
    fake.stop();
  });

  const messages = [{ role: "user", content: "twelve bytes" }];

  test("answers a whole call from the fake, with the tokens of the truth log", async () => {
    const { slug } = await addFakeBackend(gateway, fake, { plans: ["fake-ok?tokens=20"] });
    const reply = await gateway.api("POST", "/v1/inference/chat", { body: { model: slug, messages } });
    expect(reply.status).toBe(200);
    expect(pick(reply.body, "data.model")).toBe(slug);
    expect(pick(reply.body, "data.choices.0.message.content")).toHaveLength(80);
    const record = fake.log.records.at(-1);
    expect(pick(reply.body, "data.usage.completion_tokens")).toBe(record?.tokensSent);
    expect(record?.headers["authorization"]).toBe("Bearer fake-credential");
  });

  test("streams what the fake sends, and ends once", async () => {
    const { slug } = await addFakeBackend(gateway, fake, { plans: ["fake-ok?tokens=20"] });
    const stream = await gateway.chatStream({ model: slug, messages });
    const end = await stream.end();
    expect(end.content).toHaveLength(80);
    expect(end).toMatchObject({
      finishReason: "stop",
      doneCount: 1,
      rest: "",
      broken: false,
      error: undefined,
    });
    expect(pick(end.usage, "completion_tokens")).toBe(20);
  });

  test("a client that leaves is seen by the fake", async () => {
    const { slug } = await addFakeBackend(gateway, fake, {
      plans: ["fake-ok?tokens=9&gate=leaving&gate_after=4"],
    });
    const stream = await gateway.chatStream({ model: slug, messages });
    expect(await stream.nextContent()).toBe("aqua");
    stream.leave();
    const record = await fake.log.waitFor(
      "departure",
      (r) => r.plan.includes("leaving") && !!r.closedByPeerAtMs,
    );
    expect(record.tokensSent).toBe(4);
  });

  test("keeps its data over a stop and over `kill -9`, and its keys", async () => {
    const { slug } = await addFakeBackend(gateway, fake);
    for (const end of ["restart", "kill"] as const) {
      if (end === "kill") await gateway.kill();
      await gateway.restart();
      const body = { model: slug, messages };
      const reply = await gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body });
      expect(reply.status).toBe(200);
    }
  });

  test("a refusal passes the contract check on its way", async () => {
    const reply = await gateway.api("GET", "/v1/models", { key: undefined });
    expect(reply.status).toBe(401);
    expect(pick(reply.body, "error.code")).toBe("AUTH_TOKEN_MISSING");
  });
});
