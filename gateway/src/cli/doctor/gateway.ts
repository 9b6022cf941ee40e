import { z } from "zod";
import type { Config } from "../../config/config.ts";
import type { Api } from "../api.ts";
import { CommandError } from "../output.ts";
import { failed, type Finding } from "./finding.ts";

const health = z.object({
  status: z.string(),
  checks: z.record(z.string(), z.string()),
  unreadable_prices: z.number(),
});
const provider = z.object({ id: z.string(), name: z.string(), type: z.string(), status: z.string() });
const tested = z.object({ ok: z.boolean(), message: z.string(), latency_ms: z.number() });

/** Asks the gateway of the data folder how it and its providers do; where none runs, whether its port is free. */
export async function lookAtGateway(config: Config, api: () => Api): Promise<readonly Finding[]> {
  let running: Api;
  let state: z.infer<typeof health>;
  try {
    running = api();
    state = await running.call("GET", "/health/detailed", health);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const providers = "asked by a gateway that runs: start it, then call again";
    return [portFound(config), { check: "providers", state: "skipped", found: providers }];
  }
  const told = Object.entries(state.checks).map(([name, value]) => `${name} ${value}`);
  const isReady = state.status === "ready";
  const gateway: Finding = {
    check: "gateway",
    state: isReady ? "ok" : "failed",
    found: `runs, ${isReady ? "ready" : "not ready"} (${told.join(", ")})`,
    ...(!isReady && { fix: "its log says what is in its way" }),
  };
  return [gateway, pricesFound(state.unreadable_prices), ...(await lookAtProviders(running))];
}

function pricesFound(unreadable: number): Finding {
  const check = "prices";
  if (unreadable === 0) return { check, state: "ok", found: "all of them can be read" };
  const fix =
    "set them anew; the log names their rows (`price_unreadable`), GET /v1/accounting/price-versions and /price-books tell whose they are";
  const found = `${unreadable} in the store cannot be read: calls that they price are refused`;
  return { check, state: "failed", found, fix };
}

/** One after the other: a list of calls that hang would take as long as all of them otherwise say nothing. */
async function lookAtProviders(api: Api): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { id, name, type, status } of await api.list("/v1/providers", provider)) {
    const check = `provider ${name}`;
    if (status !== "active") {
      findings.push({ check, state: "skipped", found: "is switched off" });
      continue;
    }
    if (type === "sandbox") continue;
    try {
      const { ok, message, latency_ms: ms } = await api.call("POST", `/v1/providers/${id}/test`, tested);
      findings.push({ check, state: ok ? "ok" : "failed", found: ok ? `${message} (${ms} ms)` : message });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      findings.push(failed(check, error));
    }
  }
  return findings;
}

function portFound({ port, host }: Config): Finding {
  const check = "port";
  if (port === 0) return { check, state: "ok", found: "any that is free" };
  const hostname = host ?? "127.0.0.1";
  try {
    const socket = { data: () => undefined };
    Bun.listen({ hostname, port, socket }).stop(true);
    return { check, state: "ok", found: `${hostname}:${port} is free` };
  } catch {
    const fix = "stop what listens there, or choose another with SCAIGRID_PORT";
    return { check, state: "failed", found: `${hostname}:${port} is taken or not ours to take`, fix };
  }
}
