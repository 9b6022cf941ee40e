import type { Backend, Credentials, PriceVersion, Provider } from "../core/catalogue.ts";
import { isObject } from "../base/json.ts";
import type { ChatAnswer, ChatEvent, RawAnswer } from "../core/chat.ts";
import type { BuiltRequest, UpstreamDialect } from "../core/dialect.ts";
import { type Fault, FaultError } from "../core/fault.ts";
import type { UpstreamCall, UpstreamReply } from "../upstream/upstream.ts";
import type { Call } from "./call.ts";
import type { InferenceDeps } from "./deps.ts";
import { type Teller, toldFault, withoutCredentials, withoutSecret } from "./told-fault.ts";
import { type EventSource, UpstreamStream, WholeAsStream, isContent } from "./upstream-stream.ts";

/** Parts of a whole answer that could not be read of which the trace tells. */
const SKIPPED_TOLD_MAX = 20;

/** Events that say nothing to the caller; they wait in memory for the first that does. */
const EVENTS_BEFORE_CONTENT_MAX = 10_000;

/** A backend with all that is needed to call it. */
export interface Candidate {
  readonly backend: Backend;
  readonly provider: Provider;
  readonly credentials: Credentials;
  readonly dialect: UpstreamDialect;
  /** What it charges, at admission; undefined where it is free. */
  readonly cost: PriceVersion | undefined;
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
  candidate: Candidate,
  built: BuiltRequest,
  simulate: UpstreamCall["simulate"],
  deps: InferenceDeps,
): Promise<Opened> {
  const reply = await deps.upstream.send({
    requestId: call.requestId,
    provider: candidate.provider,
    backend: candidate.backend,
    credentials: candidate.credentials,
    method: "POST",
    path: built.path,
    body: built.body,
    headers: built.headers,
    stream: call.stream,
    streamType: candidate.dialect.framing?.contentType,
    // There is no other backend a whole answer that is late could come from: it has the total deadline alone.
    firstContentMs: call.stream ? candidate.backend.timeouts.first_byte : candidate.backend.timeouts.total,
    controller: call.endSwitch(),
    traceparent: call.traceparent,
    simulate,
  });
  try {
    if (reply.status < 200 || reply.status > 299) throw await refused(reply, candidate, deps);
    return call.stream ? await openStream(call, reply, candidate) : await openWhole(call, reply, candidate);
  } catch (error) {
    reply.close();
    throw toldFault(error, tellerOf(reply, candidate));
  }
}

function tellerOf(reply: UpstreamReply, { credentials }: Candidate): Teller {
  return { credentials, simulated: reply.simulated === true };
}

async function refused(
  reply: UpstreamReply,
  { dialect, credentials }: Candidate,
  deps: InferenceDeps,
): Promise<FaultError> {
  // How much of an error is read is bounded by the transport. Before the dialect shortens it: half a credential
  // would not be found.
  const body = withoutCredentials(await reply.readText(), credentials);
  const fault: Fault = dialect.classify(reply.status, reply.headers, body, deps.clock.now());
  return new FaultError(reply.upstreamId === undefined ? fault : { upstreamId: reply.upstreamId, ...fault });
}

async function openWhole(call: Call, reply: UpstreamReply, candidate: Candidate): Promise<Opened> {
  const { answer, raw } = await readAnswer(call, reply, candidate);
  return { kind: "whole", answer, raw, reply };
}

/**
 * A whole answer, with as many choices as were asked for; what had to be left out stands in the trace. Beside it what
 * the upstream sent, where the caller's door could pass that on.
 */
async function readAnswer(
  call: Call,
  reply: UpstreamReply,
  { dialect, credentials }: Candidate,
): Promise<{ readonly answer: ChatAnswer; readonly raw: RawAnswer | undefined }> {
  const text = withoutSecret(await reply.readText(), credentials);
  const body = parse(text);
  const answer = dialect.decodeAnswer(body);
  reply.close();
  for (const reason of answer.skipped?.slice(0, SKIPPED_TOLD_MAX) ?? []) {
    call.mark("part_skipped", withoutCredentials(reason, credentials));
  }
  const isPassed = call.door.dialect.passes === dialect.name && isObject(body);
  const raw = isPassed ? { text, body } : undefined;
  const { choices } = answer;
  if (choices.length <= call.choicesAsked) return { answer, raw };
  call.mark("part_skipped", `${choices.length} choices, ${call.choicesAsked} asked for`);
  return { answer: { ...answer, choices: choices.slice(0, call.choicesAsked) }, raw };
}

async function openStream(call: Call, reply: UpstreamReply, candidate: Candidate): Promise<Opened> {
  if (hasType(reply, "text/html")) throw new FaultError({ class: "shape", reason: "a web page, no stream" });
  const source = hasType(reply, "json")
    ? new WholeAsStream((await readAnswer(call, reply, candidate)).answer)
    : streamOf(call, reply, candidate);
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

function streamOf(call: Call, reply: UpstreamReply, candidate: Candidate): UpstreamStream {
  const { dialect } = candidate;
  return new UpstreamStream(reply, dialect, tellerOf(reply, candidate), {
    choicesAsked: call.choicesAsked,
    keepsFrames: call.door.dialect.passes === dialect.name,
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
