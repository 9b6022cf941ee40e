import { type ChatRequest, ORIGINAL } from "../core/chat.ts";
import type { Prefill } from "../core/dialect.ts";
import { estimateTokens } from "../pricing/usage-estimate.ts";
import { vendorOf } from "../providers/catalogue.ts";
import type { Candidate } from "../routing/candidate.ts";

/** A final assistant message and nothing else: what most servers that can do it at all want. */
const PLAIN: Prefill = Object.freeze({});
/** What a backend whose vendor says nothing of it states among its capabilities. */
const CAPABILITY = "prefill";

/** How a backend is told to go on from the beginning of an answer; undefined where it cannot be. */
export function prefillOf({
  backend,
  provider,
}: Pick<Candidate, "backend" | "provider">): Prefill | undefined {
  const known = vendorOf(provider)?.quirks.prefill;
  return known ?? (backend.capabilities.includes(CAPABILITY) ? PLAIN : undefined);
}

function tokensOf(said: string): number {
  return estimateTokens(Buffer.byteLength(said));
}

/** The request with what has been said as its last message. */
export function continued(request: ChatRequest, said: string, candidate: Candidate): ChatRequest {
  const { message, request: fields } = prefillOf(candidate) ?? PLAIN;
  // The caller's own words have no end that could be gone on from.
  const { [ORIGINAL]: _original, ...rest } = request;
  const { max_tokens } = request;
  return {
    ...rest,
    ...fields,
    model: request.model,
    ...(max_tokens !== undefined && { max_tokens: Math.max(1, max_tokens - tokensOf(said)) }),
    messages: [...request.messages, { ...message, role: "assistant", content: said }],
  };
}
