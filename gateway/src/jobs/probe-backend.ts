import type { Clock } from "../base/clock.ts";
import { under } from "../base/under.ts";
import { newId } from "../base/ids.ts";
import type { Pico } from "../base/money.ts";
import type { Intent, Settlement } from "../core/accounting.ts";
import type { Backend, Credentials, DialectName, PriceVersion, Provider } from "../core/catalogue.ts";
import type { ChatAnswer } from "../core/chat.ts";
import type { BuiltRequest, UpstreamDialect } from "../core/dialect.ts";
import { type Fault, FaultError } from "../core/fault.ts";
import { PROBE_METADATA, PROBE_PAYER } from "../core/probe.ts";
import { toldFault, withoutCredentials, withoutSecret } from "../core/told-fault.ts";
import type { Usage } from "../core/usage.ts";
import type { Journal } from "../journal/journal.ts";
import { tieredBound } from "../pricing/tiers.ts";
import { estimatePromptTokens, estimateTokens } from "../pricing/usage-estimate.ts";
import { inForce } from "../pricing/version.ts";
import { vendorOf } from "../providers/catalogue.ts";
import { amount, type Outcome, settlementOf } from "../settlement/settle.ts";
import type { Unsettled } from "../settlement/unsettled.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { StoreUnavailable } from "../store/errors.ts";
import type { Upstream, UpstreamReply } from "../upstream/upstream.ts";

/** Few tokens in, few out: reasoning models of some providers take no less than this. */
const PROMPT = "Reply with OK.";
const OUTPUT_TOKENS_MAX = 16;
/** Whoever takes longer to say so little is not well. */
const TIMEOUT_MS = 10_000;
const LIMITS = Object.freeze({ first_byte: TIMEOUT_MS, idle: TIMEOUT_MS, total: TIMEOUT_MS });
const NO_QUIRKS = Object.freeze({});

export interface ProbeDeps {
  readonly clock: Clock;
  readonly snapshot: Snapshot;
  readonly upstream: Upstream;
  readonly dialects: ReadonlyMap<DialectName, UpstreamDialect>;
  readonly journal: Pick<Journal, "intend" | "settle">;
  /** What the journal takes later. */
  readonly unsettled: Pick<Unsettled, "add">;
  /** Cuts off a probe that is under way: it is settled, and rejects with the reason. */
  readonly stopping: AbortSignal;
}

/** What a probe has come to. */
export interface Probed {
  readonly requestId: string;
  /** Absent where the backend has answered. */
  readonly fault?: Fault;
  readonly cost: Pico;
}

/**
 * Asks a backend for an answer of few tokens and books what that costs on the platform itself: promised in the journal
 * before it is sent and settled after it, like the call of any caller, whatever comes of it. Undefined where nobody can
 * say what it would cost. Rejects with StoreUnavailable: then nothing was sent.
 */
export async function probeBackend(
  backend: Backend,
  provider: Provider,
  deps: ProbeDeps,
): Promise<Probed | undefined> {
  const { clock, snapshot, journal, unsettled, dialects } = deps;
  const now = clock.now();
  const cost = inForce(snapshot.pricesOf(backend.id), now);
  const dialect = dialects.get(backend.dialect);
  if (dialect === undefined || (cost === undefined && !backend.free)) return undefined;
  const intent = intentOf(backend, cost, now);
  if (intent === undefined) return undefined;
  const built = build(dialect, backend, provider);
  const startedMs = clock.monotonic();
  await journal.intend(intent);
  const answered = await ask(intent, backend, provider, { dialect, built }, deps);
  const outcome = outcomeOf(intent, answered, cost, clock.monotonic() - startedMs);
  const settlement: Settlement = settlementOf(intent, outcome, clock.now(), (name) =>
    snapshot.prices.named(name),
  );
  await journal.settle(settlement).catch((error: unknown) => {
    if (!(error instanceof StoreUnavailable)) throw error;
    unsettled.add(settlement);
  });
  if ("error" in answered) throw answered.error;
  const { requestId } = intent;
  return { requestId, cost: settlement.charge.cost, ...("fault" in answered && { fault: answered.fault }) };
}

function intentOf(backend: Backend, cost: PriceVersion | undefined, now: number): Intent | undefined {
  const tokens = { inputTokensMax: PROMPT.length, outputTokensMax: OUTPUT_TOKENS_MAX, n: 1 };
  const most = cost && tieredBound(tokens, cost);
  if (most && most.kind !== "bound") return undefined;
  return {
    requestId: newId("req", now),
    admittedAt: now,
    payer: PROBE_PAYER,
    modelId: "",
    modelSlug: backend.uri,
    backendId: backend.id,
    stream: false,
    inputEstimate: estimatePromptTokens(PROMPT.length, 1),
    bound: { cost: most?.amount ?? 0n, partner: 0n, tenant: 0n },
    costVersionId: cost?.id,
    metadata: PROBE_METADATA,
  };
}

function build(dialect: UpstreamDialect, { upstreamModel }: Backend, provider: Provider): BuiltRequest {
  const request = {
    model: upstreamModel,
    messages: [{ role: "user", content: PROMPT }],
    max_tokens: OUTPUT_TOKENS_MAX,
  } as const;
  return dialect.build(request, { upstreamModel, quirks: vendorOf(provider)?.quirks ?? NO_QUIRKS });
}

type Answered =
  | { readonly answer: ChatAnswer; readonly bytes: number }
  | { readonly fault: Fault }
  /** Cut off, or a bug: it says nothing of the backend. */
  | { readonly error: unknown };

async function ask(
  { requestId }: Intent,
  backend: Backend,
  provider: Provider,
  { dialect, built }: { readonly dialect: UpstreamDialect; readonly built: BuiltRequest },
  { upstream, snapshot, clock, stopping }: ProbeDeps,
): Promise<Answered> {
  const timeouts = { ...LIMITS, connect: backend.timeouts.connect };
  let credentials = snapshot.credentialsOf(backend.id);
  const { controller, release } = under(stopping);
  try {
    const reply = await upstream.send({
      requestId,
      provider,
      backend: { ...backend, timeouts },
      credentials,
      method: "POST",
      path: built.path,
      body: built.body,
      headers: built.headers,
      stream: false,
      firstContentMs: TIMEOUT_MS,
      controller,
    });
    credentials = withShown(credentials, reply);
    try {
      const read = await reply.readText();
      if (reply.status < 200 || reply.status > 299) {
        const body = withoutCredentials(read, credentials);
        throw new FaultError(dialect.classify(reply.status, reply.headers, body, clock.now()));
      }
      const answer = dialect.decodeAnswer(parsed(withoutSecret(read, credentials)));
      return { answer, bytes: read.length };
    } finally {
      reply.close();
    }
  } catch (error) {
    // Some providers quote the key that they refuse, and operators are told the fault.
    const told = toldFault(error, { credentials, simulated: false });
    return told instanceof FaultError ? { fault: told.fault } : { error };
  } finally {
    release();
  }
}

/** With all that the upstream was shown: tokens are no less secret than keys. */
function withShown(credentials: Credentials, { shown }: UpstreamReply): Credentials {
  return shown === undefined
    ? credentials
    : { ...credentials, secrets: [...(credentials.secrets ?? []), ...shown] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FaultError({ class: "shape", reason: "the answer to a probe is not JSON" });
  }
}

function outcomeOf(
  { backendId, inputEstimate }: Intent,
  answered: Answered,
  cost: PriceVersion | undefined,
  latencyMs: number,
): Outcome {
  const base = { backendId, upstreamAtWork: false, latencyMs, ttftMs: undefined };
  if ("answer" in answered) {
    return {
      ...base,
      status: "completed",
      reported: answered.answer.usage,
      outputTokens: Math.min(OUTPUT_TOKENS_MAX, estimateTokens(answered.bytes)),
      delivered: true,
      errorCode: undefined,
    };
  }
  const { neverSent, status }: Partial<Fault> = "fault" in answered ? answered.fault : {};
  // One that said nothing, or nothing of use, may charge for what it was asked all the same.
  const usage: Usage = neverSent === true || status !== undefined ? {} : { input: inputEstimate };
  return {
    ...base,
    status: "failed",
    reported: undefined,
    outputTokens: 0,
    delivered: false,
    errorCode: "fault" in answered ? "BACKEND_ERROR" : "INTERNAL_ERROR",
    costOfOthers: amount(usage, cost),
  };
}
