import type { Clock } from "../base/clock.ts";
import { under } from "../base/under.ts";
import type { Credentials, Provider } from "../core/catalogue.ts";
import { FaultError } from "../core/fault.ts";
import { vendorOf } from "../providers/catalogue.ts";
import type { Health, LastCheck } from "../routing/health.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { listUpstreamModels } from "../upstream/list-models.ts";
import type { Upstream } from "../upstream/upstream.ts";

const TIMEOUT_MS = 10_000;
/** Whether it answers is all that counts. */
const MODELS_MAX = 1;
/** Providers asked at once. */
const AT_ONCE = 8;

export interface HealthCheckDeps {
  readonly clock: Clock;
  readonly snapshot: Snapshot;
  readonly upstream: Upstream;
  readonly health: Health;
  /** Cuts off what is under way. */
  readonly stopping: AbortSignal;
}

/** One account, and the backends that share it. */
interface Account {
  readonly provider: Provider;
  readonly credentials: Credentials;
  readonly backendIds: string[];
}

/**
 * Asks every provider in use for its models, which costs nothing, and notes for its backends whether it answers. That
 * opens no circuit and closes none: a provider may list models and serve none of them, or the other way round.
 */
export async function checkHealth(deps: HealthCheckDeps): Promise<void> {
  const accounts = accountsOf(deps.snapshot);
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let account = accounts.pop(); account && !deps.stopping.aborted; account = accounts.pop()) {
      await checkAccount(account, deps);
    }
  });
  await Promise.all(workers);
}

function accountsOf(snapshot: Snapshot): Account[] {
  const accounts = new Map<string, Account>();
  for (const { id, providerId, status } of snapshot.backends()) {
    const provider = snapshot.providerById(providerId);
    if (status !== "active" || provider?.status !== "active" || !snapshot.hasCredentials(id)) continue;
    // What answers in this process always does, and pools look at their nodes themselves.
    if (vendorOf(provider)?.transport !== "http") continue;
    const credentials = snapshot.credentialsOf(id);
    const key = `${providerId} ${credentials.apiKey ?? ""}`;
    const known = accounts.get(key) ?? { provider, credentials, backendIds: [] };
    known.backendIds.push(id);
    accounts.set(key, known);
  }
  return [...accounts.values()];
}

async function checkAccount(
  { provider, credentials, backendIds }: Account,
  { clock, upstream, health, snapshot, stopping }: HealthCheckDeps,
): Promise<void> {
  const vendor = vendorOf(provider);
  const { controller, release } = under(stopping);
  let check: LastCheck;
  try {
    await listUpstreamModels(upstream, {
      provider,
      credentials,
      path: vendor?.listModelsPath ?? "/models",
      headers: vendor?.listModelsHeaders,
      timeoutMs: TIMEOUT_MS,
      modelsMax: MODELS_MAX,
      controller,
    });
    check = { ok: true, at: clock.now() };
  } catch (error) {
    if (stopping.aborted) return;
    if (!(error instanceof FaultError)) throw error;
    check = { ok: false, at: clock.now(), fault: error.fault.class };
  } finally {
    release();
  }
  for (const id of backendIds) if (snapshot.backendById(id)) health.backend(id).lastCheck = check;
}
