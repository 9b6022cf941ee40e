import { systemClock as clock } from "../base/clock.ts";
import type { DialectName } from "../core/catalogue.ts";
import type { UpstreamDialect } from "../core/dialect.ts";
import { type Health, healthState } from "../routing/health.ts";
import { Routes } from "../snapshot/routes.ts";
import type { Delta, Snapshot } from "../snapshot/snapshot.ts";
import { UPSTREAM_DIALECTS } from "./dialects.ts";
import type { Parts } from "./parts.ts";

/** Where requests go, by what is known of their backends. */
export function routesOf(
  { plane, config }: Parts,
  health: Health,
  inFlight: (backendId: string) => number,
): Routes {
  const dialects = dialectsByName();
  return new Routes({ snapshot: plane.snapshot, health, dialects, unpriced: config.unpriced, inFlight });
}

/** The formats of upstreams, by their names. */
export function dialectsByName(): ReadonlyMap<DialectName, UpstreamDialect> {
  return new Map(UPSTREAM_DIALECTS.map((dialect) => [dialect.name, dialect]));
}

/** Circuit and health of every backend, for the metrics. */
export function* healthOfAll(snapshot: Snapshot, health: Health) {
  const nowMs = clock.monotonic();
  for (const { id } of snapshot.backends()) {
    const known = health.backend(id);
    yield { backendId: id, circuit: known.circuit.stateAt(nowMs), health: healthState(known, nowMs) };
  }
}

/** What was seen of a backend or a model that is gone, or is another one now, says nothing any more. */
export function forgetHealth(delta: Delta, health: Health, snapshot: Snapshot): void {
  const { kind, id, value } = delta;
  if (kind === "backend" || (kind === "model" && value === undefined)) health.forget(id);
  if (kind !== "provider") return;
  health.news.forgetProvider(id);
  for (const backend of snapshot.backends()) if (backend.providerId === id) health.forget(backend.id);
}
