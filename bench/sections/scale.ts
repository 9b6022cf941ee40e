import { addCaller } from "../../gateway/test/api/tenancy.ts";
import { SANDBOX } from "../../gateway/test/api/started.ts";
import { startGateway } from "../../gateway/test/harness/gateway.ts";
import type { Gateway } from "../../gateway/test/harness/gateway.ts";
import { pick, pickText } from "../../gateway/test/harness/json.ts";
import type { Figure } from "../figure.ts";
import { timeRestart } from "../first-answer.ts";
import { Probe } from "../load/probe.ts";
import type { Bench, Found } from "../measure.ts";
import { type Distribution, distribution } from "../percentile.ts";
import { type SeededTenants, seedTenants } from "../seed-tenants.ts";
import { destination, GATEWAY_OPTIONS } from "../targets.ts";

const TENANTS = 10_000;
const KEYS = 100_000;
const STARTS = 3;
const ADMINISTRATORS = 6;
const CALLS = 150;
const REVOKED_AT_ONCE = 500;
const OPEN_STREAMS = 1_000;
const IDLE_MS = 5_000;
const KEYS_USED = 15_000;
const KEYS_AT_ONCE = 20;
/** Longer than the gateway keeps last uses to itself. */
const FLUSH_MS = 33_000;
const PAUSE = { sense: "at most", floor: 50 } as const;
/** Streams that are open for as long as the suspension takes. */
const ENV = { SCAIGRID_SANDBOX_TOKEN_MS: "1000" };

/** What a deed took, call by call, and how long the event loop could not be reached meanwhile. */
interface Deed {
  readonly calls: Distribution;
  readonly loop: Distribution;
}

/** A gateway with a whole installation in its store. */
class Scaled {
  readonly gateway: Gateway;
  readonly seeded: SeededTenants;
  readonly #administrators: readonly string[];
  #turn = 0;

  constructor(gateway: Gateway, seeded: SeededTenants, administrators: readonly string[]) {
    this.gateway = gateway;
    this.seeded = seeded;
    this.#administrators = administrators;
  }

  /** Of one administrator after the other: management calls are limited per user. */
  get key(): string {
    return this.#administrators[this.#turn++ % this.#administrators.length] ?? "";
  }

  /** One call, its answer not checked against the contract: that would be measured too. */
  async call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.gateway.url + path, {
      method,
      headers: { authorization: `Bearer ${this.key}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  /** Does something so many times, one after the other, under the eyes of a probe. */
  async deed(times: number, act: (n: number) => Promise<unknown>): Promise<Deed> {
    const probe = await Probe.start(Number(new URL(this.gateway.url).port));
    probe.beginWindow();
    const took: number[] = [];
    for (let n = 0; n < times; n++) {
      const startedAt = performance.now();
      await act(n);
      took.push(performance.now() - startedAt);
    }
    probe.endWindow();
    return { calls: distribution(took), loop: await probe.stop() };
  }
}

async function startScaled(
  stack: AsyncDisposableStack,
): Promise<Scaled & { readonly startMs: readonly number[] }> {
  const options = { ...GATEWAY_OPTIONS, env: { ...GATEWAY_OPTIONS.env, ...ENV } };
  const gateway = await startGateway(options);
  stack.defer(() => gateway.dispose());
  await gateway.terminate();
  const seeded = await seedTenants(gateway.dataDir, { tenants: TENANTS, keys: KEYS });
  await gateway.restart();
  const startMs: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const sandbox = (): ReturnType<typeof destination> => ({ ...destination(gateway), model: SANDBOX });
    startMs.push((await timeRestart(gateway, sandbox)).ms);
  }
  const administrators: string[] = [];
  for (let i = 0; i < ADMINISTRATORS; i++) {
    administrators.push((await addCaller(gateway, { roles: ["super_admin"] })).key);
  }
  return Object.assign(new Scaled(gateway, seeded, administrators), { startMs });
}

/** Pages of a list: the first, one from the middle of it, and one that a search must look through all for. */
async function pages(scaled: Scaled, path: string): Promise<Readonly<Record<string, Deed>>> {
  const at = (query: string) => `${path}${path.includes("?") ? "&" : "?"}limit=100${query}`;
  const deep = await scaled.call("GET", at("&limit=1000").replace("limit=100&", ""));
  const cursor = pickText(deep, "pagination.next_cursor");
  return {
    first: await scaled.deed(CALLS / 3, () => scaled.call("GET", at(""))),
    deep: await scaled.deed(CALLS / 3, () => scaled.call("GET", at(`&cursor=${cursor}`))),
    search: await scaled.deed(CALLS / 15, () => scaled.call("GET", at("&q=nobody-has-it"))),
  };
}

async function deeds(scaled: Scaled): Promise<Readonly<Record<string, Deed>>> {
  const { bigTenantId, keysOfBigTenant } = scaled.seeded;
  const made: string[] = [];
  const found: Record<string, Deed> = {};
  // What the machine itself, and whoever else runs on it, keep a process from running.
  found["nothing for a while"] = await scaled.deed(1, () => Bun.sleep(IDLE_MS));
  found["create a key"] = await scaled.deed(CALLS, async () => {
    made.push(pickText(await scaled.call("POST", "/v1/api-keys", { name: "made" }), "data.id"));
  });
  found["revoke a key"] = await scaled.deed(CALLS, (n) => scaled.call("DELETE", `/v1/api-keys/${made[n]}`));
  for (const [name, path] of [
    ["keys", "/v1/api-keys?scope=all"],
    ["tenants", "/v1/tenants"],
    ["users", "/v1/users"],
  ] as const) {
    for (const [page, deed] of Object.entries(await pages(scaled, path)))
      found[`${name}, ${page} page`] = deed;
  }
  await useKeys(scaled.gateway, keysOfBigTenant.slice(0, KEYS_USED));
  found[`flush of ${KEYS_USED} last uses`] = await scaled.deed(1, () => Bun.sleep(FLUSH_MS));
  const streams = await openStreams(scaled.gateway, keysOfBigTenant.slice(0, OPEN_STREAMS));
  found[`suspend a tenant with ${OPEN_STREAMS} open streams`] = await scaled.deed(1, async () => {
    await scaled.call("PATCH", `/v1/tenants/${bigTenantId}`, { status: "suspended" });
    await streams.ended;
  });
  await scaled.call("PATCH", `/v1/tenants/${bigTenantId}`, { status: "active" });
  found[`revoke ${REVOKED_AT_ONCE} keys at once`] = await scaled.deed(3, async () => {
    const body = { filter: { tenant_id: bigTenantId } };
    const answer = await scaled.call("POST", "/v1/api-keys/revoke", body);
    const revoked = pick(answer, "data.revoked");
    if (!Array.isArray(revoked) || revoked.length !== REVOKED_AT_ONCE)
      throw new Error("too few were revoked");
  });
  return found;
}

/** Opens one stream with each key, over plain sockets: the client of the runtime keeps 256 at most. */
async function openStreams({ url }: Gateway, keys: readonly string[]) {
  const body = JSON.stringify({
    model: SANDBOX,
    messages: [{ role: "user", content: "Count." }],
    stream: true,
  });
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let [open, over] = [0, 0];
  const heard = new WeakSet<object>();
  for (const key of keys) {
    await Bun.connect({
      hostname: "127.0.0.1",
      port: Number(new URL(url).port),
      socket: {
        open(socket) {
          const head = `POST /v1/inference/chat HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}`;
          socket.write(
            `${head}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
          );
        },
        data(socket, bytes) {
          if (bytes.includes("HTTP/1.1 4")) begun.reject(new Error(bytes.toString()));
          if (!heard.has(socket)) {
            heard.add(socket);
            if (++open === keys.length) begun.resolve();
          }
          if (!bytes.includes("[DONE]")) return;
          socket.end();
          if (++over === keys.length) ended.resolve();
        },
      },
    });
  }
  await begun.promise;
  return { ended: ended.promise };
}

/** Uses each key once. */
async function useKeys({ url }: Gateway, keys: readonly string[]): Promise<void> {
  for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
    const few = keys.slice(from, from + KEYS_AT_ONCE);
    await Promise.all(
      few.map(async (key) => {
        const response = await fetch(`${url}/v1/models?limit=1`, {
          headers: { authorization: `Bearer ${key}` },
        });
        await response.bytes();
      }),
    );
  }
}

/**
 * What administrators do in an installation of many tenants, and how long the event loop cannot be reached meanwhile:
 * neither may grow with the number of keys.
 */
export async function scale(_bench: Bench): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const scaled = await startScaled(stack);
  const all = await deeds(scaled);
  const figures: Figure[] = [
    {
      id: "scale.start",
      name: `start with ${KEYS} keys and ${TENANTS} tenants`,
      unit: "ms",
      scalesWith: "chat call",
      floor: { sense: "at most", floor: 1000 },
      values: { gateway: scaled.startMs },
    },
    ...Object.entries(all).flatMap(([name, { calls, loop }]): Figure[] => [
      { id: `scale.${name}`, name, unit: "ms", digits: 1, values: { gateway: [calls.p50] } },
      { id: `scale.${name}.p99`, name: "  p99", unit: "ms", digits: 1, values: { gateway: [calls.p99] } },
      {
        id: `scale.${name}.pause`,
        name: "  longest pause of the event loop",
        unit: "ms",
        digits: 1,
        floor: PAUSE,
        values: { gateway: [loop.max] },
      },
    ]),
  ];
  return { figures, notes: [], answers: { requests: 0, tokens: 0, failures: 0 }, faults: [] };
}
