import type { Clock } from "../../base/clock.ts";
import { FaultError } from "../../core/fault.ts";
import type { ConcurrencyGate } from "../concurrency.ts";
import { Exchange } from "../exchange.ts";
import type { Upstream, UpstreamCall, UpstreamReply } from "../upstream.ts";
import { pause } from "../waits.ts";
import { answerTokens, limited, type Answer } from "./answer.ts";
import { compose } from "./compose.ts";
import { contextLengthError, CONTEXT_WINDOW_TOKENS, failureFor, type Failure } from "./faked.ts";
import { readRequest, type SandboxRequest } from "./request.ts";
import { asSimulated, SandboxReply, type Step } from "./sandbox-reply.ts";
import { Simulations, type Simulation } from "./simulation.ts";
import { promptTokens } from "./tokens.ts";
import * as wire from "./wire.ts";

export interface SandboxUpstreamOptions {
  readonly clock: Clock;
  readonly gate: ConcurrencyGate;
  /** Milliseconds between words of every answer; 0 = as fast as they are read. */
  readonly tokenMs?: number;
}

const JSON_HEADERS = { "content-type": "application/json" };
const STREAM_HEADERS = { "content-type": "text/event-stream; charset=utf-8" };
const CHAT_PATH = "/chat/completions";
const MODELS_PATH = "/models";
const MODELS_BODY = JSON.stringify({
  object: "list",
  data: [{ id: "poolnoodle-omni", object: "model", created: 0, owned_by: "sandbox" }],
});

/** What the reply to one call is made of. */
interface Script {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly steps: Iterator<Step>;
}

/** The pace of one answer, in milliseconds. */
interface Pace {
  readonly firstMs: number;
  readonly wordMs: number;
}

/** An upstream without a network or an account: it answers from the prompt alone, in the OpenAI chat format. */
export class SandboxUpstream implements Upstream {
  readonly #options: SandboxUpstreamOptions;
  readonly #simulations: Simulations;

  constructor(options: SandboxUpstreamOptions) {
    this.#options = options;
    this.#simulations = new Simulations(options.clock);
  }

  async send(call: UpstreamCall): Promise<UpstreamReply> {
    const simulation = this.#simulations.of(call);
    const exchange = new Exchange(call, this.#options.gate, this.#options.clock);
    const simulated = simulation !== undefined;
    try {
      const script = await this.#play(call, simulation ?? {}, exchange);
      exchange.headersSeen();
      return new SandboxReply({ ...script, upstreamId: answerId(call), simulated }, exchange);
    } catch (error) {
      exchange.end();
      throw asSimulated(error, simulated);
    }
  }

  async #play(call: UpstreamCall, simulation: Simulation, exchange: Exchange): Promise<Script> {
    if (call.method === "GET" && call.path === MODELS_PATH) return scripted(200, MODELS_BODY);
    const request = call.path === CHAT_PATH ? readRequest(call.body) : undefined;
    if (request === undefined) {
      const message = `The sandbox answers POST ${CHAT_PATH} and GET ${MODELS_PATH}.`;
      return refused(400, { message, type: "invalid_request_error", param: null, code: null });
    }
    const tokens = promptTokens(request);
    if (tokens > CONTEXT_WINDOW_TOKENS) return refused(400, contextLengthError(tokens));
    const failure = simulation.error === undefined ? undefined : failureFor(simulation.error, simulation);
    const failsInside = call.stream && simulation.cutAfterTokens !== undefined;
    if (failure !== undefined && !failsInside) {
      if (simulation.firstTokenMs !== undefined) await pause(simulation.firstTokenMs, exchange.signal);
      return failed(failure);
    }
    return this.#answer(call, request, simulation, failure);
  }

  #answer(
    call: UpstreamCall,
    request: SandboxRequest,
    simulation: Simulation,
    failure: Failure | undefined,
  ): Script {
    // Only a stream is worth watching: a whole answer comes at once, unless it was asked to be slow.
    const wordMs = simulation.tokenMs ?? (call.stream ? (this.#options.tokenMs ?? 0) : 0);
    const pace = { firstMs: simulation.firstTokenMs ?? wordMs, wordMs };
    const head = {
      id: answerId(call),
      model: request.model,
      created: Math.floor(this.#options.clock.now() / 1_000),
    };
    const answer = compose(request);
    const cut = simulation.cutAfterTokens;
    if (call.stream) {
      const steps =
        cut === undefined ? whole(head, answer, request, pace) : broken(head, answer, cut, pace, failure);
      return { status: 200, headers: STREAM_HEADERS, steps };
    }
    const body = wire.wholeBody(head, answer, request.choices, usageOf(request, answer));
    const waitMs = pace.firstMs + wordMs * Math.max(0, answer.pieces.length - 1);
    return { status: 200, headers: JSON_HEADERS, steps: bodySteps(body, waitMs, cut !== undefined) };
  }
}

function answerId(call: UpstreamCall): string {
  return `chatcmpl-sandbox-${call.requestId.replace(/^req_/, "")}`;
}

function usageOf(request: SandboxRequest, answer: Answer): wire.WireUsage {
  const prompt = promptTokens(request);
  const completion = answerTokens(answer) * request.choices;
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

function scripted(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Script {
  return { status, headers: { ...JSON_HEADERS, ...headers }, steps: bodySteps(body, 0, false) };
}

function refused(status: number, error: wire.WireError, headers?: Readonly<Record<string, string>>): Script {
  return scripted(status, wire.errorBody(error), headers);
}

function failed(failure: Failure): Script {
  switch (failure.kind) {
    case "answer":
      return refused(failure.status, failure.error, failure.headers);
    case "garbage":
      return scripted(200, failure.body);
    case "fault":
      throw new FaultError(failure.fault);
  }
}

/** A body in one go; a cut one breaks off in the middle, as a connection does. */
function* bodySteps(body: string, waitMs: number, cut: boolean): Generator<Step, undefined> {
  if (!cut) {
    yield { waitMs, text: body };
    return;
  }
  yield { waitMs, text: body.slice(0, Math.floor(body.length / 2)) };
  yield {
    waitMs: 0,
    fault: { class: "network", reason: "simulated break of the connection", simulated: true },
  };
}

function* words(head: wire.Head, answer: Answer, index: number, pace: Pace): Generator<Step, undefined> {
  yield { waitMs: 0, text: wire.openingFrame(head, index) };
  let waitMs = index === 0 ? pace.firstMs : pace.wordMs;
  for (const piece of answer.pieces) {
    yield { waitMs, text: wire.pieceFrame(head, index, piece) };
    waitMs = pace.wordMs;
  }
}

/** A stream as it should be. */
function* whole(
  head: wire.Head,
  answer: Answer,
  request: SandboxRequest,
  pace: Pace,
): Generator<Step, undefined> {
  for (let index = 0; index < request.choices; index++) {
    yield* words(head, answer, index, pace);
    yield { waitMs: 0, text: wire.finishFrame(head, index, answer) };
  }
  if (request.includeUsage) yield { waitMs: 0, text: wire.usageFrame(head, usageOf(request, answer)) };
  yield { waitMs: 0, text: wire.DONE_FRAME };
}

/** A stream that ends too early: in silence, or with the failure asked for. */
function* broken(
  head: wire.Head,
  answer: Answer,
  tokens: number,
  pace: Pace,
  failure: Failure | undefined,
): Generator<Step, undefined> {
  yield* words(head, limited(answer, tokens), 0, pace);
  switch (failure?.kind) {
    case undefined:
      return;
    case "answer":
      yield { waitMs: 0, text: wire.frame({ error: failure.error }) };
      return;
    case "garbage":
      yield {
        waitMs: 0,
        fault: { class: "shape", reason: "simulated garbage in the stream", simulated: true },
      };
      return;
    case "fault":
      yield { waitMs: 0, fault: failure.fault };
  }
}
