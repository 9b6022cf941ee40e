import { z } from "zod";
import { openClaim } from "../../store/sign-in/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, timestamp } from "../fields.ts";
import { demandUnnarrowed } from "../narrowed.ts";
import { freshToken } from "./sign-in.ts";

const DAY_MS = 86_400_000;

/** Where a claim's token is used. In the fragment, so that no server or proxy ever logs it. */
export function claimLink(publicUrl: string, token: string): string {
  return `${publicUrl}/admin/claim#token=${token}`;
}

export const createClaim = adminEndpoint({
  method: "POST",
  path: "/v1/auth/claims",
  access: "platform:manage",
  tag: "Sign-in",
  summary: "Make a one-time link that makes an administrator; links made before stop working",
  costBearing: false,
  auditAction: "installation.claim_link",
  response: z.strictObject({ link: z.string(), expires_at: timestamp }).meta({ id: "ClaimLink" }),
  async handle({ principal }, deps) {
    demandUnnarrowed(principal);
    const now = deps.clock.now();
    const { token, hash } = freshToken();
    await deps.commit(openClaim(hash, now + DAY_MS, now));
    return {
      kind: "data",
      status: 201,
      data: { link: claimLink(deps.place.publicUrl(), token), expires_at: isoTime(now + DAY_MS) },
    };
  },
});
