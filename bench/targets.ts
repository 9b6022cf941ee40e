import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closedPort } from "../gateway/test/fakes/closed-port.ts";
import { addFakeBackend } from "../gateway/test/harness/fake-backend.ts";
import { startGateway } from "../gateway/test/harness/gateway.ts";
import type { Gateway } from "../gateway/test/harness/gateway.ts";
import { ended, MEASURED_CORE, pinnedTo, spawnScript } from "./spawn.ts";
import { writeNginxConfig } from "./reference/nginx.ts";

const NGINX_PATHS = ["/usr/sbin/nginx", "/usr/local/sbin/nginx"];
const NGINX_TIMEOUT_MS = 5000;
const SAID_CHARS = 4000;
const SLUG = "bench/model";
/** On, counted, and never reached. */
const LIMITS = "key:1000000000,user:1000000000,tenant:1000000000,partner:1000000000";

/** One thing to measure: it takes chat calls at `/v1/inference/chat` and forwards them to the upstream. */
export interface Target {
  readonly name: "gateway" | "bun" | "nginx";
  readonly port: number;
  readonly pid: number;
  readonly key: string;
  readonly model: string;
  /** The last of what it printed, for the message when a load fails. */
  said(): string;
  stop(): Promise<void>;
}

export interface GatewayTarget extends Target {
  readonly gateway: Gateway;
}

/** The gateway with every stage on: keys, four rate limits far away, prices, journal, traces. */
export async function gatewayTarget(upstreamPort: number): Promise<GatewayTarget> {
  const gateway = await startGateway({
    prefix: pinnedTo(MEASURED_CORE),
    env: { SCAIGRID_RATE_LIMITS: LIMITS, NODE_ENV: "production" },
  });
  try {
    await addFakeBackend(
      gateway,
      { url: `http://127.0.0.1:${upstreamPort}/v1` },
      { slug: SLUG, plans: ["bench"] },
    );
  } catch (error) {
    await gateway.dispose();
    throw error;
  }
  const port = Number(new URL(gateway.url).port);
  const { pid, firstKey } = gateway;
  return {
    name: "gateway",
    gateway,
    port,
    pid,
    key: firstKey,
    model: SLUG,
    said: () => gateway.output.text.slice(-SAID_CHARS),
    stop: () => gateway.dispose(),
  };
}

/** The smallest proxy on the same runtime. */
export async function bunTarget(upstreamPort: number): Promise<Target> {
  const script = join(import.meta.dir, "reference/bun-proxy.ts");
  const child = await spawnScript(MEASURED_CORE, script, [
    `http://127.0.0.1:${upstreamPort}/v1/chat/completions`,
  ]);
  return {
    name: "bun",
    port: child.port,
    pid: child.pid,
    key: "none",
    model: SLUG,
    said: () => "",
    stop: () => child.stop(),
  };
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
  return { name: "nginx", port, pid: child.pid, key: "none", model: SLUG, said: () => "", stop };
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
