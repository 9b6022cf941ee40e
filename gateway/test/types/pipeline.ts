/**
 * Proof that the stages of the pipeline can neither be forged, skipped nor put in another order: every line below
 * that must not compile is expected not to. Nothing here runs; `npm run check` reads it.
 */
import type { Call } from "../../src/inference/call.ts";
import type { InferenceDeps } from "../../src/inference/deps.ts";
import type { Door } from "../../src/inference/door.ts";
import { Admitted } from "../../src/inference/stages/01-admit.ts";
import { Authenticated } from "../../src/inference/stages/02-authenticate.ts";
import { Limited } from "../../src/inference/stages/03-limit.ts";
import { Parsed } from "../../src/inference/stages/04-parse.ts";
import { Authorised } from "../../src/inference/stages/05-authorise.ts";
import { Planned } from "../../src/inference/stages/06-plan.ts";
import { Prepared } from "../../src/inference/stages/07-prepare.ts";
import { Held } from "../../src/inference/stages/08-hold.ts";
import { Attempted } from "../../src/inference/stages/09-attempt.ts";
import type { relayStream } from "../../src/inference/relay.ts";
import type { relayWhole } from "../../src/inference/whole.ts";

/** All that a proof shows to others, as a plain object: what a forger could put together. */
type Shown<Proof> = { readonly [Name in keyof Proof]: Proof[Name] };
type Forgeries = { readonly [Name in keyof Proofs]: Shown<Proofs[Name]> };

/** A proof is made by its own stage alone: an object that shows all the same is none. */
export function forge(forged: Forgeries): readonly unknown[] {
  // @ts-expect-error stage 1
  const admitted: Admitted = forged.admitted;
  // @ts-expect-error stage 2
  const authenticated: Authenticated = forged.authenticated;
  // @ts-expect-error stage 3
  const limited: Limited = forged.limited;
  // @ts-expect-error stage 4
  const parsed: Parsed = forged.parsed;
  // @ts-expect-error stage 5
  const authorised: Authorised = forged.authorised;
  // @ts-expect-error stage 6
  const planned: Planned = forged.planned;
  // @ts-expect-error stage 7
  const prepared: Prepared = forged.prepared;
  // @ts-expect-error stage 8
  const held: Held = forged.held;
  // @ts-expect-error stage 9
  const attempted: Attempted = forged.attempted;
  return [admitted, authenticated, limited, parsed, authorised, planned, prepared, held, attempted];
}

/** Nobody but the stage itself can call a constructor. */
export function construct(call: Call, proofs: Proofs): readonly unknown[] {
  const { admitted, authenticated, limited, parsed, authorised, planned, prepared, held, attempted } = proofs;
  return [
    // @ts-expect-error stage 1: its constructor is private
    new Admitted(call),
    // @ts-expect-error stage 2
    new Authenticated(admitted, authenticated.principal),
    // @ts-expect-error stage 3
    new Limited(authenticated),
    // @ts-expect-error stage 4
    new Parsed(limited, parsed.request),
    // @ts-expect-error stage 5
    new Authorised(parsed, authorised.model),
    // @ts-expect-error stage 6
    new Planned(authorised, planned.policy, planned.candidates, planned.price),
    // @ts-expect-error stage 7
    new Prepared(planned, prepared.request),
    // @ts-expect-error stage 8
    new Held(prepared, held.intent),
    // @ts-expect-error stage 9
    new Attempted(held, attempted.opened),
  ];
}

/** No stage takes the proof of an earlier one than its own predecessor. */
export function skip(call: Call, proofs: Proofs, deps: InferenceDeps, door: Door): readonly unknown[] {
  return [
    // @ts-expect-error stage 2 without stage 1
    Authenticated.of(call, deps),
    // @ts-expect-error stage 3 without stage 2
    Limited.of(proofs.admitted, deps),
    // @ts-expect-error stage 4 without stage 3
    Parsed.of(proofs.authenticated, door, deps),
    // @ts-expect-error stage 5 without stage 4
    Authorised.of(proofs.limited, deps),
    // @ts-expect-error stage 6 without stage 5
    Planned.of(proofs.parsed, deps),
    // @ts-expect-error stage 7 without stage 6
    Prepared.of(proofs.authorised),
    // @ts-expect-error stage 8 without stage 7
    Held.of(proofs.planned, deps),
    // @ts-expect-error stage 9 without stage 8
    Attempted.of(proofs.prepared, deps),
  ];
}

/** No stage takes the proof of a later one: with every field it wants, a proof still has its own place. */
export function reorder(proofs: Proofs, deps: InferenceDeps, door: Door): readonly unknown[] {
  return [
    // @ts-expect-error stage 2 after stage 3
    Authenticated.of(proofs.limited, deps),
    // @ts-expect-error stage 3 after stage 4
    Limited.of(proofs.parsed, deps),
    // @ts-expect-error stage 4 after stage 5
    Parsed.of(proofs.authorised, door, deps),
    // @ts-expect-error stage 5 after stage 6
    Authorised.of(proofs.planned, deps),
    // @ts-expect-error stage 6 after stage 7
    Planned.of(proofs.prepared, deps),
    // @ts-expect-error stage 7 after stage 8
    Prepared.of(proofs.held),
    // @ts-expect-error stage 8 after stage 9
    Held.of(proofs.attempted, deps),
  ];
}

/** Nothing is relayed that was not held, nor before an upstream has begun to answer. */
export function relayUnproved(
  proofs: Proofs,
  relays: { readonly stream: typeof relayStream; readonly whole: typeof relayWhole },
  rest: { readonly door: Door; readonly deps: InferenceDeps; finish(): Promise<never> },
): readonly unknown[] {
  const { prepared, held, attempted } = proofs;
  const { door, deps } = rest;
  const finish = () => rest.finish();
  return [
    // @ts-expect-error stage 10 without stage 8
    relays.stream(prepared, Promise.resolve(attempted), door, finish, deps),
    // @ts-expect-error stage 10 without stage 9
    relays.stream(held, Promise.resolve(held), door, finish, deps),
    // @ts-expect-error stage 10 without stage 8
    relays.whole(prepared, Promise.resolve(attempted), door, finish),
    // @ts-expect-error stage 10 without stage 9
    relays.whole(held, Promise.resolve(held), door, finish),
  ];
}

interface Proofs {
  readonly admitted: Admitted;
  readonly authenticated: Authenticated;
  readonly limited: Limited;
  readonly parsed: Parsed;
  readonly authorised: Authorised;
  readonly planned: Planned;
  readonly prepared: Prepared;
  readonly held: Held;
  readonly attempted: Attempted;
}
