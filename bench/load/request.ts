import { readFileSync } from "node:fs";
import { MAX_TOKENS, MESSAGES } from "./work.ts";

/** Where a load goes, and what it asks for. */
export interface Destination {
  readonly port: number;
  /** The process measured. */
  readonly pid: number;
  /** Where it is several: the others. */
  readonly morePids?: readonly number[];
  readonly path: string;
  readonly model: string;
  readonly key: string;
  /** A file with keys of the same length, one a line, that the calls take turns with; `key` otherwise. */
  readonly keysFile?: string;
}

/** The bytes of one call after another; the same buffer each time, so write it before asking again. */
export type NextRequest = () => Buffer;

/** A prime of no table size, so that steps of it meet every key before one comes twice, in no order of theirs. */
const STRIDE = 48_271;

/** Prepares the calls of a load. Throws when the keys differ in length. */
export function requests(to: Destination, stream: boolean): NextRequest {
  const body = JSON.stringify({
    model: to.model,
    messages: MESSAGES,
    max_tokens: MAX_TOKENS,
    temperature: 0.7,
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
  });
  const bytes = Buffer.from(
    `POST ${to.path} HTTP/1.1\r\nhost: localhost:${to.port}\r\ncontent-type: application/json\r\n` +
      `authorization: Bearer ${to.key}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  if (to.keysFile === undefined) return () => bytes;
  const keys = readFileSync(to.keysFile, "latin1").trimEnd().split("\n");
  if (keys.some((key) => key.length !== to.key.length)) throw new Error("the keys differ in length");
  const keyAt = bytes.indexOf(to.key);
  let next = 0;
  return () => {
    bytes.write(keys[next] ?? to.key, keyAt, "latin1");
    next = (next + STRIDE) % keys.length;
    return bytes;
  };
}
