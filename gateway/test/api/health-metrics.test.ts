import { FAILURES_IN_A_ROW } from "../../src/routing/circuit.ts";
import { describe, expect, test } from "bun:test";
import { pick } from "../harness/json.ts";
import { SANDBOX, describeApi, eventually, itemsOf } from "./started.ts";
import { readMetrics } from "./exposition.ts";
import type { Sample } from "./exposition.ts";

const MOVED_WITHIN_MS = 4_000;
/**
 * Seen to move where they are made to: `ledger.test.ts` spoils accounts, `nodes.test.ts` sets rows aside,
 * `store-size.test.ts` fills the store.
 */
const MOVED_ELSEWHERE: ReadonlySet<string> = new Set([
  "scaigrid_accounting_drifts",
  "scaigrid_quarantined_rows",
  "scaigrid_store_bytes",
]);

describeApi("health", (api) => {
  test("answers without a key and touches nothing", async () => {
    const reply = await fetch(`${api.gateway.url}/health`);
    expect([reply.status, await reply.json()]).toEqual([200, { status: "ok" }]);
  });

  test("tells that the node is ready, and of what that is made", async () => {
    const reply = await fetch(`${api.gateway.url}/health/ready`);
    const checks = { database: "ok", journal: "ok" };
    expect([reply.status, await reply.json()]).toEqual([200, { status: "ready", checks }]);
  });
});

/** Room for so little that every refusal can be met. */
const NARROW = {
  SCAIGRID_IN_FLIGHT_MAX: "4",
  SCAIGRID_QUEUE_MAX: "8",
  SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0,address:5",
};
const LARGE = [{ role: "user", content: "x".repeat(100_000) }];

describeApi(
  "metrics",
  (api) => {
    const scrape = async () => readMetrics(await (await fetch(`${api.gateway.url}/metrics`)).text());

    function valueOf(
      samples: readonly Sample[],
      name: string,
      labels: Readonly<Record<string, string>>,
    ): number {
      const fitting = samples.filter(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      );
      return fitting.reduce((sum, { value }) => sum + value, 0);
    }

    /** An answer that is read on after its caller has left: `observe` sees it. */
    async function readOn(observe: () => Promise<void>): Promise<void> {
      const [home] = itemsOf(await api.gateway.api("GET", "/v1/tenants"));
      const path = `/v1/tenants/${String(home?.["id"])}`;
      await api.gateway.api("PATCH", path, { body: { broken_streams: "upstream" } });
      const { slug } = await api.model("fake-ok?tokens=2&gate=left&gate_after=1");
      const stream = await api.stream({ model: slug });
      await stream.nextContent();
      stream.leave();
      await eventually(
        "answer that is read on",
        () => api.gateway.api("GET", "/metrics"),
        ({ text }) => text.includes("scaigrid_answers_read_on 1\n"),
      );
      await observe();
      api.fake.gates.open("left");
      await api.gateway.api("PATCH", path, { body: { broken_streams: null } });
    }

    test("each one that is exposed moves: what cannot move has no business there", async () => {
      const seen = new Map<string, Set<number>>();
      const observe = async () => {
        for (const [name, value] of (await scrape()).totals) {
          const values = seen.get(name) ?? new Set<number>();
          seen.set(name, values.add(value));
        }
      };
      const still = () =>
        [...seen]
          .filter(([name, values]) => values.size < 2 && !MOVED_ELSEWHERE.has(name))
          .map(([name]) => name);
      await observe();
      const refused = await api.model("fake-status?code=401");
      for (let i = 0; i < FAILURES_IN_A_ROW; i++) await api.chat({ model: refused.slug });
      await observe();
      const { slug } = await api.model("fake-ok?tokens=2&gate=metrics&gate_after=1");
      const stream = await api.stream({ model: slug });
      await stream.nextContent();
      await observe();
      api.fake.gates.open("metrics");
      await stream.end();
      await readOn(observe);
      const deadline = performance.now() + MOVED_WITHIN_MS;
      // Rows wait for a commit for less than a millisecond: scraping among many calls meets some that do.
      while (still().length > 0 && performance.now() < deadline) {
        const calls = Array.from({ length: 20 }, () => api.chat({ messages: LARGE }));
        calls.push(...Array.from({ length: 10 }, () => api.chat({}, { key: undefined })));
        await Promise.all([...calls, ...Array.from({ length: 20 }, () => observe())]);
      }
      expect(still()).toEqual([]);
      expect(seen.size).toBeGreaterThan(8);
    });

    test("count requests by model, status and protocol, and tokens by direction and tenant", async () => {
      const before = (await scrape()).samples;
      const whole = await api.chat();
      await api.chat({ model: "no/such/<script>" });
      await api.chat({}, { headers: { "x-scaigrid-simulate": '{"error":"BACKEND_ERROR"}' } });
      const after = (await scrape()).samples;
      const grew = (name: string, labels: Readonly<Record<string, string>>) =>
        valueOf(after, name, labels) - valueOf(before, name, labels);
      const requests = "scaigrid_requests_total";
      expect(grew(requests, { model: SANDBOX, status: "200", protocol: "native" })).toBe(1);
      expect(grew(requests, { model: SANDBOX, status: "502" })).toBe(1);
      // A stranger's words never become a label.
      expect(grew(requests, { model: "unknown", status: "404" })).toBe(1);
      expect(JSON.stringify(after)).not.toContain("script");
      const tokens = "scaigrid_tokens_total";
      expect(grew(tokens, { direction: "output", model: SANDBOX })).toBe(
        Number(pick(whole.body, "data.usage.completion_tokens")),
      );
      expect(grew("scaigrid_request_duration_seconds_count", { model: SANDBOX })).toBe(2);
      const ids = after.filter(({ name }) => name === tokens).map(({ labels }) => labels["tenant_id"]);
      expect(ids.every((id) => id?.startsWith("tenant_"))).toBe(true);
    });

    test("histograms are cumulative, and their last bucket is their count", async () => {
      await api.chat();
      const { samples } = await scrape();
      const name = "scaigrid_request_duration_seconds";
      const buckets = samples.filter(
        (sample) => sample.name === `${name}_bucket` && sample.labels["model"] === SANDBOX,
      );
      const values = buckets.map(({ value }) => value);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
      expect(buckets.at(-1)?.labels["le"]).toBe("+Inf");
      expect(values.at(-1)).toBe(valueOf(samples, `${name}_count`, { model: SANDBOX }));
    });

    test("are for this machine alone: not through a proxy", async () => {
      for (const name of ["x-forwarded-for", "forwarded"]) {
        const reply = await fetch(`${api.gateway.url}/metrics`, { headers: { [name]: "for=1.2.3.4" } });
        expect(reply.status).toBe(404);
      }
    });
  },
  NARROW,
);

describe("metrics with a token", () => {
  describeApi(
    "set",
    (api) => {
      test("are for those who know it, wherever they are", async () => {
        const status = async (headers: Record<string, string>) =>
          (await fetch(`${api.gateway.url}/metrics`, { headers })).status;
        expect(await status({})).toBe(404);
        expect(await status({ authorization: "Bearer wrong" })).toBe(404);
        const authorization = "Bearer a-long-random-token-for-scrapers";
        expect(await status({ authorization })).toBe(200);
        expect(await status({ authorization, "x-forwarded-for": "1.2.3.4" })).toBe(200);
      });
    },
    { SCAIGRID_METRICS_TOKEN: "a-long-random-token-for-scrapers" },
  );
});
