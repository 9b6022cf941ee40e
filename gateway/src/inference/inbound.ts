/** Seconds after which a caller who has stopped reading an answer, or asks nothing more, is cut. */
export const READER_IDLE_SECONDS = 60;

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
