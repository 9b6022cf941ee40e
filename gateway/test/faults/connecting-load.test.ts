import { expect, test } from "bun:test";
import { MESSAGES, describeApi, eventually } from "../api/started.ts";
import { withStore } from "../api/store-file.ts";
import { openIntents } from "../harness/open-intents.ts";
import { pick } from "../harness/json.ts";
import { CONNECTING } from "./catalogue/client.ts";
import { quiet } from "./prove.ts";
import { RawCaller, chatRequest } from "./raw-caller.ts";
import { residentMb, socketsOf } from "./process-state.ts";

/** 10 000, or half of what a process of this machine may hold: the caller has the other ends. */
const IDLE_CONNECTIONS = Math.min(10_000, Math.floor(descriptorLimit() / 2));
/** Memory of a connection that says nothing, in kB. */
const IDLE_KB_MAX = 10;
const MEMORY_GROWTH_MB = 20;
const CHURNED_CALLS = 2_000;
const AT_ONCE = 50;
const FORGED = {
  "x-forwarded-for": "203.0.113.7",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "gopher",
  "x-real-ip": "203.0.113.7",
  forwarded: "for=203.0.113.7;host=evil.example;proto=https",
};

function descriptorLimit(): number {
  const limit = Bun.spawnSync(["sh", "-c", "ulimit -Hn"]).stdout.toString().trim();
  return limit === "unlimited" ? Infinity : Number(limit);
}

/** Opens so many connections, a hundred at a time. */
async function openIdle(port: number, count: number): Promise<Bun.Socket[]> {
  const sockets: Bun.Socket[] = [];
  const one = () =>
    Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => undefined, error: () => undefined } });
  while (sockets.length < count) {
    sockets.push(...(await Promise.all(Array.from({ length: 100 }, one))));
  }
  return sockets;
}

describeApi("a caller and its connections", (api) => {
  const port = () => Number(new URL(api.gateway.url).port);
  const title = (number: string) => {
    const fault = CONNECTING.find((each) => each.number === number);
    if (!fault) throw new Error(`the catalogue has no ${number}`);
    return `${number}: a caller who ${fault.does}`;
  };

  test(title("C29"), async () => {
    await api.chat();
    const before = { ...socketsOf(api.gateway.pid, port()), memoryMb: residentMb(api.gateway.pid) };
    const idle = await openIdle(port(), IDLE_CONNECTIONS);
    const grownMb = residentMb(api.gateway.pid) - before.memoryMb;
    expect((grownMb * 1024) / IDLE_CONNECTIONS).toBeLessThan(IDLE_KB_MAX);
    for (let i = 0; i < 10; i++) expect((await api.chat()).status).toBe(200);
    for (const socket of idle) socket.terminate();
    await eventually(
      "connections as before",
      () => api.gateway.api("GET", "/health"),
      () => socketsOf(api.gateway.pid, port()).forgotten === 0,
    );
    expect(socketsOf(api.gateway.pid, port()).own).toBeLessThanOrEqual(before.own);
    await eventually(
      `memory as before, ${before.memoryMb} MB`,
      () => api.gateway.api("GET", "/health"),
      () => residentMb(api.gateway.pid) - before.memoryMb <= MEMORY_GROWTH_MB,
      20_000,
    );
  });

  test(title("C30"), async () => {
    const { slug } = await api.model("fake-ok?tokens=1");
    let left = CHURNED_CALLS;
    const statuses = new Map<number, number>();
    const work = async () => {
      while (left-- > 0) {
        const { status } = await api.chat({ model: slug }, { headers: { connection: "close" } });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    expect([...statuses]).toEqual([[200, CHURNED_CALLS]]);
    await quiet(api);
    expect(socketsOf(api.gateway.pid, port()).forgotten).toBe(0);
    await withStore(api.gateway, (store) => {
      const count = store.query<{ n: number }, [string]>(
        "select count(*) as n from usage where model_slug = ?",
      );
      expect(count.get(slug)).toEqual({ n: CHURNED_CALLS });
      expect(openIntents(api.gateway.dataDir, store)).toEqual([]);
    });
  });

  test(title("C31"), async () => {
    const { slug } = await api.model("fake-ok?gate=never");
    const before = api.fake.log.records.length;
    const call = chatRequest(api.gateway.firstKey, JSON.stringify({ model: slug, messages: MESSAGES }));
    const caller = new RawCaller(api.gateway.url);
    await caller.send(call);
    await api.fake.log.waitFor("request", (record) => api.fake.log.records.indexOf(record) >= before);
    await caller.send(call);
    await eventually(
      "end of the connection",
      () => api.gateway.api("GET", "/health"),
      () => caller.closed,
    );
    expect(caller.received).toBe("");
    await quiet(api);
    const settled = () =>
      withStore(api.gateway, (store) =>
        store
          .query<{ status: string }, [string]>(
            "select status from usage where model_slug = ? and tokens_in > 0",
          )
          .all(slug),
      );
    // The connection to the upstream is closed a moment before the call is settled.
    while ((await settled()).length === 0) await Bun.sleep(5);
    expect(await settled()).toEqual([{ status: "client_gone" }]);
    expect(api.fake.log.records).toHaveLength(before + 1);
    expect(api.fake.log.records.at(-1)?.closedByPeerAtMs).toBeNumber();
  });

  test(title("C32"), async () => {
    const { slug } = await api.model("fake-ok?tokens=2");
    const plain = await api.chat({ model: slug });
    const forged = await api.chat({ model: slug }, { headers: FORGED });
    expect(forged.status).toBe(plain.status);
    expect(pick(forged.body, "data.choices")).toEqual(pick(plain.body, "data.choices"));
    const [first, second] = api.fake.log.records.slice(-2);
    expect(second?.headers).toEqual({ ...first?.headers, "content-length": expect.any(String) });
    // What this machine may see it may see as itself alone: the forged address is not believed, and not trusted.
    const metrics = await api.gateway.api("GET", "/metrics", { headers: FORGED });
    expect(metrics.status).toBe(404);
    expect((await api.gateway.api("GET", "/metrics")).text).not.toContain("203.0.113.7");
  });
});
