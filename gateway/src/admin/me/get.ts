import { z } from "zod";
import { payerOf } from "../../access/payer.ts";
import { type LevelLimits, type LimitName, effectiveLimit, ownLimits } from "../../limits/defaults.ts";
import { standingFields, viewStanding } from "../budgets/budget-view.ts";
import type { Principal } from "../../core/principal.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, timestamp } from "../fields.ts";

const named = z.strictObject({ id: z.string(), slug: z.string(), display_name: z.string() });

const levels = z.strictObject({ key: z.int(), user: z.int(), tenant: z.int(), partner: z.int() });

const me = z
  .strictObject({
    user: z.strictObject({
      id: z.string(),
      display_name: z.string(),
      email: z.string().optional(),
      kind: z.enum(["human", "service"]),
    }),
    tenant: named,
    partner: named,
    api_key: z
      .strictObject({ id: z.string(), name: z.string() })
      .optional()
      .describe("Present when the call was made with a key."),
    session: z
      .strictObject({ id: z.string(), created_at: timestamp })
      .optional()
      .describe("Present when the call was made from a signed-in browser."),
    currency: z.string().describe("ISO 4217, of every amount and price of this installation."),
    roles: z.array(z.string()),
    permissions: z.array(z.string()),
    rate_limits: levels.describe("Requests per rolling minute; 0 = unlimited."),
    token_limits: levels.describe("Tokens per rolling minute; 0 = unlimited."),
    concurrency_limits: levels.describe("Requests in flight at once; 0 = unlimited."),
    budgets: z
      .array(z.strictObject(standingFields))
      .describe("Those over what you ask for here, the nearest first; your partner's are not told."),
  })
  .meta({ id: "Me" });

export const getMe = adminEndpoint({
  method: "GET",
  path: "/v1/me",
  access: "signed_in",
  tag: "Identity",
  summary: "Who this key belongs to and what it may do",
  costBearing: false,
  response: me,
  async handle({ principal }, deps) {
    const { user, tenant, partner, proof } = principal;
    const own = ownLimits(principal);
    const { rateLimits, tokenLimits, concurrencyLimits } = deps.config;
    const inForce = (name: LimitName, installation: LevelLimits): LevelLimits => {
      const limit = (level: keyof LevelLimits) => effectiveLimit(level, own[level], name, installation);
      return { key: limit("key"), user: limit("user"), tenant: limit("tenant"), partner: limit("partner") };
    };
    return {
      kind: "data",
      data: {
        user: {
          id: user.id,
          display_name: user.displayName,
          ...(user.email !== undefined && { email: user.email }),
          kind: user.kind,
        },
        tenant: { id: tenant.id, slug: tenant.slug, display_name: tenant.displayName },
        partner: { id: partner.id, slug: partner.slug, display_name: partner.displayName },
        ...(proof.kind === "key" && { api_key: { id: proof.key.id, name: proof.key.name } }),
        ...(proof.kind === "session" && {
          session: { id: proof.session.id, created_at: isoTime(proof.session.createdAt) },
        }),
        currency: deps.config.currency,
        roles: [...user.roles],
        permissions: [...principal.permissions].sort(),
        rate_limits: inForce("requests_per_minute", rateLimits),
        token_limits: inForce("tokens_per_minute", tokenLimits),
        concurrency_limits: inForce("concurrent_requests", concurrencyLimits),
        budgets: await budgetsOver(principal, deps),
      },
    };
  },
});

async function budgetsOver(
  principal: Principal,
  { budgets }: Pick<AdminDeps, "budgets">,
): Promise<ReturnType<typeof viewStanding>[]> {
  const told = budgets.over(payerOf(principal)).filter(({ scope }) => scope !== "partner");
  if (told.length === 0) return [];
  const standings = await budgets.standings(told);
  return told.flatMap((budget) => {
    const standing = standings.get(budget.id);
    return standing === undefined ? [] : [viewStanding(budget, standing)];
  });
}
