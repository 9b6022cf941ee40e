import { expect } from "bun:test";
import { formatAmount } from "../../src/base/money.ts";
import { openAiError, openAiStatus } from "../../src/dialects/openai-door/error.ts";
import { ERRORS } from "../../src/errors.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { describeApi, eventually } from "../api/started.ts";
import type { Started } from "../api/started.ts";
import { withStore } from "../api/store-file.ts";
import { textOf, tokensOf, toolArguments } from "../fakes/answers.ts";
import type { FaultUpstream } from "../fakes/fault-upstream.ts";
import { readPlan } from "../fakes/plan.ts";
import type { TruthRecord } from "../fakes/truth-log.ts";
import { openIntents } from "../harness/open-intents.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { pick } from "../harness/json.ts";
import type { Case, Deadlines, Fault, FaultGroup } from "./catalogue/fault.ts";
import { call, OwnUpstream, writtenAbout } from "./observe.ts";
import type { DoorName, Seen, Written } from "./observe.ts";
import { residentMb, socketsOf } from "./process-state.ts";

/** Beyond what any case takes that is not about a deadline. */
export const DEADLINES: Deadlines = { connect: 5_000, first_byte: 15_000, idle: 15_000, total: 20_000 };
/** What a case without a deadline of its own may take, on a busy machine. */
const PATIENCE_MS = 25_000;
/** Spec: within the deadline + 1 s. */
const GRACE_MS = 1_000;
/** Between the two attempts of one call at most. */
const BACKOFF_MS = 400;
const MEMORY_GROWTH_MB = 20;
/** An idle process collects by itself, within a second or two on a quiet machine. */
const COLLECTED_WITHIN_MS = 20_000;
const DOORS: readonly DoorName[] = ["native", "openai"];
const WARM_UP_MODELS = 8;
/** Of each form, at each door. */
const WARM_UP_CALLS = 3;
/** Pico per token, in and out: the harness's prices. */
export const PRICE = { input: 2_500_000n, output: 10_000_000n };

/** Where a case's provider is, and what it has seen, if it can see anything. */
export interface Place {
  readonly url: string;
  readonly log: FaultUpstream["log"] | undefined;
}

export interface FaultsOptions {
  /** Without it, a fault upstream of each case's own does as its plan says. */
  readonly places?: (plan: string) => Place;
  /** Of the gateway. */
  readonly env?: Readonly<Record<string, string>>;
  /** Both unless given. */
  readonly doors?: readonly DoorName[];
  /** The provider of the calls before and between the cases; the harness's own unless given. */
  readonly common?: () => FaultUpstream;
}

/** A case with a name, at one door. */
export interface Numbered extends Case {
  readonly title: string;
  readonly door: DoorName;
}

function numbered({ number, does, cases }: Fault, door: DoorName): readonly Numbered[] {
  const where = door === "native" ? "" : ` at the ${door} door`;
  return cases.map((each) => {
    const how = each.form === "whole" ? "whole" : each.after === true ? "stream, after content" : "stream";
    return { ...each, door, title: `${number} (${how})${where}: a provider that ${does}` };
  });
}

/** What a suite does with one group: a quiet beginning, every case, a quiet end. */
export interface Suite {
  readonly cases: readonly Numbered[];
  /** Warms the gateway up, and notes its sockets and memory. */
  readonly begin: () => Promise<void>;
  /** Proves one case; several at once if need be. */
  readonly prove: (each: Numbered) => Promise<void>;
  /** Nothing is in flight, every call is settled once, sockets and memory are as before. */
  readonly end: () => Promise<void>;
  /** Takes note of a call that was made beside the cases. */
  readonly noted: (requestId: string) => void;
}

/** `describe` for a group of faults, against a gateway of its own. */
export function describeFaults(
  group: FaultGroup,
  body: (suite: Suite, started: Started) => void,
  options: FaultsOptions = {},
): void {
  describeApi(group.title, (started) => body(new Proof(group, started, options), started), options.env);
}

class Proof implements Suite {
  readonly cases: readonly Numbered[];
  readonly #started: Started;
  readonly #options: FaultsOptions;
  readonly #calls: string[] = [];
  readonly #before = { sockets: 0, memoryMb: 0 };

  constructor(group: FaultGroup, started: Started, options: FaultsOptions) {
    const { doors = DOORS } = options;
    this.cases = doors.flatMap((door) => group.faults.flatMap((fault) => numbered(fault, door)));
    this.#started = started;
    this.#options = options;
  }

  readonly begin = async (): Promise<void> => {
    const { gateway } = this.#started;
    const { doors = DOORS } = this.#options;
    const asked = doors.flatMap((door) => [
      { door, form: "whole" as const },
      { door, form: "stream" as const },
    ]);
    for (let i = 0; i < WARM_UP_MODELS; i++) {
      const { slug } = await addFakeBackend(gateway, this.#common());
      for (const each of Array.from({ length: WARM_UP_CALLS }, () => asked).flat()) {
        const { requestId } = await call(gateway, slug, each);
        await writtenAbout(gateway, requestId);
        this.#calls.push(requestId);
      }
    }
    await quiet(this.#started);
    this.#before.sockets = this.#ownSockets();
    this.#before.memoryMb = residentMb(gateway.pid);
  };

  readonly noted = (requestId: string): void => void this.#calls.push(requestId);

  #common(): FaultUpstream {
    return this.#options.common?.() ?? this.#started.fake;
  }

  /** The gateway's sockets but for callers' connections and those kept to the common provider. */
  #ownSockets(): number {
    const { gateway } = this.#started;
    const { own, forgotten } = socketsOf(gateway.pid, Number(new URL(gateway.url).port));
    return own + forgotten - this.#common().connections;
  }

  readonly prove = async (each: Numbered): Promise<void> => {
    const { gateway } = this.#started;
    using upstream = new OwnUpstream();
    const own: Place = { url: upstream.url, log: upstream.log };
    const place = this.#options.places?.(each.plan) ?? own;
    const options = { plans: [each.plan], timeouts: { ...DEADLINES, ...each.deadlines } };
    const { slug } = await addFakeBackend(gateway, place, options);
    let attempts = 0;
    for (let i = 0; i < (each.calls ?? 1); i++) {
      const from = place.log?.records.length;
      const seen = await call(gateway, slug, each, {
        count: each.gets.kind === "cut" ? each.gets.tokens : 0,
        reached: () => upstream.gates.open("read"),
      });
      this.#calls.push(seen.requestId);
      const written = await writtenAbout(gateway, seen.requestId);
      attempts += written.attempts.length;
      checkGot(each, seen);
      checkWritten(each, seen, written, place.log?.records.slice(from) ?? []);
      expect(seen.tookMs).toBeLessThan((each.withinMs ?? PATIENCE_MS) + GRACE_MS + BACKOFF_MS);
    }
    expect(attempts).toBe(each.attempts);
    if (place !== own) return;
    expect(upstream.log.records).toHaveLength(each.attempts);
    await eventually("end of the provider's work", quietReply, () => upstream.connectionsBusy === 0);
  };

  readonly end = async (): Promise<void> => {
    const { gateway } = this.#started;
    const { sockets, memoryMb } = this.#before;
    await quiet(this.#started);
    const asBefore = () => this.#ownSockets() <= sockets;
    await eventually(`the ${sockets} sockets from before`, quietReply, asBefore);
    await withStore(gateway, (store) => {
      const rows = store.query<{ request_id: string }, []>("select request_id from usage").all();
      expect(rows.map((row) => row.request_id).sort()).toEqual([...this.#calls].sort());
      expect(openIntents(gateway.dataDir, store)).toEqual([]);
    });
    expect(gateway.output.text).not.toContain("INTERNAL_ERROR");
    const grown = () => residentMb(gateway.pid) - memoryMb;
    const small = () => grown() <= MEMORY_GROWTH_MB;
    await eventually(`memory as before, ${memoryMb} MB`, quietReply, small, COLLECTED_WITHIN_MS);
  };
}

/** For looks at something else than an answer. */
const quietReply = () => Promise.resolve({ status: 0, headers: new Headers(), body: undefined, text: "" });

/** Resolves once the gateway says that nothing is in flight. */
export async function quiet({ gateway }: Started): Promise<void> {
  await eventually(
    "idle gateway",
    () => gateway.api("GET", "/metrics", { headers: { connection: "close" } }),
    ({ text }) =>
      text.includes("\nscaigrid_streams_open 0\n") &&
      !/^scaigrid_backend_inflight_requests\{[^}]*\} [1-9]/m.test(text),
  );
}

/** An error as a door tells it. */
function wordsFor(
  code: ErrorCode,
  door: DoorName,
): { readonly status: number; readonly code: string | null } {
  if (door === "native") return { status: ERRORS[code].status, code };
  return { status: openAiStatus(code), code: openAiError(code, "").code };
}

/** What the caller got is what the catalogue says, to the last byte. */
function checkGot({ gets, plan, door, n = 1 }: Numbered, seen: Seen): void {
  const { status, code, retryAfter, cutCode, text, finishReason, malformed } = seen;
  const { tokens, utf8, tools } = readPlan(plan);
  expect(malformed).toEqual([]);
  switch (gets.kind) {
    case "answer":
      expect({ status, code, cutCode, text }).toEqual({
        status: 200,
        code: undefined,
        cutCode: undefined,
        text: gets.text ?? textOf(tokens, utf8),
      });
      expect(seen.texts).toEqual(Array.from({ length: n }, () => text));
      expect(finishReason).toBeString();
      expect(seen.usage).toMatchObject({ total_tokens: expect.any(Number) });
      if (tools > 0) expect(seen.tools).toEqual(Array.from({ length: tools }, (_, i) => toolArguments(i)));
      return;
    case "error": {
      expect({ status, code, text }).toEqual({ ...wordsFor(gets.code, door), text: "" });
      const [least, most] = gets.retryAfter ?? [];
      if (least === undefined) return;
      expect(retryAfter).toMatch(/^\d+$/);
      expect(Number(retryAfter)).toBeGreaterThanOrEqual(least);
      expect(Number(retryAfter)).toBeLessThanOrEqual(most ?? least);
      return;
    }
    case "cut":
      expect({ status, cutCode, text, finishReason, usage: seen.usage }).toEqual({
        status: 200,
        cutCode: wordsFor(gets.code, door).code,
        text: textOf(gets.tokens, false),
        finishReason: undefined,
        usage: undefined,
      });
  }
}

/** Trace, usage record and the provider's own log agree with one another and with what the caller saw. */
function checkWritten(each: Case, seen: Seen, written: Written, truth: readonly TruthRecord[]): void {
  const { usage } = written;
  const [tokensIn, tokensOut] = [Number(usage["tokens_in"]), Number(usage["tokens_out"])];
  const isAnswer = each.gets.kind === "answer";
  expect(usage["status"]).toBe(isAnswer ? "completed" : "failed");
  expect(written.outcome).toBe(isAnswer ? "completed" : "failed");
  // Each attempt is told as what it was, the one that broke after its first content included.
  const isFailed = written.attempts.map((outcome) => outcome !== "ok");
  expect(isFailed).toEqual(written.attempts.map((_, i) => !isAnswer || i < written.attempts.length - 1));
  if (each.traced !== undefined) expect(written.timeline).toContain(each.traced);
  const price = BigInt(tokensIn) * PRICE.input + BigInt(tokensOut) * PRICE.output;
  if (each.charged !== "capped") expect(usage["cost"]).toBe(formatAmount(price));
  if (isAnswer) {
    expect(seen.usage).toMatchObject({ prompt_tokens: tokensIn, completion_tokens: tokensOut });
  }
  const last = truth.at(-1);
  if (last !== undefined && each.gets.kind !== "error") expect(written.upstreamId).toBe(last.fakeId);
  switch (each.charged) {
    case "nothing":
      expect([tokensIn, tokensOut, usage["estimated"]]).toEqual([0, 0, false]);
      return;
    case "reported":
    case "capped":
      expect(usage["estimated"]).toBe(false);
      expect(tokensIn).toBe(Number(pick(last?.usageReported, "prompt_tokens")));
      expect(tokensOut).toBe(Number(pick(last?.usageReported, "completion_tokens")));
      if (each.charged === "capped") expect(Number(usage["cost"])).toBeLessThan(Number(formatAmount(price)));
      return;
    case "estimated":
    case "delivered":
      expect(usage["estimated"]).toBe(true);
      expect(tokensIn).toBeGreaterThan(0);
      // A token of the fake is four bytes: what was sent, what arrived and what is charged are one number.
      expect(tokensOut).toBe(tokensOf(seen.text));
      expect(tokensOut).toBe(last?.tokensSent ?? -1);
  }
}
