import { expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { describeApi, eventually, requestIdOf, traceOf } from "./started.ts";
import { withShell } from "./store-shell.ts";

const WAIT_MS = 30_000;

describeApi(
  "a store beyond its size",
  (api) => {
    test("is told of in the log, the events, the health and the metrics, and goes on", async () => {
      const { slug } = await api.model("fake-ok");
      const reply = await api.chat({ model: slug });
      const held = async (): Promise<number> => {
        const { text } = await api.gateway.api("GET", "/metrics");
        return Number(/^scaigrid_store_bytes (\d+)$/m.exec(text)?.[1] ?? 0);
      };
      const before = await held();
      // Of what repeats itself PostgreSQL would keep little.
      const filler = Array.from({ length: 24 }, () =>
        Buffer.from(crypto.getRandomValues(new Uint8Array(32_768))).toString("hex"),
      ).join("");
      await withShell(api.gateway, (shell) => shell.run(`create table filler as select '${filler}' as text`));
      const over = await eventually(
        "alarm",
        () => api.gateway.api("GET", "/health/detailed"),
        ({ body }) => pick(body, "data.store.state") === "over",
        WAIT_MS,
      );
      expect(pick(over.body, "data.store.max_bytes")).toBe(1_000_000);
      expect(Number(pick(over.body, "data.store.bytes"))).toBeGreaterThan(1_000_000);
      await eventually(
        "larger store in the metrics",
        () => api.gateway.api("GET", "/metrics"),
        ({ text }) => Number(/^scaigrid_store_bytes (\d+)$/m.exec(text)?.[1] ?? 0) >= before + 500_000,
        WAIT_MS,
      );
      await eventually(
        "event",
        async () => {
          const rows = await withShell(api.gateway, (shell) => shell.all("select type from events"));
          return { status: 200, headers: new Headers(), body: undefined, text: JSON.stringify(rows) };
        },
        (told) => told.text.includes("store.size_exceeded"),
        WAIT_MS,
      );
      const exceeded = () =>
        api.gateway.output.logs.find((log) => log["event"] === "store_size" && log["action"] === "exceeded");
      await api.gateway.output.until("the line of the log", exceeded, WAIT_MS);
      // Its trace is of the last hour.
      await traceOf(api.gateway, requestIdOf(reply));
      expect((await api.chat({ model: slug })).status).toBe(200);
    });
  },
  { SCAIGRID_STORE_MAX_MB: "1" },
);
