import { SseDecoder } from "../../src/base/sse.ts";
import type { ChatAnswer, ChatEvent, Extra } from "../../src/core/chat.ts";
import type { StreamFrame, UpstreamDialect } from "../../src/core/dialect.ts";
import { type Fault, FaultError } from "../../src/core/fault.ts";
import type { ExpectedFault, Told } from "./case-file.ts";

type MutableTold = Told & { choices: Told["choices"] };

function nothing(): MutableTold {
  return { choices: [], usage: null, id: null, skipped: 0, ended: false };
}

function choiceAt(told: Told, index: number): Told["choices"][number] {
  while (told.choices.length <= index) {
    told.choices.push({
      text: "",
      reasoning: "",
      refusal: "",
      calls: [],
      opaque: [],
      extra: {},
      finish: null,
      detail: null,
    });
  }
  const choice = told.choices[index];
  if (choice === undefined) throw new Error("choices were just filled up");
  return choice;
}

/** Adds one event to what was told. */
export function tell(told: Told, event: ChatEvent): void {
  switch (event.type) {
    case "text":
    case "reasoning":
    case "refusal":
      choiceAt(told, event.index)[event.type] += event.text;
      // What goes on after a finish reason has to finish again.
      if (event.text !== "") choiceAt(told, event.index).finish = null;
      return;
    case "tool_call":
      return tellCall(choiceAt(told, event.index), event);
    case "finish":
      if (choiceAt(told, event.index).finish !== null) throw new Error("one end was told twice");
      choiceAt(told, event.index).finish = event.reason;
      choiceAt(told, event.index).detail = event.detail ? copied(event.detail) : null;
      return;
    case "opaque":
      choiceAt(told, event.index).opaque.push({ ...event.opaque });
      return;
    case "extra":
      return tellExtra(choiceAt(told, event.index), event.extra);
    case "usage":
      told.usage = { ...event.usage };
      return;
    case "upstream_id":
      told.id = event.id;
      return;
    case "skipped":
      told.skipped++;
      return;
    case "frame":
      return;
    case "end":
      told.ended = true;
  }
}

function copied(object: object): Record<string, unknown> {
  return { ...object };
}

function tellExtra(choice: Told["choices"][number], extra: Extra): void {
  for (const [kind, items] of Object.entries(extra)) (choice.extra[kind] ??= []).push(...items);
}

function tellCall(choice: Told["choices"][number], event: ChatEvent & { type: "tool_call" }): void {
  choice.finish = null;
  const known = choice.calls[event.call];
  if (known === undefined) {
    if (event.call !== choice.calls.length) throw new Error(`call ${event.call} leaves a gap`);
    if (event.id === undefined) throw new Error("the first piece of a call has no id");
    const { id, name = "", opaque } = event;
    choice.calls.push({
      id,
      name,
      arguments: event.arguments,
      ...(opaque && { opaque: opaque.map(copied) }),
    });
    return;
  }
  if (event.id !== undefined) throw new Error("a later piece of a call repeats the id");
  known.name += event.name ?? "";
  known.arguments += event.arguments;
  if (event.opaque !== undefined) known.opaque = [...(known.opaque ?? []), ...event.opaque.map(copied)];
}

/** A whole answer in the same terms; it has ended by having arrived. */
export function tellAnswer(answer: ChatAnswer): Told {
  const told = nothing();
  for (const { index, message, finish_reason, stop_detail } of answer.choices) {
    const choice = choiceAt(told, index);
    choice.text = message.content ?? "";
    choice.reasoning = message.reasoning ?? "";
    choice.refusal = message.refusal ?? "";
    choice.calls = (message.tool_calls ?? []).map(({ id, function: fn, opaque }) => ({
      id,
      ...fn,
      ...(opaque && { opaque: opaque.map(copied) }),
    }));
    choice.opaque = (message.opaque ?? []).map((one) => ({ ...one }));
    tellExtra(choice, message.extra ?? {});
    choice.finish = finish_reason;
    choice.detail = stop_detail ? copied(stop_detail) : null;
  }
  told.usage = answer.usage === undefined ? null : { ...answer.usage };
  told.id = answer.upstreamId ?? null;
  told.skipped = answer.skipped?.length ?? 0;
  told.ended = true;
  return told;
}

/** Ways to cut the same bytes into chunks. */
export const CHUNKINGS: Readonly<Record<string, (bytes: Uint8Array) => Iterable<Uint8Array>>> = {
  "in one piece": (bytes) => [bytes],
  "line by line": function* (bytes) {
    for (let from = 0; from < bytes.length;) {
      const lf = bytes.indexOf(0x0a, from);
      const to = lf < 0 ? bytes.length : lf + 1;
      yield bytes.subarray(from, to);
      from = to;
    }
  },
  "byte by byte": function* (bytes) {
    for (let i = 0; i < bytes.length; i++) yield bytes.subarray(i, i + 1);
  },
};

/** Decodes a stream's bytes the way the relay does; `fault` holds what was thrown. */
export function tellStream(dialect: UpstreamDialect, chunks: Iterable<Uint8Array>): Told {
  const told = nothing();
  const frames = dialect.framing?.decoder() ?? new SseDecoder();
  const decoder = dialect.streamDecoder();
  const take = (events: readonly StreamFrame[]): void => {
    for (const { data, event } of events) {
      for (const decoded of decoder.push(data, event)) tell(told, decoded);
    }
  };
  try {
    for (const chunk of chunks) take(frames.push(chunk));
    take(frames.flush());
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    told.fault = { ...error.fault };
  }
  return told;
}

/** Throws unless the fault has what is expected of it; fields nobody expects are let through. */
export function faultLike(fault: Fault, expected: ExpectedFault): ExpectedFault {
  const seen: Record<string, unknown> = { ...fault };
  const shown = Object.keys(expected).map((field) => [field, seen[field] ?? null]);
  return Object.fromEntries(shown) as ExpectedFault;
}
