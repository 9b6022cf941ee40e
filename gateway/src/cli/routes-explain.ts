import { z } from "zod";
import type { Api } from "./api.ts";
import { anyItem, type Column, type Item, type JsonOption, printItems } from "./listing.ts";
import { CommandError, type Output } from "./output.ts";

/** Options of `scaigrid routes explain`. */
export interface RoutesExplainOptions extends JsonOption {
  readonly stream?: boolean;
  readonly needs?: readonly string[];
  readonly user?: string;
  readonly session?: string;
}

const COLUMNS: readonly Column[] = [
  ["ORDER", "order"],
  ["BACKEND", "backend_id"],
  ["UPSTREAM", "uri"],
  ["MODEL", "model"],
  ["CIRCUIT", "circuit_state"],
  ["IN FLIGHT", "in_flight"],
  ["MS", "latency_ms"],
  ["SHARE", ({ share }: Item) => (typeof share === "number" ? `${Math.round(share * 100)} %` : "–")],
  ["WHY", "reason"],
];
/** How the fields that may be refused are called on the command line. */
const NAMES = { stream: "--stream", needs: "--needs", user: "--user", session: "--session" };
const preview = z.looseObject({
  model: z.string(),
  strategy: z.string(),
  backend_id: z.string().optional(),
  reason: z.string(),
  candidates: z.array(anyItem),
});

/** Tells which backend a request for a model would get now, and why. */
export async function routesExplain(
  slug: string,
  { json, ...options }: RoutesExplainOptions,
  api: Api,
  output: Output,
): Promise<void> {
  const model = await api.call(
    "GET",
    `/v1/models/${encodeURIComponent(slug)}`,
    z.looseObject({ id: z.string() }),
  );
  const policies = await api.list(
    "/v1/routing-policies",
    z.looseObject({ id: z.string(), model_id: z.string() }),
  );
  const policy = policies.find(({ model_id }) => model_id === model.id);
  if (!policy) {
    throw new CommandError(
      `${slug} has no routing policy, so nothing serves it: add one with POST /v1/routing-policies`,
    );
  }
  const explained = await api.call(
    "POST",
    `/v1/routing-policies/${policy.id}/preview`,
    preview,
    options,
    NAMES,
  );
  if (json === true) {
    output.data(JSON.stringify(explained));
    return;
  }
  printItems(explained.candidates, COLUMNS, {}, output);
  const { backend_id: backend, reason } = explained;
  output.note(backend === undefined ? `No backend: ${reason}.` : `A request goes to ${backend}: ${reason}.`);
}
