import { expect, test } from "bun:test";
import { booksOf } from "../money/books.ts";
import { pick, pickText } from "../harness/json.ts";
import { startGateway } from "../harness/gateway.ts";
import { describeApi } from "./started.ts";

test("a gateway that is told to stop as soon as it listens stops in good order", async () => {
  const gateway = await startGateway();
  // Throws unless the process ends by itself and with 0.
  await gateway.stop();
  expect(() => gateway.pid).toThrow();
});

describeApi(
  "a gateway that is told to stop",
  (api) => {
    let tenantId: string;

    test("lets streams end, and cuts those that outlast the drain with an error event", async () => {
      const quick = await api.model("fake-ok?tokens=2&gate=quick&gate_after=1");
      const endless = await api.model("fake-ok?tokens=2&gate=never&gate_after=1");
      const [ending, cut] = [
        await api.stream({ model: quick.slug }),
        await api.stream({ model: endless.slug }),
      ];
      await Promise.all([ending.nextContent(), cut.nextContent()]);
      const { output, url, firstKey } = api.gateway;
      tenantId = pickText((await api.gateway.api("GET", "/v1/me", { key: firstKey })).body, "data.tenant.id");
      const stopped = api.gateway.terminate();
      await output.until("drain", () => output.logs.find((line) => line["event"] === "draining"), 5_000);
      const ready = await fetch(`${url}/health/ready`);
      expect([ready.status, await ready.json()]).toMatchObject([
        503,
        { status: "not_ready", checks: { process: "stopping" } },
      ]);
      const late = await fetch(`${url}/v1/inference/chat`, {
        method: "POST",
        headers: { authorization: `Bearer ${firstKey}` },
        body: JSON.stringify({ model: quick.slug, messages: [{ role: "user", content: "too late" }] }),
      });
      expect([late.status, late.headers.get("retry-after")]).toEqual([503, "1"]);
      expect(pick(await late.json(), "error.code")).toBe("SHUTTING_DOWN");
      api.fake.gates.open("quick");
      expect(await ending.end()).toMatchObject({ finishReason: "stop", doneCount: 1, error: undefined });
      const end = await cut.end();
      expect(pick(end.error, "code")).toBe("SHUTTING_DOWN");
      expect(end).toMatchObject({ content: "aqua", doneCount: 1, broken: false, finishReason: undefined });
      await stopped;
    });

    test("has booked all of them, the last ones too, and not only settled them", async () => {
      const { usage, ledger, rolledUp } = await booksOf(api.gateway, tenantId);
      expect(ledger).toEqual(usage);
      expect(rolledUp).toBe(usage.sale);
      expect(usage.sale).toBeGreaterThan(0n);
    });

    test("has settled all of them", async () => {
      await api.gateway.restart();
      const usage = await api.gateway.api("GET", "/v1/accounting/usage");
      expect(pick(usage.body, "data.items.0.status")).toBe("failed");
      expect(pick(usage.body, "data.items.0.error_code")).toBe("SHUTTING_DOWN");
      expect(pick(usage.body, "data.items.0.tokens_out")).toBe(1);
      expect(pick(usage.body, "data.items.1.status")).toBe("completed");
      expect(pick(usage.body, "data.items.2")).toBeUndefined();
    });
  },
  { SCAIGRID_DRAIN_SECONDS: "1" },
);
