import { expect, test } from "bun:test";
import { LOG_FIELDS } from "../../src/telemetry/log-fields.ts";
import { isObject } from "../harness/json.ts";
import { MESSAGES, codeOf, describeApi, requestIdOf } from "./started.ts";

const CANARY = "canary-7f3a9c51e2";
const OF_EVERY_LINE = ["time", "level", "event"];

describeApi(
  "the log",
  (api) => {
    const linesOf = (requestId: string) =>
      api.gateway.output.until(
        `log line of ${requestId}`,
        () => {
          const found = api.gateway.output.logs.filter((line) => line["request_id"] === requestId);
          return found.length > 0 ? found : undefined;
        },
        5_000,
      );

    test("tells of each request once, with who, what and how it ended", async () => {
      const reply = await api.chat();
      const lines = await linesOf(requestIdOf(reply));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({
        event: "request",
        level: "debug",
        path: "/v1/inference/chat",
        status: 200,
        attempts: 1,
        stream: false,
      });
      expect(lines[0]?.["tenant_id"]).toStartWith("tenant_");
      expect(lines[0]?.["user_id"]).toStartWith("user_");
      expect(lines[0]?.["duration_ms"]).toBeNumber();
    });

    test("tells operators why an upstream failed, as a warning", async () => {
      const { slug } = await api.model("fake-status?code=500");
      const reply = await api.chat({ model: slug });
      const [line] = await linesOf(requestIdOf(reply));
      expect(line).toMatchObject({ level: "warn", status: 502, code: "BACKEND_ERROR" });
      expect(line?.["reason"]).toContain("500");
    });

    test("holds nothing that a caller, a body or a credential said", async () => {
      const { slug } = await api.model("fake-status?code=500", {
        apiKey: `sk-${CANARY}`,
        model: { system_prompt: CANARY },
      });
      const headers = {
        cookie: CANARY,
        "x-custom": CANARY,
        "user-agent": CANARY,
        "x-request-id": CANARY,
        "x-scaigrid-simulate": CANARY,
      };
      const messages = [{ role: "user", content: CANARY }];
      const last = [
        await api.chat({ model: slug, messages, metadata: { secret: CANARY } }, { headers }),
        await api.chat({ messages, [CANARY]: CANARY }, { headers }),
        await api.chat({ model: `no/${CANARY}` }),
        await api.chat({ messages: CANARY }),
        await api.gateway.api("POST", "/v1/inference/chat", {
          key: api.gateway.firstKey,
          body: `{"model": ${CANARY}`,
        }),
      ];
      expect(last.every((reply) => codeOf(reply) !== undefined)).toBe(true);
      const query = `/v1/inference/chat?key=sk-${CANARY}&api_key=sgk_${CANARY}`;
      const inQuery = await api.gateway.api("POST", query, {
        key: api.gateway.firstKey,
        body: { model: "no/such", messages: MESSAGES },
      });
      await linesOf(requestIdOf(inQuery));
      for (const reply of last) await linesOf(requestIdOf(reply));
      // Of all that was sent, the log has the simulation's own complaint at most; it does not repeat the words.
      expect(api.gateway.output.stdoutLines.filter((line) => line.includes(CANARY))).toEqual([]);
    });

    test("is one JSON object a line, each field by the allow-list", async () => {
      await api.chat();
      await api.gateway.restart();
      await api.chat();
      const { output } = api.gateway;
      await api.gateway.terminate();
      expect(output.stdoutLines.length).toBeGreaterThan(3);
      const allowed = new Set([...OF_EVERY_LINE, ...Object.keys(LOG_FIELDS)]);
      for (const line of output.stdoutLines) {
        const value: unknown = JSON.parse(line);
        if (!isObject(value)) throw new Error(`not an object: ${line}`);
        expect(Object.keys(value).filter((name) => !allowed.has(name))).toEqual([]);
        expect(Object.keys(value).slice(0, 3)).toEqual(OF_EVERY_LINE);
        expect(Number.isNaN(Date.parse(String(value["time"])))).toBe(false);
      }
      const events = output.logs.map((line) => line["event"]);
      expect(events).toEqual(expect.arrayContaining(["listening", "draining", "stopped"]));
      for (const secret of [api.gateway.firstKey, api.gateway.adminKey])
        expect(output.stdoutLines.join("\n")).not.toContain(secret);
    });
  },
  { SCAIGRID_LOG_LEVEL: "debug" },
);
