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
      const filler = "x".repeat(1_500_000);
      await withShell(api.gateway, (shell) => shell.run(`create table filler as select '${filler}' as text`));
      const over = await eventually(
        "alarm",
        () => api.gateway.api("GET", "/health/detailed"),
        ({ body }) => pick(body, "data.store.state") === "over",
        WAIT_MS,
      );
      expect(pick(over.body, "data.store.max_bytes")).toBe(1_000_000);
      expect(Number(pick(over.body, "data.store.bytes"))).toBeGreaterThan(1_000_000);
      const { text } = await api.gateway.api("GET", "/metrics");
      expect(text).toMatch(/^scaigrid_store_bytes [1-9]\d{6,}$/m);
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
