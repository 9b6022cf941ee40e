import { expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { withShell } from "./store-shell.ts";
import { codeOf, describeApi, eventually, itemsOf } from "./started.ts";

describeApi(
  "a disk with less room than the reserve",
  (api) => {
    test("takes nothing that costs money, says so everywhere, and lets people in who can help", async () => {
      const { slug } = await api.model("fake-ok");
      const ready = await eventually(
        "look at the disk",
        async () => {
          const reply = await fetch(`${api.gateway.url}/health/ready`);
          const text = await reply.text();
          return { status: reply.status, headers: reply.headers, body: JSON.parse(text), text };
        },
        ({ status }) => status === 503,
        15_000,
      );
      expect(pick(ready.body, "checks.disk")).toBe("full");
      const before = api.fake.log.records.length;
      for (const stream of [false, true]) {
        const reply = await api.chat({ model: slug, stream });
        expect([reply.status, codeOf(reply)]).toEqual([503, "DEPENDENCY_UNAVAILABLE"]);
        expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
      }
      expect(api.fake.log.records.length).toBe(before);
      expect(itemsOf(await api.gateway.api("GET", "/v1/accounting/usage"))).toEqual([]);

      const detailed = await api.gateway.api("GET", "/health/detailed");
      expect(pick(detailed.body, "data.disk.state")).toBe("full");
      expect(Number(pick(detailed.body, "data.disk.free_bytes"))).toBeGreaterThan(0);
      const { text } = await api.gateway.api("GET", "/metrics");
      expect(text).toMatch(/^scaigrid_disk_free_bytes [1-9]\d*$/m);
      await eventually(
        "event",
        async () => {
          const rows = await withShell(api.gateway, (shell) => shell.all("select type from events"));
          return { status: 200, headers: new Headers(), body: undefined, text: JSON.stringify(rows) };
        },
        (reply) => reply.text.includes("node.disk_full"),
      );
      expect(api.gateway.output.logs.some((log) => log["event"] === "disk" && log["action"] === "full")).toBe(
        true,
      );
      const key = await api.gateway.api("POST", "/v1/api-keys", { body: { name: "still possible" } });
      expect(key.status).toBe(201);
    });
  },
  // 16 TB: no machine that runs tests has so much free.
  { SCAIGRID_DISK_RESERVE_MB: "16777216" },
);
