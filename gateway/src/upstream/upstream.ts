import type { Backend, Credentials, Provider } from "../core/catalogue.ts";

/** One call to one backend. */
export interface UpstreamCall {
  readonly requestId: string;
  readonly provider: Provider;
  readonly backend: Backend;
  readonly credentials: Credentials;
  readonly method: "GET" | "POST";
  /** Below the provider's base URL. */
  readonly path: string;
  /** JSON text, unless `contentType` says otherwise. */
  readonly body?: string;
  readonly contentType?: string;
  /** Headers of the wire format, lower-case: they never replace the transport's own or the credentials. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly stream: boolean;
  /** The media type of a stream; that of server-sent events where absent. */
  readonly streamType?: string | undefined;
  /** Milliseconds from sending to the first content (not merely to the headers). */
  readonly firstContentMs: number;
  /**
   * This call's own switch. Aborted by our side when the caller has left, the key was revoked or the process ends
   * its drain, and by the transport when a deadline has passed: the first reason is what the call fails with.
   */
  readonly controller: AbortController;
  /** W3C trace context to pass on. */
  readonly traceparent?: string | undefined;
  /** Only the sandbox listens: what to simulate, and for whom (`times` counts per user). */
  readonly simulate?: { readonly instruction: string; readonly userId: string } | undefined;
}

/** An upstream's answer from its headers on; the body is read piece by piece. */
export interface UpstreamReply {
  readonly status: number;
  /** Lower-case names; only those of the allow-list. */
  readonly headers: Readonly<Record<string, string>>;
  /** The upstream's own request id, if it sent one. */
  readonly upstreamId?: string;
  /** What was made to be shown to the upstream, such as a token: nobody may be told it. */
  readonly shown?: readonly string[];
  /** Set on answers the caller asked a sandbox to fake. */
  readonly simulated?: boolean;
  /**
   * The next bytes; undefined at the end. Throws FaultError: `timeout` (first content, idle, total), `network`,
   * `shape` when the body grows past the cap; the reason of the abort once our side has aborted the call. The
   * body of an error status ends early, without a fault, at its own smaller cap. At most one read at a time.
   */
  read(): Promise<Uint8Array | undefined>;
  /** All that is left of the body as text (UTF-8, a BOM left out). Throws as `read` does. */
  readText(): Promise<string>;
  /**
   * From now on the idle deadline counts between reads, no longer the one for the first content. Calls that are
   * not streams need not say so: their first byte that is not white space does.
   */
  contentSeen(): void;
  /**
   * Ends the call; harmless when the body has ended or when repeated. Must be called on every reply. `complete`
   * says that the dialect's terminal event has been read: what little may follow is then drained, briefly and
   * in the background, so that the connection is used again. Otherwise the connection is closed at once.
   */
  close(how?: "complete"): void;
}

/** The outside world, or the sandbox that stands in for it. */
export interface Upstream {
  /**
   * Throws FaultError before there are headers: `network`, `timeout`, `shape` (not HTTP), `auth` (no usable
   * credential), `unavailable` (misconfigured), `rate_limited` (the backend's own concurrency limit), and from a
   * sandbox whatever the caller asked it to fake; never for a status. Once our side has aborted the call, it
   * rejects with the reason of that instead.
   */
  send(call: UpstreamCall): Promise<UpstreamReply>;
}
