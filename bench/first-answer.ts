import type { Gateway } from "../gateway/test/harness/gateway.ts";
import type { Destination } from "./load/request.ts";
import { MAX_TOKENS, MESSAGES } from "./load/work.ts";

/** A start, up to the end of the first chat answer. */
export interface FirstAnswer {
  readonly ms: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
}

/**
 * Times a start: from the process's to the last byte of the first whole answer. Throws when that is none. `begin`
 * starts the process and says where it listens.
 */
export async function timeStart(begin: () => Promise<Destination>): Promise<FirstAnswer> {
  const startedAt = performance.now();
  const { port, path, key, model } = await begin();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: MESSAGES, max_tokens: MAX_TOKENS }),
  });
  const text = await response.text();
  const ms = performance.now() - startedAt;
  if (!response.ok) throw new Error(`the first call was answered ${response.status}: ${text}`);
  const { data } = JSON.parse(text);
  return { ms, tokensIn: data.usage.prompt_tokens, tokensOut: data.usage.completion_tokens };
}

/** Times another start on a gateway's data folder; the process that runs is stopped first. */
export async function timeRestart(
  gateway: Gateway,
  destination: (gateway: Gateway) => Destination,
): Promise<FirstAnswer> {
  await gateway.terminate();
  return timeStart(async () => {
    await gateway.restart();
    return destination(gateway);
  });
}
