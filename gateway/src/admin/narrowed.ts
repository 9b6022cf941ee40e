import type { Principal } from "../core/principal.ts";
import { ApiError } from "../errors.ts";

/** How a key can be narrowed that does not show in what it may do. */
const NARROWINGS = [
  ["models", "models"],
  ["allowedIps", "addresses"],
  ["expiresAt", "a time"],
] as const;

/**
 * Refuses to hand on, with a key that is narrowed to some models, addresses or a time, what is not narrowed so: a person
 * who signs in, or a role. As with scopes, whoever has found such a key must gain nothing that outlives or outgrows
 * it. (Keys that are made with it are narrowed as it is.) Throws ApiError AUTH_INSUFFICIENT_SCOPE.
 */
export function demandUnnarrowed({ proof }: Principal): void {
  if (proof.kind !== "key") return;
  const { key } = proof;
  const narrowed = NARROWINGS.find(([field]) => key[field] !== undefined);
  if (narrowed === undefined) return;
  throw new ApiError("AUTH_INSUFFICIENT_SCOPE", "A narrowed key hands nothing on that is not narrowed.", {
    hint: `This key is narrowed to ${narrowed[1]}: sign in, or use a key that is not.`,
  });
}
