import { z } from "zod";
import { NEEDS, STRATEGIES } from "../../core/catalogue.ts";
import { ApiError } from "../../errors.ts";
import type { Candidate } from "../../routing/candidate.ts";
import { stickyHashOf } from "../../routing/choose.ts";
import { CIRCUIT_STATES } from "../../routing/circuit.ts";
import { Itinerary, type Traits } from "../../routing/itinerary.ts";
import type { Route } from "../../routing/route.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { knownPolicy } from "./policy-view.ts";

const name = z.string().max(256);

const body = z
  .strictObject({
    stream: z.boolean().default(false),
    needs: z
      .array(z.enum(NEEDS))
      .max(32, "must have at most 32 entries")
      .default([])
      .describe("What a backend must offer for it: that which a request itself can ask of one."),
    user: name.optional().describe("The request's `user`, where the policy sticks to it."),
    session: name.optional().describe("Its session, where the policy sticks to that."),
  })
  .meta({ examples: [{ stream: true, needs: ["tools"] }] });

const candidateView = z.strictObject({
  backend_id: z.string(),
  uri: z.string().optional().describe("Absent where there is no such backend any more."),
  model: z.string().describe("The model whose policy names it: the policy's own, or a fallback."),
  priority: z.int().optional(),
  weight: z.int().optional(),
  order: z
    .int()
    .optional()
    .describe("1 = asked first; absent = not asked as things stand, for the reason given."),
  reason: z.string(),
  share: z
    .number()
    .optional()
    .describe("By weight: how many of such requests it gets first, from 0 to 1, as things stand."),
  circuit_state: z.enum(CIRCUIT_STATES).optional(),
  latency_ms: z.int().optional().describe("To the first content, on average, of calls of this form."),
  in_flight: z.int().optional(),
});

const preview = z
  .strictObject({
    policy_id: z.string(),
    model: z.string(),
    strategy: z.enum(STRATEGIES),
    backend_id: z.string().optional().describe("Which backend it would get; absent = none as things stand."),
    reason: z.string(),
    candidates: z.array(candidateView).describe("In the order in which they would be asked."),
  })
  .meta({ id: "RoutingPreview" });

export const previewPolicy = adminEndpoint({
  method: "POST",
  path: "/v1/routing-policies/{policy_id}/preview",
  access: "routing:manage",
  tag: "Routing",
  operationId: "previewRoute",
  summary: "Which backend a request would get now, and why; nothing is sent or spent",
  costBearing: false,
  auditAction: "routing_policy.preview",
  params: z.strictObject({ policy_id: z.string() }),
  body,
  response: preview,
  async handle({ principal, params, body: input }, deps) {
    const policy = knownPolicy(params.policy_id, deps);
    const model = deps.snapshot.modelById(policy.modelId);
    if (!model) throw new ApiError("NOT_FOUND");
    const routes = deps.routes.for(model, principal, deps.clock.now());
    const named = policy.sticky === "session" ? (input.session ?? input.user) : input.user;
    const traits: Traits = {
      needs: input.needs,
      tenantId: deps.snapshot.hasManyTenants ? principal.tenant.id : undefined,
      form: input.stream ? "stream" : "whole",
      stickyHash: policy.sticky === "none" ? undefined : stickyHashOf(principal.user.id, named),
    };
    const about = { policy_id: policy.id, model: model.slug, strategy: policy.strategy };
    return { kind: "data", data: { ...about, ...previewOf(routes, traits, deps) } };
  },
});

type Preview = Pick<z.infer<typeof preview>, "backend_id" | "reason" | "candidates">;

function previewOf(
  routes: readonly Route[],
  traits: Traits,
  { clock, random }: Pick<AdminDeps, "clock" | "random">,
): Preview {
  const nowMs = clock.monotonic();
  const itinerary = new Itinerary(routes, traits, random);
  const first = itinerary.next(nowMs);
  const reason = first
    ? itinerary.why(first, nowMs)
    : "no backend can be asked now; with every circuit open, one request a second goes through as a probe";
  const shares = sharesOf(first, routes, traits, nowMs);
  const views: Preview["candidates"] = [];
  for (let next = first; next; next = itinerary.next(nowMs)) {
    itinerary.take(next);
    const share = shares?.get(next);
    const order = views.length + 1;
    views.push({
      ...viewOf(next, traits, nowMs),
      order,
      reason: next.told.reason,
      ...(share !== undefined && { share }),
    });
  }
  for (const { candidates, skipped, model } of routes) {
    for (const each of candidates) {
      const obstacle = each.obstacle(traits, nowMs);
      if (obstacle) views.push({ ...viewOf(each, traits, nowMs), reason: obstacle.reason });
    }
    for (const each of skipped) {
      views.push({ backend_id: each.backendId, model: model.slug, reason: each.reason });
    }
  }
  return { ...(first && { backend_id: first.backend.id }), reason, candidates: views };
}

function viewOf(
  candidate: Candidate,
  { form }: Traits,
  nowMs: number,
): Omit<Preview["candidates"][number], "reason"> {
  const { backend, model, priority, weight, health } = candidate;
  const latencyMs = candidate.latencyMs(form, nowMs);
  return {
    backend_id: backend.id,
    uri: backend.uri,
    model: model.slug,
    priority,
    weight,
    circuit_state: health.circuit.stateAt(nowMs),
    ...(latencyMs !== undefined && { latency_ms: Math.round(latencyMs) }),
    in_flight: candidate.busy(),
  };
}

/** What each backend of the first open priority gets of many requests; undefined where weights do not say. */
function sharesOf(
  first: Candidate | undefined,
  routes: readonly Route[],
  traits: Traits,
  nowMs: number,
): ReadonlyMap<Candidate, number> | undefined {
  const route = routes.find(({ candidates }) => first && candidates.includes(first));
  if (route?.policy.strategy !== "weighted" || traits.stickyHash !== undefined) return undefined;
  const open = route.candidates.filter(
    (each) => each.priority === first?.priority && each.isOpen(traits, nowMs),
  );
  const total = open.reduce((sum, each) => sum + each.weight, 0);
  return new Map(open.map((each) => [each, total === 0 ? 1 / open.length : each.weight / total]));
}
