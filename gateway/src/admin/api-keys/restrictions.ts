import { z } from "zod";
import { beyond } from "../../access/grants.ts";
import { isSlugPattern, patternCovers } from "../../access/slugs.ts";
import { covers, parseRange } from "../../base/ip-ranges.ts";
import { PERMISSIONS, type Permission } from "../../core/permissions.ts";
import type { Principal } from "../../core/principal.ts";
import { type ApiKey, LIMIT_NAMES, type RateLimits } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { wholeNumber } from "../fields.ts";
import { given } from "../given.ts";
import { expiry } from "./expiry.ts";

const ENTRIES_MAX = 100;
const METADATA_MAX = 16;
const LIMIT_MAX = 1_000_000_000;

function entries<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .min(1, "must not be empty: leave it out for no restriction")
    .max(ENTRIES_MAX, `must have at most ${ENTRIES_MAX} entries`);
}

/** What a key can be narrowed to, as callers give it. */
export const restrictions = {
  expires_at: expiry,
  scopes: entries(z.enum(PERMISSIONS)).describe(
    "Of its user's permissions only these; what is granted to the user later is not let through.",
  ),
  models: entries(
    z.string().max(200).refine(isSlugPattern, "must be a model's slug, or the beginning of slugs and /*"),
  ).describe("The models it may ask for: slugs, or `vendor/*`."),
  allowed_ips: entries(
    z
      .string()
      .max(60)
      .refine((text) => parseRange(text) !== undefined, "must be an address or a block such as 192.0.2.0/24"),
  ).describe("Where it may be used from."),
  rate_limits: z
    .strictObject({
      requests_per_minute: wholeNumber(1, LIMIT_MAX).optional(),
      tokens_per_minute: wholeNumber(1, LIMIT_MAX).optional(),
      concurrent_requests: wholeNumber(1, LIMIT_MAX).optional(),
    })
    .transform((limits): RateLimits => given(limits))
    .describe("Limits of its own: they tighten those of its user, tenant and partner, never loosen them."),
  metadata: z
    .record(z.string().min(1).max(64), z.string().max(512))
    .refine(
      (record) => Object.keys(record).length <= METADATA_MAX,
      `must have at most ${METADATA_MAX} entries`,
    )
    .describe("What you want to remember of it."),
};

/** A key's restrictions in the words of the domain. */
export type Restrictions = Pick<
  ApiKey,
  "expiresAt" | "scopes" | "models" | "allowedIps" | "metadata" | "rateLimits"
>;

/**
 * What a key made or changed with another key becomes: it may do no more than that one. Where the wish is silent the
 * other's restriction is taken over; a wider wish is refused. `held` is what the new key's user may do. Throws
 * ApiError VALIDATION_ERROR, AUTHZ_PERMISSION_DENIED, AUTH_INSUFFICIENT_SCOPE.
 */
export function withinMaker(
  wish: Restrictions,
  held: ReadonlySet<Permission>,
  { proof, permissions }: Principal,
): Restrictions {
  const unknown = beyond(held, wish.scopes ?? []);
  if (unknown !== undefined) throw invalid("scopes", `${unknown} is not a permission of the key's user`);
  const maker = proof.kind === "key" ? proof.key : undefined;
  const scopes = wish.scopes ?? (maker?.scopes && [...permissions].filter((each) => held.has(each)));
  const more = beyond(permissions, scopes ?? held);
  if (more !== undefined) {
    throw new ApiError("AUTHZ_PERMISSION_DENIED", "A key may do no more than whoever makes it.", {
      hint: `You do not hold ${more} in this call: leave it out of the key's scopes.`,
    });
  }
  return {
    ...wish,
    ...(scopes && { scopes }),
    ...narrowed("models", wish.models, maker?.models, patternCovers),
    ...narrowed("allowedIps", wish.allowedIps, maker?.allowedIps, rangeCovers),
    ...expiryWithin(wish.expiresAt, maker?.expiresAt),
    ...limitsWithin(wish.rateLimits, maker?.rateLimits),
  };
}

function narrowed(
  name: "models" | "allowedIps",
  wish: readonly string[] | undefined,
  maker: readonly string[] | undefined,
  isCovered: (outer: string, inner: string) => boolean,
): Partial<Restrictions> {
  if (maker === undefined) return {};
  if (wish === undefined) return { [name]: maker };
  const wider = wish.find((inner) => !maker.some((outer) => isCovered(outer, inner)));
  if (wider === undefined) return {};
  throw invalid(
    name === "models" ? "models" : "allowed_ips",
    `${wider} is beyond the key this call is made with`,
  );
}

function rangeCovers(outer: string, inner: string): boolean {
  const [whole, part] = [parseRange(outer), parseRange(inner)];
  return whole !== undefined && part !== undefined && covers(whole, part);
}

function expiryWithin(wish: number | undefined, maker: number | undefined): Partial<Restrictions> {
  if (maker === undefined) return {};
  if (wish !== undefined && wish > maker) throw invalid("expires_at", "is later than that of the key in use");
  return { expiresAt: wish ?? maker };
}

function limitsWithin(wish: RateLimits | undefined, maker: RateLimits | undefined): Partial<Restrictions> {
  if (maker === undefined) return {};
  for (const name of LIMIT_NAMES) {
    const [wanted, most] = [wish?.[name], maker[name]];
    if (wanted !== undefined && most !== undefined && wanted > most) {
      throw invalid(`rate_limits.${name}`, "is looser than that of the key in use");
    }
  }
  return { rateLimits: { ...maker, ...wish } };
}

function invalid(field: string, message: string): ApiError {
  return new ApiError("VALIDATION_ERROR", undefined, { details: [{ field, message }] });
}
