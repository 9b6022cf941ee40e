import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closedPort } from "../gateway/test/fakes/closed-port.ts";
import { addFakeBackend } from "../gateway/test/harness/fake-backend.ts";
import { startGateway } from "../gateway/test/harness/gateway.ts";
import type { Gateway } from "../gateway/test/harness/gateway.ts";
import { pickText } from "../gateway/test/harness/json.ts";
import { PROGRAM } from "../scripts/build-program.ts";
import { ended, MEASURED_CORE, pinnedTo, spawnScript } from "./spawn.ts";
import { writeNginxConfig } from "./reference/nginx.ts";
import type { Destination } from "./load/request.ts";

const NGINX_PATHS = ["/usr/sbin/nginx", "/usr/local/sbin/nginx"];
const NGINX_TIMEOUT_MS = 5000;
const SLUG = "bench/model";
/** On, counted, and never reached. */
const LIMITS = "key:1000000000,user:1000000000,tenant:1000000000,partner:1000000000";

/** Where callers of the native API, and those of the OpenAI door, send their chats. */
export const NATIVE_PATH = "/v1/inference/chat";
export const OPENAI_PATH = "/oai/v1/chat/completions";

/** One thing to measure: it takes chat calls and forwards them to an upstream. */
export interface Target {
  readonly to: Destination;
  stop(): Promise<void>;
}

export interface GatewayTarget extends Target {
  readonly gateway: Gateway;
}

/** Set before the gateway that is measured starts: every stage on, four rate limits far away. */
export const GATEWAY_OPTIONS = {
  prefix: pinnedTo(MEASURED_CORE),
  // What `npm start` runs.
  program: [process.execPath, PROGRAM],
  startTimeoutMs: 60_000,
  // A machine that is busy with something else must not make the gateway refuse what is to be measured.
  env: { SCAIGRID_RATE_LIMITS: LIMITS, SCAIGRID_SHED_LAG_MS: "0", NODE_ENV: "production" },
} as const;

/** A gateway with every stage on: keys, four rate limits and two budgets far away, prices, journal, traces. */
export async function gatewayTarget(
  upstreamPort: number,
  env: Readonly<Record<string, string>> = {},
): Promise<GatewayTarget> {
  const gateway = await startGateway({ ...GATEWAY_OPTIONS, env: { ...GATEWAY_OPTIONS.env, ...env } });
  try {
    const upstream = { url: `http://127.0.0.1:${upstreamPort}/v1` };
    await addFakeBackend(gateway, upstream, { slug: SLUG, plans: ["bench"] });
    await addBudgets(gateway);
  } catch (error) {
    await gateway.dispose();
    throw error;
  }
  return { gateway, to: destination(gateway), stop: () => gateway.dispose() };
}

/** Budgets that refuse, over the key of the calls and over its tenant: never reached, and held for each call. */
async function addBudgets(gateway: Gateway): Promise<void> {
  const { body: me } = await gateway.api("GET", "/v1/me", { key: gateway.firstKey });
  for (const [scope, id] of [
    ["api_key", pickText(me, "data.api_key.id")],
    ["tenant", pickText(me, "data.tenant.id")],
  ]) {
    const budget = { scope, scope_id: id, period: "monthly", cost_limit: "1000000", hard_action: "block" };
    const made = await gateway.api("POST", "/v1/accounting/budgets", { body: budget });
    if (made.status !== 201) throw new Error(`a budget was not made: ${made.text}`);
  }
}

/** Where a running gateway takes chats; another place after each start. */
export function destination(gateway: Gateway): Destination {
  const port = Number(new URL(gateway.url).port);
  return { port, pid: gateway.pid, path: NATIVE_PATH, key: gateway.firstKey, model: SLUG };
}

/** The smallest proxy on the same runtime. */
export async function bunTarget(upstreamPort: number): Promise<Target> {
  const url = `http://127.0.0.1:${upstreamPort}/v1/chat/completions`;
  const child = await spawnScript(MEASURED_CORE, "reference/bun-proxy.ts", [url]);
  return { to: withoutKeys(child.port, child.pid), stop: () => child.stop() };
}

/** A program that asks for no key, where the gateway has its native API. */
export function withoutKeys(port: number, pid: number): Destination {
  return { port, pid, path: NATIVE_PATH, key: "none", model: SLUG };
}

/** nginx, where it is installed; otherwise undefined. */
export async function nginxTarget(upstreamPort: number): Promise<Target | undefined> {
  const program =
    Bun.which("nginx") ?? Bun.which("nginx", { PATH: NGINX_PATHS.map((p) => join(p, "..")).join(":") });
  if (program === null) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "scaigrid-bench-nginx-"));
  // nginx cannot be asked to choose a port.
  const port = closedPort();
  const config = await writeNginxConfig(folder, port, upstreamPort);
  const child = Bun.spawn([...pinnedTo(MEASURED_CORE), program, "-p", folder, "-c", config], {
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  const stop = async () => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilOpen(port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { to: withoutKeys(port, child.pid), stop };
}

/** Tries until something accepts connections there; nginx does not say when it is ready. */
async function untilOpen(port: number): Promise<void> {
  const deadline = performance.now() + NGINX_TIMEOUT_MS;
  for (;;) {
    try {
      const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => undefined } });
      socket.end();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await Bun.sleep(20);
    }
  }
}
