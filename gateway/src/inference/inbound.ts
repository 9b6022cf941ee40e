import type { Timeouts } from "../core/catalogue.ts";

/** Seconds after which a caller who has stopped reading an answer, or asks nothing more, is cut. */
export const READER_IDLE_SECONDS = 60;

/**
 * Seconds after which a caller who reads no more is cut. Twice as long as a stream that is well may be silent: until
 * its next keep-alive, or where those are off, until one of its backends would have to be given up.
 */
export function readerIdleSeconds(keepAliveSeconds: number, timeouts: readonly Timeouts[]): number {
  const silencesMs = timeouts.map(({ first_byte, idle }) => Math.max(first_byte, idle));
  const silence = keepAliveSeconds === 0 ? Math.max(0, ...silencesMs) / 1000 : keepAliveSeconds;
  return Math.max(READER_IDLE_SECONDS, Math.ceil(silence * 2));
}

/** A caller's request as the pipeline sees it; `http/` makes it from the runtime's own. */
export interface Inbound {
  readonly path: string;
  readonly headers: Headers;
  /** The caller's, as the connection or a trusted proxy tells it. */
  readonly address: string;
  /** Aborted when the caller has gone; a half-closed connection counts as gone. */
  readonly signal: AbortSignal;
  /** Whether the query string holds something that looks like a key: never accepted, but worth a hint. */
  readonly keyInQuery: boolean;
  /**
   * The whole body as text. Throws ApiError PAYLOAD_TOO_LARGE beyond the limit, and what `cover` throws: it is told
   * of the bytes that are announced or have come, before they are kept.
   */
  text(limitBytes: number, cover: (bytes: number) => void): Promise<string>;
  /** Seconds of silence after which the connection is cut; 0 = never. */
  setIdleTimeout(seconds: number): void;
}
