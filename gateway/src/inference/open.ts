import type { Credentials } from "../core/catalogue.ts";
import { isObject } from "../base/json.ts";
import type { ChatAnswer, ChatEvent, RawAnswer } from "../core/chat.ts";
import type { BuiltRequest } from "../core/dialect.ts";
import { type Fault, FaultError } from "../core/fault.ts";
import { type Teller, toldFault, withoutCredentials, withoutSecret } from "../core/told-fault.ts";
import type { UpstreamCall, UpstreamReply } from "../upstream/upstream.ts";
import type { Call } from "./call.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { InferenceDeps } from "./deps.ts";
import { type EventSource, UpstreamStream, WholeAsStream, isContent } from "./upstream-stream.ts";

/** Parts of a whole answer that could not be read of which the trace tells. */
const SKIPPED_TOLD_MAX = 20;

/** Events that say nothing to the caller; they wait in memory for the first that does. */
const EVENTS_BEFORE_CONTENT_MAX = 10_000;

/** One call to a backend. */
export interface Opening extends Pick<Candidate, "backend" | "provider" | "dialect"> {
  readonly credentials: Credentials;
  readonly built: BuiltRequest;
  readonly simulate: UpstreamCall["simulate"];
  readonly firstContentMs: number;
  /** Whether the answer may be passed on as it comes: one that goes on from another's may not. */
  readonly passes: boolean;
}

/** An answer that has begun: whole, or a stream with the events up to its first content. */
export type Opened =
  | {
      readonly kind: "whole";
      readonly answer: ChatAnswer;
      /** Where the caller's door could pass it on. */
      readonly raw: RawAnswer | undefined;
      readonly reply: UpstreamReply;
    }
  | {
      readonly kind: "stream";
      readonly source: EventSource;
      readonly first: readonly ChatEvent[];
      readonly reply: UpstreamReply;
    };

/** Calls one backend once, up to a whole answer or the first content of a stream. Throws FaultError. */
export async function open(
  call: Call,
  opening: Opening,
  deps: Pick<InferenceDeps, "upstream" | "clock">,
): Promise<Opened> {
  const { provider, backend, credentials, built, simulate, firstContentMs } = opening;
  const reply = await deps.upstream.send({
    requestId: call.requestId,
    provider,
    backend,
    credentials,
    method: "POST",
    path: built.path,
    body: built.body,
    headers: built.headers,
    stream: call.stream,
    streamType: opening.dialect.framing?.contentType,
    firstContentMs,
    controller: call.endSwitch(),
    traceparent: call.traceparent,
    simulate,
  });
  const shown = showing(opening, reply);
  try {
    if (reply.status < 200 || reply.status > 299) throw await refused(reply, shown, deps);
    if (call.stream) return await openStream(call, reply, shown);
    return wholeIn(await reply.readText(), call, reply, shown);
  } catch (error) {
    reply.close();
    throw toldFault(error, tellerOf(reply, shown));
  }
}

/** With all that the upstream was shown: tokens and signatures are no less secret than keys. */
function showing(opening: Opening, { shown }: UpstreamReply): Opening {
  if (shown === undefined) return opening;
  const { credentials } = opening;
  const secrets = [...(credentials.secrets ?? []), ...shown];
  return { ...opening, credentials: { ...credentials, secrets } };
}

function tellerOf(reply: UpstreamReply, { credentials }: Opening): Teller {
  return { credentials, simulated: reply.simulated === true };
}

async function refused(
  reply: UpstreamReply,
  { dialect, credentials }: Opening,
  deps: Pick<InferenceDeps, "clock">,
): Promise<FaultError> {
  // How much of an error is read is bounded by the transport. Before the dialect shortens it: half a credential
  // would not be found.
  const body = withoutCredentials(await reply.readText(), credentials);
  const fault: Fault = dialect.classify(reply.status, reply.headers, body, deps.clock.now());
  return new FaultError(reply.upstreamId === undefined ? fault : { upstreamId: reply.upstreamId, ...fault });
}

/**
 * A whole answer, with as many choices as were asked for; what had to be left out stands in the trace. Beside it what
 * the upstream sent, where the caller's door could pass that on.
 */
function wholeIn(
  read: string,
  call: Call,
  reply: UpstreamReply,
  { dialect, credentials, passes }: Opening,
): Extract<Opened, { kind: "whole" }> {
  const text = withoutSecret(read, credentials);
  const body = parse(text);
  const answer = dialect.decodeAnswer(body);
  reply.close();
  for (const reason of answer.skipped?.slice(0, SKIPPED_TOLD_MAX) ?? []) {
    call.skipped("part_skipped", withoutCredentials(reason, credentials));
  }
  const isPassed = passes && call.door.dialect.passes === dialect.name && isObject(body);
  const raw = isPassed ? { text, body } : undefined;
  const { choices } = answer;
  if (choices.length <= call.choicesAsked) return { kind: "whole", answer, raw, reply };
  call.mark("part_skipped", `${choices.length} choices, ${call.choicesAsked} asked for`);
  const asked = { ...answer, choices: choices.slice(0, call.choicesAsked) };
  return { kind: "whole", answer: asked, raw, reply };
}

async function openStream(call: Call, reply: UpstreamReply, opening: Opening): Promise<Opened> {
  if (hasType(reply, "text/html")) throw new FaultError({ class: "shape", reason: "a web page, no stream" });
  const source = hasType(reply, "json")
    ? new WholeAsStream(wholeIn(await reply.readText(), call, reply, opening).answer)
    : streamOf(call, reply, opening);
  const first: ChatEvent[] = [];
  for (;;) {
    const events = await source.next();
    if (!events) throw new FaultError({ class: "server_error", reason: "the stream ended without content" });
    first.push(...events);
    if (events.some(isContent)) return { kind: "stream", source, first, reply };
    if (first.length > EVENTS_BEFORE_CONTENT_MAX) {
      throw new FaultError({ class: "shape", reason: `${first.length} events and no content` });
    }
  }
}

function streamOf(call: Call, reply: UpstreamReply, opening: Opening): UpstreamStream {
  const { dialect, passes } = opening;
  return new UpstreamStream(reply, dialect, tellerOf(reply, opening), {
    choicesAsked: call.choicesAsked,
    keepsFrames: passes && call.door.dialect.passes === dialect.name,
  });
}

function hasType(reply: UpstreamReply, type: string): boolean {
  return (reply.headers["content-type"] ?? "").toLowerCase().includes(type);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FaultError({
      class: "shape",
      reason: `the body is not JSON: ${JSON.stringify(text.slice(0, 200))}`,
    });
  }
}
