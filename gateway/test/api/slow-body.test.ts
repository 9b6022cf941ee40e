import { expect, test } from "bun:test";
import { pickText } from "../harness/json.ts";
import { sendRaw } from "./raw-http.ts";
import { MESSAGES, SANDBOX, describeApi } from "./started.ts";
import { withShell } from "./store-shell.ts";

const BODY = JSON.stringify({ model: SANDBOX, messages: MESSAGES });

/** A call whose headers and first bytes have been sent, and the rest not yet. */
async function beginCall(gatewayUrl: string, key: string) {
  const { promise: answer, resolve } = Promise.withResolvers<string>();
  let received = "";
  const { hostname, port } = new URL(gatewayUrl);
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(_socket, bytes) {
        received += bytes.toString();
      },
      close: () => resolve(received),
    },
  });
  const head = [
    "POST /v1/inference/chat HTTP/1.1",
    `host: localhost:${port}`,
    `authorization: Bearer ${key}`,
    "content-type: application/json",
    "connection: close",
    `content-length: ${Buffer.byteLength(BODY)}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${BODY.slice(0, 10)}`);
  return {
    /** Sends the rest, and gives the status of the answer: 0 when there was none. */
    async finish(): Promise<number> {
      socket.write(BODY.slice(10));
      return Number(/^HTTP\/1\.1 (\d+)/.exec(await answer)?.[1] ?? 0);
    },
  };
}

describeApi("a call whose body is slow to come", (api) => {
  test("is refused when its key is revoked meanwhile", async () => {
    const made = await api.gateway.api("POST", "/v1/api-keys", { body: { name: "short-lived" } });
    const call = await beginCall(api.gateway.url, pickText(made.body, "data.key"));
    await api.gateway.api("GET", "/v1/me");
    const revoked = await api.gateway.api("DELETE", `/v1/api-keys/${pickText(made.body, "data.id")}`);
    expect(revoked.status).toBe(200);
    expect(await call.finish()).toBe(401);
  });

  test("is waited for by a shutdown, answered and settled as completed", async () => {
    const { gateway } = api;
    const call = await beginCall(gateway.url, gateway.firstKey);
    await gateway.api("GET", "/v1/me");
    const { output } = gateway;
    const stopped = gateway.terminate();
    await output.until("drain", () => output.logs.find((line) => line["event"] === "draining"), 5_000);
    // Longer than a process with nothing to wait for takes to end.
    expect(await Promise.race([stopped, Bun.sleep(600)])).toBeUndefined();
    expect(await call.finish()).toBe(200);
    await stopped;
    const rows = await withShell(gateway, (store) => store.all("select status from usage"));
    expect(rows).toEqual([{ status: "completed" }]);
    await gateway.restart();
  });
});

describeApi(
  "a body that does not come in time",
  (api) => {
    test.each([
      ["/v1/inference/chat", "of a chat"],
      ["/v1/models", "of a management call"],
    ])("to %s is refused, and its connection closed", async (path) => {
      const begunMs = performance.now();
      const reply = await sendRaw(
        api.gateway.url,
        `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${api.gateway.adminKey}\r\n` +
          `Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"model":`,
      );
      expect([reply.status, reply.code]).toEqual([422, "VALIDATION_ERROR"]);
      expect(pickText(reply.body, "error.details.0.message")).toBe("must arrive within 1 seconds");
      expect(reply.headers.get("connection")).toBe("close");
      expect(performance.now() - begunMs).toBeGreaterThan(900);
      expect((await api.chat()).status).toBe(200);
    });
  },
  { SCAIGRID_BODY_SECONDS: "1" },
);
