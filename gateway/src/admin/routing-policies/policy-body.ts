import { z } from "zod";
import {
  FALLBACK_PRICES,
  type FrontendModel,
  MIDSTREAM_MODES,
  POLICY_DEFAULTS,
  type RoutingPolicy,
  STICKY_MODES,
  STRATEGIES,
} from "../../core/catalogue.ts";
import { FAILOVER_CLASSES } from "../../core/fault.ts";
import { ApiError, type ErrorDetail } from "../../errors.ts";
import { given } from "../given.ts";
import { NO_MODEL } from "./own-policies.ts";
import { retry, target } from "./policy-view.ts";

const TARGETS_MAX = 100;
const FALLBACKS_MAX = 10;

/** What a policy says, but for the model it is about. */
export const policyFields = {
  strategy: z
    .enum(STRATEGIES)
    .describe(
      "How one of the backends of a priority is chosen: the heaviest first, drawn by weight, the one with the fewest calls in flight for its weight, or the quickest to its first content.",
    ),
  targets: z
    .array(target)
    .min(1, "must name at least one backend")
    .max(TARGETS_MAX, `must name at most ${TARGETS_MAX} backends`),
  retry,
  failover_on: z
    .array(z.enum(FAILOVER_CLASSES))
    .max(FAILOVER_CLASSES.length, "names a class twice")
    .describe("Faults after which another backend is asked; `context_length`: one with a larger window."),
  midstream: z
    .enum(MIDSTREAM_MODES)
    .describe(
      "When a stream breaks off after content has been sent: the error event, or another backend goes on from there; `buffer` sends nothing before the answer is whole.",
    ),
  sticky: z
    .enum(STICKY_MODES)
    .describe("Whose requests go to one backend as long as it is there; takes the place of the strategy."),
  fallback_models: z
    .array(z.string().max(200))
    .max(FALLBACKS_MAX, `must name at most ${FALLBACKS_MAX} models`)
    .describe("Slugs of models that are asked, in order, when no backend of this one answers."),
  fallback_price: z
    .enum(FALLBACK_PRICES)
    .describe(
      "Whose price a request pays that a fallback has served: the asked or the serving model's. Set below the platform, with fallbacks: `served`.",
    ),
};

/** A whole policy. */
export const policyBody = z
  .strictObject({
    model_id: z.string(),
    strategy: policyFields.strategy.default(POLICY_DEFAULTS.strategy),
    targets: policyFields.targets,
    retry: retry.default(POLICY_DEFAULTS.retry),
    failover_on: policyFields.failover_on.default([...POLICY_DEFAULTS.failoverOn]),
    midstream: policyFields.midstream.default(POLICY_DEFAULTS.midstream),
    sticky: policyFields.sticky.default(POLICY_DEFAULTS.sticky),
    fallback_models: policyFields.fallback_models.default([]),
    fallback_price: policyFields.fallback_price.default(POLICY_DEFAULTS.fallbackPrice),
  })
  .meta({
    examples: [
      {
        model_id: "model_01JZX3K9QFT4M7W2N8C5D6E0AB",
        strategy: "weighted",
        targets: [
          { backend_id: "be_01JZX3K9QFT4M7W2N8C5D6E0AC", weight: 80 },
          { backend_id: "be_01JZX3K9QFT4M7W2N8C5D6E0AD", weight: 20 },
          { backend_id: "be_01JZX3K9QFT4M7W2N8C5D6E0AE", priority: 2 },
        ],
        midstream: "continue",
      },
    ],
  });

type Input = Partial<Omit<z.output<typeof policyBody>, "model_id">>;
type Undefinable<Fields> = { [Name in keyof Fields]?: Fields[Name] | undefined };

/** What was given of a policy, in the words of the code. */
export function policyGiven(input: Undefinable<Input>): Partial<RoutingPolicy> {
  return given({
    strategy: input.strategy,
    targets: input.targets,
    retry: input.retry,
    failoverOn: input.failover_on,
    midstream: input.midstream,
    sticky: input.sticky,
    fallbackModels: input.fallback_models,
    fallbackPrice: input.fallback_price,
  });
}

/** Where a policy's models and backends are looked up. */
interface Referred {
  modelById(id: string): Pick<FrontendModel, "id" | "modality"> | undefined;
  modelBySlug(slug: string): Pick<FrontendModel, "id" | "modality"> | undefined;
  backendById(id: string): object | undefined;
}

/** Refuses a policy that names what is not there, or names it twice. Throws ApiError. */
export function demandPolicy(policy: RoutingPolicy, { snapshot }: { readonly snapshot: Referred }): void {
  const model = snapshot.modelById(policy.modelId);
  if (!model) throw new ApiError("MODEL_NOT_FOUND");
  const details: ErrorDetail[] = [];
  for (const [at, { backend_id }] of policy.targets.entries()) {
    if (!snapshot.backendById(backend_id)) throw new ApiError("BACKEND_NOT_FOUND");
    if (policy.targets.findIndex((other) => other.backend_id === backend_id) < at) {
      details.push({ field: `targets[${at}].backend_id`, message: "is named twice" });
    }
  }
  for (const [at, slug] of policy.fallbackModels.entries()) {
    const message = fallbackProblem(policy, slug, at, snapshot.modelBySlug(slug), model.modality);
    if (message !== undefined) details.push({ field: `fallback_models[${at}]`, message });
  }
  if (new Set(policy.failoverOn).size < policy.failoverOn.length) {
    details.push({ field: "failover_on", message: "names a class twice" });
  }
  if (details.length > 0) throw new ApiError("VALIDATION_ERROR", undefined, { details });
}

function fallbackProblem(
  { modelId, fallbackModels }: RoutingPolicy,
  slug: string,
  at: number,
  fallback: { readonly id: string; readonly modality: string } | undefined,
  modality: string,
): string | undefined {
  if (!fallback) return NO_MODEL;
  if (fallback.id === modelId) return "is the model itself";
  if (fallback.modality !== modality) return `is a model for ${fallback.modality}, not for ${modality}`;
  return fallbackModels.indexOf(slug) < at ? "is named twice" : undefined;
}
