import { describe, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { poll } from "../durability/poll.ts";
import { readMetrics } from "./exposition.ts";
import { withMembers } from "./members.ts";
import { codeOf, describeApi } from "./started.ts";
import type { Started } from "./started.ts";

/** The value of a metric over all its series, or over those with these labels. */
async function metric(api: Started, name: string, labels: Readonly<Record<string, string>> = {}) {
  const { samples } = readMetrics(await (await fetch(`${api.gateway.url}/metrics`)).text());
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

const untilWaiting = (api: Started, count: number) =>
  poll(`not ${count} waiting`, async () => (await metric(api, "scaigrid_inference_waiting")) === count);
const untilInFlight = (api: Started, count: number) =>
  poll(`not ${count} in flight`, async () => (await metric(api, "scaigrid_inference_in_flight")) === count);

function expectShed(reply: Awaited<ReturnType<Started["chat"]>>): void {
  expect([reply.status, codeOf(reply)]).toEqual([503, "OVERLOADED"]);
  expect(pick(reply.body, "error.retry_after")).toBe(1);
  expect(reply.headers.get("retry-after")).toBe("1");
}

/** Chat calls that hold their places until the gate is opened. */
async function occupy(api: Started, places: number, gate: string) {
  const { slug } = await api.model(`fake-ok?tokens=1&gate=${gate}`);
  const calls = Array.from({ length: places }, () => api.chat({ model: slug }));
  await untilInFlight(api, places);
  return { slug, calls };
}

describe("a node whose places are taken", () => {
  describeApi(
    "with a queue",
    (api) => {
      test("lets a few wait, refuses the rest at once, and goes on answering everything else", async () => {
        const { slug, calls } = await occupy(api, 2, "queue");
        const waiting = Array.from({ length: 2 }, () => api.chat({ model: slug }));
        await untilWaiting(api, 2);
        const before = performance.now();
        const refused = await Promise.all(Array.from({ length: 5 }, () => api.chat({ model: slug })));
        expect(performance.now() - before).toBeLessThan(5_000);
        refused.forEach(expectShed);
        expect(await metric(api, "scaigrid_load_shed_total", { reason: "queue_full" })).toBe(5);
        for (const path of ["/health", "/health/ready", "/metrics", "/v1/models", "/v1/me"]) {
          expect([path, (await api.gateway.api("GET", path)).status]).toEqual([path, 200]);
        }
        api.fake.gates.open("queue");
        const replies = await Promise.all([...calls, ...waiting]);
        expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
        expect(await metric(api, "scaigrid_queue_wait_seconds_count", { outcome: "placed" })).toBe(2);
        expect(await metric(api, "scaigrid_inference_in_flight")).toBe(0);
      });

      test("tells of the wait in the trace of the request", async () => {
        const { slug, calls } = await occupy(api, 2, "trace");
        const waiting = api.chat({ model: slug });
        await untilWaiting(api, 1);
        api.fake.gates.open("trace");
        await Promise.all(calls);
        const id = pickText((await waiting).body, "meta.request_id");
        const steps = async () => pick((await api.gateway.api("GET", `/v1/requests/${id}`)).body, "data");
        await poll("no trace", async () => JSON.stringify((await steps()) ?? "").includes('"placed"'));
      });

      test("one who leaves the queue makes room in it, and is not let in later", async () => {
        const { slug, calls } = await occupy(api, 2, "leave");
        const leave = new AbortController();
        const gone = api.chat({ model: slug }, { signal: leave.signal }).catch(() => "gone");
        await untilWaiting(api, 1);
        leave.abort();
        await untilWaiting(api, 0);
        expect(await gone).toBe("gone");
        api.fake.gates.open("leave");
        await Promise.all(calls);
        expect(api.fake.log.records.filter(({ plan }) => plan.includes("gate=leave"))).toHaveLength(2);
        expect(await metric(api, "scaigrid_inference_in_flight")).toBe(0);
      });

      test("one who waits too long is told so", async () => {
        const { slug, calls } = await occupy(api, 2, "late");
        expectShed(await api.chat({ model: slug }));
        expect(await metric(api, "scaigrid_load_shed_total", { reason: "queue_timeout" })).toBe(1);
        expect(await metric(api, "scaigrid_inference_waiting")).toBe(0);
        api.fake.gates.open("late");
        await Promise.all(calls);
      });

      test("every way out gives its place back", async () => {
        const faulty = await api.model("fake-reset-before-headers", {
          retry: { attempts: 1, same_backend: 0 },
        });
        const endless = await api.model("fake-ok?tokens=100000&ms=20");
        for (let round = 0; round < 3; round++) {
          await api.chat({ messages: [] });
          await api.chat({ model: "no/such" });
          await api.gateway.api("POST", "/v1/inference/chat", { key: api.gateway.firstKey, body: "{" });
          await api.chat({ model: faulty.slug });
          await (await api.stream({ model: faulty.slug })).end();
          await (await api.stream()).end();
          const left = await api.stream({ model: endless.slug });
          await left.nextContent();
          left.leave();
          await untilInFlight(api, 0);
        }
        expect((await Promise.all([api.chat(), api.chat()])).map(({ status }) => status)).toEqual([200, 200]);
      });

      test("one tenant cannot fill the queue: another still gets in, before those who came earlier", async () => {
        const [other] = await withMembers(api.gateway, [{ role: "tenant_user", elsewhere: true }]);
        if (!other) throw new Error("no member");
        const { slug, calls } = await occupy(api, 2, "fair");
        const crowd = Array.from({ length: 6 }, () => api.chat({ model: slug }));
        await untilWaiting(api, 2);
        const quiet = api.chat({}, { key: other.key });
        await untilWaiting(api, 3);
        api.fake.gates.open("fair");
        const [theirs, ...rest] = await Promise.all([quiet, ...crowd, ...calls]);
        expect(theirs.status).toBe(200);
        expect(rest.filter(({ status }) => status === 503)).toHaveLength(4);
      });
    },
    { SCAIGRID_IN_FLIGHT_MAX: "2", SCAIGRID_QUEUE_MAX: "4", SCAIGRID_QUEUE_MS: "1500" },
  );

  describeApi(
    "without a queue",
    (api) => {
      test("refuses at once, and counts nothing against the caller's rate limit", async () => {
        const { slug, calls } = await occupy(api, 1, "none");
        const refused = await api.chat({ model: slug });
        expectShed(refused);
        expectShed(await api.chat({ model: slug }));
        api.fake.gates.open("none");
        await Promise.all(calls);
        expect((await api.chat()).headers.get("x-scaigrid-ratelimit-remaining")).toBe("8");
      });
    },
    {
      SCAIGRID_IN_FLIGHT_MAX: "1",
      SCAIGRID_QUEUE_MS: "0",
      SCAIGRID_RATE_LIMITS: "key:10,user:0,tenant:0,partner:0",
    },
  );
});

describeApi(
  "large request bodies of all calls together",
  (api) => {
    test("are bounded while their calls are in flight; small ones are not held up by them", async () => {
      const large = [{ role: "user", content: "x".repeat(600_000) }];
      const { slug } = await api.model("fake-ok?tokens=1&gate=bodies");
      const first = api.chat({ model: slug, messages: large });
      await poll("no body held", async () => (await metric(api, "scaigrid_request_body_bytes")) > 600_000);
      const second = await api.chat({ model: slug, messages: large });
      expectShed(second);
      expect(second.headers.get("connection")).toBe("close");
      expect(await metric(api, "scaigrid_load_shed_total", { reason: "bodies" })).toBe(1);
      const managed = await api.gateway.api("POST", "/v1/models", {
        body: { slug: "acme/large", context_window: 1, description: "x".repeat(600_000) },
      });
      expect(codeOf(managed)).toBe("OVERLOADED");
      expect((await api.chat()).status).toBe(200);
      api.fake.gates.open("bodies");
      expect((await first).status).toBe(200);
      expect(await metric(api, "scaigrid_request_body_bytes")).toBe(0);
      expect((await api.chat({ messages: large })).status).toBe(200);
    });

    test("count as they come where their length was not announced", async () => {
      const { slug } = await api.model("fake-ok?tokens=1&gate=chunks");
      const text = JSON.stringify({
        model: slug,
        messages: [{ role: "user", content: "x".repeat(600_000) }],
      });
      const send = () =>
        fetch(`${api.gateway.url}/v1/inference/chat`, {
          method: "POST",
          headers: { authorization: `Bearer ${api.gateway.firstKey}` },
          body: new Blob([text]).stream(),
        });
      const first = send();
      await poll("no body held", async () => (await metric(api, "scaigrid_request_body_bytes")) > 600_000);
      const second = await send();
      expect([second.status, pick(await second.json(), "error.code")]).toEqual([503, "OVERLOADED"]);
      api.fake.gates.open("chunks");
      expect((await first).status).toBe(200);
      expect(await metric(api, "scaigrid_request_body_bytes")).toBe(0);
    });
  },
  { SCAIGRID_BODY_MEMORY_MB: "1" },
);

describe("a node under strain", () => {
  describeApi(
    "of memory",
    (api) => {
      test("refuses new inference with 503, answers all else, and tells its operators", async () => {
        const { output } = api.gateway;
        const line = await output.until(
          "word of the overload",
          () => output.logs.find(({ event }) => event === "overload"),
          5_000,
        );
        expect(line).toMatchObject({ level: "warn", reason: "memory" });
        expectShed(await api.chat());
        expect(codeOf(await api.chat({}, { key: undefined }))).toBe("OVERLOADED");
        expect(await metric(api, "scaigrid_load_shed_total", { reason: "memory" })).toBe(2);
        for (const path of ["/health", "/metrics", "/v1/models"]) {
          expect([path, (await api.gateway.api("GET", path)).status]).toEqual([path, 200]);
        }
      });
    },
    // Less than an idle process has.
    { SCAIGRID_MEMORY_LIMIT_MB: "64" },
  );
});
