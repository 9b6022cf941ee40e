import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { type Socket, connect } from "node:net";
import { startGateway } from "../harness/gateway.ts";
import { poll } from "../durability/poll.ts";
import { SANDBOX, MESSAGES, codeOf, describeApi } from "./started.ts";

const UNLIMITED = "key:0,user:0,tenant:0,partner:0,address:0";
/** As few as a start takes, so that the test needs no more of its own. */
const DESCRIPTORS = 4_096;
const IDLE = 3_400;
const CHURN = 5_000;
const TEST_MS_MAX = 60_000;

describeApi(
  "a process that is stopped again and again",
  (api) => {
    test(
      "refuses new inference while its event loop is late, and takes it again afterwards",
      async () => {
        const { pid, output } = api.gateway;
        const strain = () => output.logs.findLast(({ event }) => event === "overload")?.["reason"];
        // Half a second late in each look: a machine that has no time for us.
        const stopping = setInterval(() => {
          process.kill(pid, "SIGSTOP");
          setTimeout(() => process.kill(pid, "SIGCONT"), 600);
        }, 900);
        try {
          await poll("no overload is told of", () => strain() === "event_loop");
          const deadline = performance.now() + 10_000;
          let shed = false;
          while (!shed && performance.now() < deadline) shed = codeOf(await api.chat()) === "OVERLOADED";
          expect(shed).toBe(true);
        } finally {
          clearInterval(stopping);
        }
        await poll("the overload does not end", async () => (await api.chat()).status === 200);
        expect(strain()).toBe("none any more");
      },
      TEST_MS_MAX,
    );
  },
  { SCAIGRID_SHED_LAG_MS: "250" },
);

describeApi("connections that come and go", (api) => {
  test(
    "leave nothing behind, whether they asked something or not",
    async () => {
      const descriptors = () => readdirSync(`/proc/${api.gateway.pid}/fd`).length;
      const port = Number(new URL(api.gateway.url).port);
      await api.chat();
      const base = descriptors();
      const visit = (n: number): Promise<void> =>
        new Promise((resolve, reject) => {
          const socket = connect(port, "127.0.0.1");
          socket.on("error", reject).on("close", () => resolve());
          if (n % 2 === 0) return void socket.once("connect", () => socket.destroy());
          socket.once("data", () => socket.destroy());
          socket.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        });
      for (let n = 0; n < CHURN; n += 100) await Promise.all(Array.from({ length: 100 }, (_, i) => visit(i)));
      await poll("connections stay open", () => descriptors() <= base + 5);
      expect((await api.chat()).status).toBe(200);
    },
    TEST_MS_MAX,
  );
});

describe("connections near the limit of file descriptors", () => {
  test(
    "make the gateway close the idle ones and refuse inference for the moment; then all is well",
    async () => {
      const gateway = await startGateway({
        env: { SCAIGRID_RATE_LIMITS: UNLIMITED },
        prefix: ["sh", "-c", `ulimit -n ${DESCRIPTORS} && exec "$@"`, "sh"],
      });
      const sockets: Socket[] = [];
      try {
        const port = Number(new URL(gateway.url).port);
        let closed = 0;
        const open = (): Promise<void> =>
          new Promise((resolve, reject) => {
            const socket = connect(port, "127.0.0.1");
            sockets.push(socket);
            socket.on("close", () => closed++).on("error", reject);
            // A connection is idle once something has been asked on it.
            socket.once("data", () => resolve()).on("data", () => undefined);
            socket.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
          });
        for (let n = 0; n < IDLE; n += 100) await Promise.all(Array.from({ length: 100 }, open));
        const { output } = gateway;
        await output.until(
          "word of the overload",
          () => output.logs.find(({ event, reason }) => event === "overload" && reason === "descriptors"),
          10_000,
        );
        await poll("idle connections stay open", () => closed >= IDLE / 2);
        expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
        const body = { model: SANDBOX, messages: MESSAGES };
        await poll("inference is refused for good", async () => {
          const reply = await gateway.api("POST", "/v1/inference/chat", { body });
          return reply.status === 200;
        });
      } finally {
        for (const socket of sockets) socket.destroy();
        await gateway.stop();
      }
    },
    TEST_MS_MAX,
  );
});
