import { z } from "zod";
import { newId } from "../../base/ids.ts";
import type { RoutingPolicy } from "../../core/catalogue.ts";
import { ApiError } from "../../errors.ts";
import { createPolicy } from "../../store/catalogue/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { committed } from "../refusals.ts";
import { policyView, retry, target, viewPolicy } from "./policy-view.ts";

export const createPolicyEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/routing-policies",
  access: "routing:manage",
  tag: "Routing",
  errors: ["MODEL_NOT_FOUND", "BACKEND_NOT_FOUND"],
  summary: "Say which backend serves a model",
  costBearing: false,
  auditAction: "routing_policy.create",
  body: z
    .strictObject({
      model_id: z.string(),
      strategy: z.enum(["priority"]).default("priority"),
      targets: z.array(target).length(1, "must name one backend"),
      retry: retry.default({ attempts: 3, same_backend: 1 }),
    })
    .meta({
      examples: [
        {
          model_id: "model_01JZX3K9QFT4M7W2N8C5D6E0AB",
          targets: [{ backend_id: "be_01JZX3K9QFT4M7W2N8C5D6E0AC" }],
        },
      ],
    }),
  response: policyView,
  async handle({ body: input }, deps) {
    if (!deps.snapshot.modelById(input.model_id)) throw new ApiError("MODEL_NOT_FOUND");
    for (const { backend_id } of input.targets) {
      if (!deps.snapshot.backendById(backend_id)) throw new ApiError("BACKEND_NOT_FOUND");
    }
    const now = deps.clock.now();
    const policy: RoutingPolicy = {
      id: newId("route", now),
      modelId: input.model_id,
      strategy: input.strategy,
      targets: input.targets,
      retry: input.retry,
      createdAt: now,
    };
    await committed(deps.commit(createPolicy(policy, now)), { missing_parent: "MODEL_NOT_FOUND" });
    return { kind: "data", status: 201, data: viewPolicy(policy) };
  },
});
