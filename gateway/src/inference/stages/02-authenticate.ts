import { payerOf } from "../../access/payer.ts";
import type { Principal } from "../../core/principal.ts";
import { identify } from "../../snapshot/identify.ts";
import type { InferenceDeps } from "../deps.ts";
import type { Admitted } from "./01-admit.ts";

/** Stage 2 proves: the caller is known and active, before a byte of the body is read. */
export class Authenticated {
  declare private readonly proof: never;
  readonly call: Admitted["call"];
  readonly principal: Principal;

  private constructor(admitted: Admitted, principal: Principal) {
    this.call = admitted.call;
    this.principal = principal;
  }

  /**
   * At once for whom memory knows; else once the store has been asked. Throws ApiError AUTH_TOKEN_MISSING,
   * AUTH_TOKEN_INVALID, TENANT_SUSPENDED, DEPENDENCY_UNAVAILABLE; RATE_LIMITED after too many without a valid key.
   */
  static of(admitted: Admitted, deps: InferenceDeps): Authenticated | Promise<Authenticated> {
    const { inbound } = admitted.call;
    const principal = deps.strangers.identified(inbound, () => identify(inbound, deps));
    return principal instanceof Promise
      ? Authenticated.#later(principal, admitted, deps)
      : Authenticated.#as(principal, admitted, deps);
  }

  static async #later(
    principal: Promise<Principal>,
    admitted: Admitted,
    deps: InferenceDeps,
  ): Promise<Authenticated> {
    return Authenticated.#as(await principal, admitted, deps);
  }

  static #as(principal: Principal, admitted: Admitted, deps: InferenceDeps): Authenticated {
    const { call } = admitted;
    call.payer = payerOf(principal);
    // From here on a key that is revoked or a shutdown finds the call, however slowly its body comes.
    deps.inFlight.add(call);
    call.mark("authenticated");
    return new Authenticated(admitted, principal);
  }
}
