import { systemClock, type Clock } from "../../src/base/clock.ts";
import { ConcurrencyGate } from "../../src/upstream/concurrency.ts";
import { SandboxUpstream } from "../../src/upstream/sandbox/sandbox-upstream.ts";
import type { UpstreamCall, UpstreamReply } from "../../src/upstream/upstream.ts";
import { callOf, readText, type CallOptions } from "./support.ts";

/** A sandbox of its own for each test. */
export function sandboxOf(options: { readonly clock?: Clock; readonly tokenMs?: number } = {}): {
  readonly sandbox: SandboxUpstream;
  readonly gate: ConcurrencyGate;
} {
  const gate = new ConcurrencyGate();
  return { gate, sandbox: new SandboxUpstream({ clock: systemClock, gate, ...options }) };
}

/** A chat call to the sandbox; a string is one user message. */
export function chatCall(chat: string | Record<string, unknown>, options: CallOptions = {}): UpstreamCall {
  const body = typeof chat === "string" ? { messages: [{ role: "user", content: chat }] } : chat;
  const stream = body["stream"] === true;
  return callOf({ type: "sandbox", body: JSON.stringify({ model: "m", ...body }), stream, ...options });
}

/** A call that asks for a simulation. */
export function simulated(
  instruction: object | string,
  options: CallOptions & { stream?: boolean } = {},
): UpstreamCall {
  const text = typeof instruction === "string" ? instruction : JSON.stringify(instruction);
  return chatCall(
    { messages: [{ role: "user", content: "Tell me a long story." }], stream: options.stream === true },
    { simulate: { instruction: text, userId: "user_1" }, ...options },
  );
}

export interface WireAnswer {
  readonly id: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: {
      readonly content: string | null;
      readonly tool_calls?: readonly { id: string; function: { name: string; arguments: string } }[];
    };
    readonly finish_reason: string;
  }[];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  };
}

export interface WireChunk {
  readonly choices: readonly {
    readonly index: number;
    readonly delta: {
      readonly content?: string;
      readonly tool_calls?: readonly {
        index: number;
        id?: string;
        function: { name?: string; arguments: string };
      }[];
    };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: WireAnswer["usage"];
  readonly error?: { readonly message: string };
}

/** All text of a reply, which is closed. */
export async function textOf(reply: UpstreamReply): Promise<string> {
  try {
    return await readText(reply);
  } finally {
    reply.close();
  }
}

/** The whole answer to a chat call. */
export async function answerTo(chat: string | Record<string, unknown>): Promise<WireAnswer> {
  const reply = await sandboxOf().sandbox.send(chatCall(chat));
  const parsed: WireAnswer = JSON.parse(await textOf(reply));
  return parsed;
}

/** What the first choice says. */
export async function contentOf(chat: string | Record<string, unknown>): Promise<string> {
  return (await answerTo(chat)).choices[0]?.message.content ?? "";
}

/** The data of a stream's events, the last of them possibly "[DONE]". */
export async function eventsOf(reply: UpstreamReply): Promise<{ chunks: WireChunk[]; done: boolean }> {
  const data = (await textOf(reply))
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => event.replace(/^data: /, ""));
  const done = data.at(-1) === "[DONE]";
  const chunks = data.filter((text) => text !== "[DONE]").map((text): WireChunk => JSON.parse(text));
  return { chunks, done };
}

/** The text of one choice of a stream. */
export function streamedText(chunks: readonly WireChunk[], index = 0): string {
  return chunks
    .flatMap(({ choices }) => choices)
    .filter((choice) => choice.index === index)
    .map(({ delta }) => delta.content ?? "")
    .join("");
}
