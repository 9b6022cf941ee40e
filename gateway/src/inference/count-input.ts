import { isList } from "../base/json.ts";
import type { ChatMessage, ChatRequest } from "../core/chat.ts";
import { type FaultClass, FaultError } from "../core/fault.ts";
import { toldFault, withoutCredentials } from "../core/told-fault.ts";
import { estimatePromptTokens } from "../pricing/usage-estimate.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { Call } from "./call.ts";
import type { InferenceDeps } from "./deps.ts";
import type { Prepared } from "./stages/07-prepare.ts";

/** Of an image or a file whose size nobody knows: what a large image comes to. */
const TOKENS_PER_PART = 1_600;

/** How many tokens go in, and who says so. */
export interface Counted {
  readonly tokens: number;
  readonly by: "provider" | "estimate";
}

/** What another backend would say too: the request itself is at fault. */
const FINAL: ReadonlySet<FaultClass> = new Set(["bad_request", "context_length", "content_filter"]);

/** Asks the first backend, and where it fails the next that counts; estimates where one does not. Throws FaultError. */
export async function countInput(prepared: Prepared, deps: InferenceDeps): Promise<Counted> {
  const { call, first, itinerary } = prepared;
  const tried = new Set<Candidate>();
  for (let candidate = first; ;) {
    if (candidate.dialect.tokenCount === undefined) return estimate(prepared.request, call);
    try {
      const tokens = await ask(candidate, prepared, deps);
      call.mark("counted", `by backend ${candidate.backend.id}`);
      return { tokens, by: "provider" };
    } catch (error) {
      tried.add(candidate);
      const next = itinerary.next(deps.clock.monotonic(), (other) => !tried.has(other));
      if (!(error instanceof FaultError) || call.endError || FINAL.has(error.fault.class) || !next)
        throw error;
      // What upstreams say may name hosts and accounts: that is for the log.
      const { class: fault, reason } = error.fault;
      call.mark("count_failed", fault);
      const fields = { request_id: call.requestId, backend_id: candidate.backend.id };
      deps.log.log("info", "count_failed", { ...fields, fault, reason });
      candidate = next;
    }
  }
}

async function ask(candidate: Candidate, prepared: Prepared, deps: InferenceDeps): Promise<number> {
  const { backend, provider, credentials, dialect } = candidate;
  const { call } = prepared;
  const built = prepared.countFor(candidate);
  call.progress.backendId = backend.id;
  const reply = await deps.upstream.send({
    requestId: call.requestId,
    provider,
    backend,
    credentials,
    method: "POST",
    path: built.path,
    body: built.body,
    headers: built.headers,
    stream: false,
    firstContentMs: backend.timeouts.first_byte,
    controller: call.endSwitch(),
    traceparent: call.traceparent,
  });
  try {
    const text = withoutCredentials(await reply.readText(), credentials);
    if (reply.status !== 200) {
      throw new FaultError(dialect.classify(reply.status, reply.headers, text, deps.clock.now()));
    }
    const tokens = dialect.tokenCount?.read(text);
    if (tokens === undefined)
      throw new FaultError({ class: "shape", reason: "the answer is no count of tokens" });
    return tokens;
  } catch (error) {
    throw toldFault(error, { credentials, simulated: false });
  } finally {
    reply.close();
  }
}

/** By the rule that stands in for a usage nobody reports; images and files by what a large one comes to. */
function estimate({ messages, tools = [] }: ChatRequest, call: Call): Counted {
  const others = messages.reduce((sum, { content }) => sum + othersIn(content), 0);
  const bytes = messages.reduce((sum, message) => sum + textBytes(message), 0);
  const toolBytes = tools.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(tools));
  const tokens = estimatePromptTokens(bytes + toolBytes, messages.length) + others * TOKENS_PER_PART;
  call.mark("counted", "estimated");
  return { tokens, by: "estimate" };
}

function othersIn(content: ChatMessage["content"]): number {
  return isList(content) ? content.filter(({ type }) => type !== "text").length : 0;
}

/** Of what a message says: its text, its author's name, and the calls that it asks for. */
function textBytes({ content, name = "", tool_calls: calls = [] }: ChatMessage): number {
  const parts = isList(content) ? content.map((part) => (part.type === "text" ? part.text : "")) : [content];
  const called = calls.flatMap(({ function: { name: of, arguments: given } }) => [of, given]);
  return Buffer.byteLength([name, ...parts, ...called].join(""));
}
