import { ApiError } from "../errors.ts";
import type { Call } from "./call.ts";
import { countInput } from "./count-input.ts";
import type { InferenceDeps } from "./deps.ts";
import { claimKey, namesKey } from "./claim-key.ts";
import type { Door } from "./door.ts";
import { endingOf } from "./ending.ts";
import { finisher } from "./finish.ts";
import { READER_IDLE_SECONDS } from "./inbound.ts";
import { record } from "./record.ts";
import { relayStream } from "./relay.ts";
import { RemoteImages } from "./remote-images.ts";
import { Admitted } from "./stages/01-admit.ts";
import { Authenticated } from "./stages/02-authenticate.ts";
import { Limited } from "./stages/03-limit.ts";
import { Parsed } from "./stages/04-parse.ts";
import { Authorised } from "./stages/05-authorise.ts";
import { Planned } from "./stages/06-plan.ts";
import { Prepared } from "./stages/07-prepare.ts";
import { Held } from "./stages/08-hold.ts";
import { Attempted } from "./stages/09-attempt.ts";
import { relayWhole } from "./whole.ts";

/**
 * One chat request from its headers to its last byte. Each stage takes the proof of the one before, so none can
 * be skipped, reordered or forged; from the hold on, every way out passes `finish`, which settles exactly once.
 */
export function serveChat(call: Call, door: Door, deps: InferenceDeps): Promise<Response> {
  const answering = answer(call, door, deps);
  return namesKey(call)
    ? answering.then((response) => call.claim?.conclude(response) ?? response)
    : answering;
}

async function answer(call: Call, door: Door, deps: InferenceDeps): Promise<Response> {
  const held = await admit(call, door, deps);
  if (held instanceof Response) return held;
  const finish = finisher(held, deps); //                                 11 settle, 12 record
  const attempting = Attempted.of(held, deps); //                          9 attempt
  try {
    return call.stream //                                                 10 relay
      ? await relayStream(held, attempting, door, finish, deps)
      : await relayWhole(held, attempting, door, finish);
  } catch (error) {
    return refusal(error, call, door);
  }
}

/** Stages 1 to 8: everything that is decided before an upstream hears of the request. */
async function admit(call: Call, door: Door, deps: InferenceDeps): Promise<Held | Response> {
  try {
    const parsed = await parse(call, door, deps);
    const claimed = claimKey(parsed, deps.idempotency, deps);
    const replayed = claimed && (await claimed);
    if (replayed !== undefined) return replayed;
    const prepared = prepare(parsed, deps);
    return await Held.of(prepared instanceof Promise ? await prepared : prepared, deps);
  } catch (error) {
    return refused(error, call, door, deps);
  }
}

/** Stages 1 to 4. */
function parse(call: Call, door: Door, deps: InferenceDeps): Promise<Parsed> {
  const admitted = Admitted.of(call, deps);
  // These two are nearly always known at once: a turn of waiting for nothing would be felt.
  const identified = Authenticated.of(admitted, deps);
  if (identified instanceof Promise) return identified.then((known) => limit(known, door, deps));
  return limit(identified, door, deps);
}

/** Stages 3 and 4. */
function limit(authenticated: Authenticated, door: Door, deps: InferenceDeps): Promise<Parsed> {
  const placed = Limited.of(authenticated, deps);
  if (placed instanceof Promise) return placed.then((limited) => Parsed.of(limited, door, deps));
  return Parsed.of(placed, door, deps);
}

/** Stages 5 to 7. */
function prepare(parsed: Parsed, deps: InferenceDeps): Prepared | Promise<Prepared> {
  const authorised = Authorised.of(parsed, deps);
  const planned = Planned.of(authorised, deps);
  const images = planned.needsBytes ? RemoteImages.in(planned.request) : undefined;
  if (images === undefined || !planned.first.needsBytes) return Prepared.of(planned, deps, images);
  return images.fetch(parsed.call, deps).then(() => Prepared.of(planned, deps, images));
}

/**
 * How many tokens a request would take. It is let in like any other, but nothing is held and nothing charged: no
 * provider asks money for it.
 */
export async function serveTokenCount(call: Call, door: Door, deps: InferenceDeps): Promise<Response> {
  try {
    const { tokens, by } = await countInput(await prepare(await parse(call, door, deps), deps), deps);
    deps.inFlight.remove(call);
    record(call, { status: "completed", httpStatus: 200, settlement: undefined }, deps);
    call.inbound.setIdleTimeout(READER_IDLE_SECONDS);
    const headers = { "content-type": "application/json; charset=utf-8", "x-scaigrid-counted-by": by };
    return new Response(door.wrap({ input_tokens: tokens }, call.requestId), {
      headers: { ...call.answerHeaders, ...headers },
    });
  } catch (error) {
    return refused(error, call, door, deps);
  }
}

function refused(error: unknown, call: Call, door: Door, deps: InferenceDeps): Response {
  const ending = endingOf(error, call);
  deps.inFlight.remove(call);
  record(call, { ...ending, status: "refused", settlement: undefined }, deps);
  return refusal(ending.error ?? error, call, door);
}

function refusal(error: unknown, call: Call, door: Door): Response {
  const apiError = error instanceof ApiError ? error : new ApiError("INTERNAL_ERROR");
  const response = door.refuse(apiError, call.requestId);
  call.inbound.setIdleTimeout(READER_IDLE_SECONDS);
  for (const [name, value] of Object.entries(call.answerHeaders)) response.headers.set(name, value);
  return response;
}
