import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { withStore } from "../api/store-file.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";

const BUGGY = join(import.meta.dir, "buggy.ts");
const LOGGED_MS_MAX = 5_000;

describe("a bug", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway({ env: { BUN_OPTIONS: `--preload=${BUGGY}` } });
  });
  afterAll(() => gateway.stop());

  const logged = (text: string) =>
    gateway.output.until(
      `line that tells of ${text}`,
      () => gateway.output.logs.find(({ event, reason }) => event === "bug" && String(reason).includes(text)),
      LOGGED_MS_MAX,
    );

  test("that nobody waits for or catches is logged, and the process goes on", async () => {
    const { pid } = gateway;
    process.kill(pid, "SIGUSR2");
    for (const text of ["a floating rejection", "a throw in a timer"]) {
      expect(await logged(text)).toMatchObject({ level: "error" });
    }
    expect(gateway.pid).toBe(pid);
    expect((await gateway.api("GET", "/v1/me")).status).toBe(200);
  });

  test("in a handler is a 500 with its request id, logged with what is behind it", async () => {
    const key = gateway.firstKey;
    const model = "scailabs/poolnoodle-omni";
    const body = { model, messages: [{ role: "user", content: "x" }] };
    expect((await gateway.api("POST", "/v1/inference/chat", { key, body })).status).toBe(200);
    await withStore(gateway, (store) => store.run("update usage set buckets = '{'"));
    const reply = await gateway.api("GET", "/v1/accounting/usage");
    expect([reply.status, pick(reply.body, "error.code")]).toEqual([500, "INTERNAL_ERROR"]);
    expect(reply.text).not.toMatch(/JSON|buckets|at \//);
    const line = await gateway.output.until(
      "line of the request",
      () =>
        gateway.output.logs.find(
          (log) => log["event"] === "bug" && log["request_id"] === pick(reply.body, "meta.request_id"),
        ),
      LOGGED_MS_MAX,
    );
    expect(String(line["reason"])).toContain("JSON");
    expect((await gateway.api("GET", "/v1/me")).status).toBe(200);
  });
});
