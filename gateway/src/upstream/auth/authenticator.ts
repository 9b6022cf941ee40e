import type { Clock } from "../../base/clock.ts";
import { sha256Hex } from "../../base/crypto.ts";
import type { CredentialParts } from "../../core/catalogue.ts";
import { FaultError } from "../../core/fault.ts";
import { PARTS_OF } from "../../providers/auth.ts";
import { serviceAccountIn } from "../../providers/service-account.ts";
import type { Vendor } from "../../providers/vendor.ts";
import type { Target } from "../target.ts";
import type { Upstream, UpstreamCall } from "../upstream.ts";
import { AwsSigner } from "./aws.ts";
import { entraToken } from "./entra.ts";
import { googleToken } from "./google.ts";
import { type Minted, Tokens } from "./tokens.ts";

/** What a call shows its upstream. */
export interface Shown {
  readonly headers: Readonly<Record<string, string>>;
  /** What of it nobody may be told. */
  readonly secrets: readonly string[];
  /** To be called when the upstream has refused it: the next call shows something else. */
  refused(): void;
}

/** Shows credentials of several parts: makes signatures, and gets tokens from where they are given. */
export class Authenticator {
  readonly #clock: Clock;
  readonly #upstream: Upstream;
  readonly #tokens: Tokens;
  readonly #aws = new AwsSigner();

  /** `upstream` carries what is asked of token endpoints. */
  constructor(clock: Clock, upstream: Upstream) {
    this.#clock = clock;
    this.#upstream = upstream;
    this.#tokens = new Tokens(clock);
  }

  /** Throws FaultError: `auth` for what cannot be shown, whatever kept a token from coming; the signal's reason. */
  async shownFor(
    call: UpstreamCall,
    parts: CredentialParts,
    target: Target,
    vendor: Vendor,
    signal: AbortSignal,
  ): Promise<Shown> {
    const scheme = vendor.partsScheme;
    if (scheme === undefined || PARTS_OF[scheme.kind].required.some((part) => parts[part] === undefined)) {
      throw new FaultError({ class: "auth", reason: `the credential is none that ${vendor.label} takes` });
    }
    switch (scheme.kind) {
      case "aws_sigv4": {
        const headers = await this.#aws.headersFor(call, target, parts, scheme.service, this.#clock.now());
        return { headers, secrets: signatureIn(headers), refused: () => undefined };
      }
      case "google_service_account": {
        const account = serviceAccountIn(parts.service_account ?? "");
        if (account === undefined)
          throw new FaultError({ class: "auth", reason: "the service account is none" });
        const mint = () => googleToken(account, scheme.scope, this.#upstream, this.#clock.now());
        return this.#bearer(parts, scheme.scope, mint, signal);
      }
      case "entra": {
        return this.#bearer(
          parts,
          scheme.scope,
          () => entraToken(parts, scheme.scope, this.#upstream),
          signal,
        );
      }
    }
  }

  async #bearer(
    parts: CredentialParts,
    scope: string,
    mint: () => Promise<Minted>,
    signal: AbortSignal,
  ): Promise<Shown> {
    const account = sha256Hex(JSON.stringify([scope, parts]));
    const token = await this.#tokens.get(account, mint, signal);
    return {
      headers: { authorization: `Bearer ${token}` },
      secrets: [token],
      refused: () => this.#tokens.forget(account, token),
    };
  }
}

function signatureIn({ authorization = "" }: Readonly<Record<string, string>>): readonly string[] {
  return /Signature=([0-9a-f]{64})/.exec(authorization)?.slice(1) ?? [];
}
