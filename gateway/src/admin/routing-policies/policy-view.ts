import { z } from "zod";
import {
  FALLBACK_PRICES,
  MIDSTREAM_MODES,
  type RoutingPolicy,
  STICKY_MODES,
  STRATEGIES,
} from "../../core/catalogue.ts";
import { FAULT_CLASSES } from "../../core/fault.ts";
import { ApiError } from "../../errors.ts";
import { managedBy, viewManaged } from "../declared.ts";
import type { AdminDeps } from "../deps.ts";
import { isoTime, timestamp, wholeNumber } from "../fields.ts";

/** One backend of a policy. Lower priorities come first; inside one, the strategy decides. */
export const target = z.strictObject({
  backend_id: z.string(),
  priority: wholeNumber(1, 1_000).default(1),
  weight: wholeNumber(0, 1_000_000)
    .default(100)
    .describe("0: only when no other backend of its priority can be asked."),
  enabled: z.boolean().default(true),
});

export const retry = z.strictObject({
  attempts: wholeNumber(1, 10).default(3).describe("Calls to backends that one request may make in all."),
  same_backend: wholeNumber(0, 1)
    .default(1)
    .describe("Of them, how often a backend is asked again after a fault that may pass."),
});

/** A routing policy as administrators see it. */
export const policyView = z
  .strictObject({
    id: z.string(),
    model_id: z.string(),
    strategy: z.enum(STRATEGIES),
    targets: z.array(target),
    retry,
    failover_on: z.array(z.enum(FAULT_CLASSES)),
    midstream: z.enum(MIDSTREAM_MODES),
    sticky: z.enum(STICKY_MODES),
    fallback_models: z.array(z.string()),
    fallback_price: z.enum(FALLBACK_PRICES),
    managed_by: managedBy,
    under_grants: z
      .boolean()
      .describe("Set below the platform: a backend counts while it is granted to whose the model is."),
    created_at: timestamp,
  })
  .meta({ id: "RoutingPolicy" });

/** Tells a policy to an administrator. */
export function viewPolicy(policy: RoutingPolicy): z.infer<typeof policyView> {
  return {
    id: policy.id,
    model_id: policy.modelId,
    strategy: policy.strategy,
    targets: policy.targets.map((each) => ({ ...each })),
    retry: { ...policy.retry },
    failover_on: [...policy.failoverOn],
    midstream: policy.midstream,
    sticky: policy.sticky,
    fallback_models: [...policy.fallbackModels],
    fallback_price: policy.fallbackPrice,
    ...viewManaged(policy),
    under_grants: policy.underGrants === true,
    created_at: isoTime(policy.createdAt),
  };
}

/** The policy of that id. Throws ApiError NOT_FOUND. */
export function knownPolicy(id: string, { snapshot }: Pick<AdminDeps, "snapshot">): RoutingPolicy {
  for (const policy of snapshot.policies()) if (policy.id === id) return policy;
  throw new ApiError("NOT_FOUND");
}
