import type { z } from "zod";
import { SseDecoder } from "../../../../src/base/sse.ts";
import { scaigrid } from "../../../../src/dialects/scaigrid/scaigrid.ts";
import {
  chatAnswerSchema,
  chatChunkSchema,
  type usageSchema,
} from "../../../../src/dialects/scaigrid/wire.ts";
import type { DoorReader, Heard } from "./door.ts";

/** The native format has no package: its own schema reads it. */
const NOTHING: Omit<Heard, "calls"> = {
  text: "",
  reasoning: "",
  refusal: "",
  finish: null,
  prompt: undefined,
  answer: undefined,
  cached: 0,
  reasoned: 0,
};

function usageHeard(usage: z.output<typeof usageSchema>): Partial<Heard> {
  return {
    prompt: usage.prompt_tokens,
    answer: usage.total_tokens - usage.prompt_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    reasoned: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}

/** Native chat. */
export const nativeReader: DoorReader = {
  door: scaigrid,
  whole(body) {
    const { choices, usage } = chatAnswerSchema.parse(JSON.parse(body));
    const [choice] = choices;
    if (choice === undefined) throw new Error("no choice");
    const { content, reasoning = "", refusal = "", tool_calls = [], opaque, extra } = choice.message;
    return Promise.resolve({
      ...NOTHING,
      ...usageHeard(usage),
      text: content ?? "",
      reasoning,
      refusal,
      calls: tool_calls.map(({ id, function: fn, opaque: kept }) => ({
        id,
        name: fn.name,
        arguments: fn.arguments,
        ...(kept && { opaque: kept }),
      })),
      opaque: opaque ?? [],
      extra: extra ?? {},
      finish: choice.finish_reason,
    });
  },
  stream(bytes) {
    const calls: { id: string; name: string; arguments: string; opaque?: readonly object[] }[] = [];
    let said: Heard = { ...NOTHING, calls, opaque: [], extra: {} };
    for (const { data } of new SseDecoder().push(bytes)) {
      if (data === "[DONE]") continue;
      const { choices, usage } = chatChunkSchema.parse(JSON.parse(data));
      const [choice] = choices;
      const { content = "", reasoning = "", refusal = "", tool_calls = [] } = choice?.delta ?? {};
      const { opaque = said.opaque, extra = said.extra } = choice?.delta ?? {};
      for (const { index, id, function: fn, opaque: kept } of tool_calls) {
        const call = (calls[index] ??= { id: id ?? "", name: fn.name ?? "", arguments: "" });
        call.arguments += fn.arguments;
        if (kept) call.opaque = kept;
      }
      said = {
        ...said,
        ...(usage && usageHeard(usage)),
        ...(opaque && { opaque }),
        ...(extra && { extra }),
        text: said.text + content,
        reasoning: said.reasoning + reasoning,
        refusal: said.refusal + refusal,
        finish: choice?.finish_reason ?? said.finish,
      };
    }
    return Promise.resolve(said);
  },
};
