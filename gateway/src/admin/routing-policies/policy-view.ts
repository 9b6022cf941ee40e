import { z } from "zod";
import type { RoutingPolicy } from "../../core/catalogue.ts";
import { isoTime, timestamp, wholeNumber } from "../fields.ts";

/** One backend of a policy. Lower priorities come first; inside one, heavier weights. */
export const target = z.strictObject({
  backend_id: z.string(),
  priority: wholeNumber(1, 1_000).default(1),
  weight: wholeNumber(0, 1_000_000).default(100),
  enabled: z.boolean().default(true),
});

export const retry = z.strictObject({
  attempts: wholeNumber(1, 10).default(3),
  same_backend: wholeNumber(0, 1).default(1),
});

/** A routing policy as administrators see it. */
export const policyView = z
  .strictObject({
    id: z.string(),
    model_id: z.string(),
    strategy: z.enum(["priority"]),
    targets: z.array(target),
    retry,
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
    created_at: isoTime(policy.createdAt),
  };
}
