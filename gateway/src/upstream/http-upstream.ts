import type { Clock } from "../base/clock.ts";
import { FaultError } from "../core/fault.ts";
import { authHeaders } from "../providers/auth.ts";
import { vendorOf, type Vendor } from "../providers/catalogue.ts";
import { Authenticator } from "./auth/authenticator.ts";
import type { ConcurrencyGate } from "./concurrency.ts";
import { ConnectWatch, type Destination } from "./connect-watch.ts";
import type { CheckedAddress, EgressGuard, EgressPolicy } from "./egress/guard.ts";
import { Exchange } from "./exchange.ts";
import { HttpReply, type BodyLimits } from "./http-reply.ts";
import { networkFault, neverConnected } from "./network-fault.ts";
import { targetOf, urlAt, type Target } from "./target.ts";
import type { Upstream, UpstreamCall, UpstreamReply } from "./upstream.ts";

export interface HttpUpstreamOptions {
  readonly clock: Clock;
  readonly guard: EgressGuard;
  readonly gate: ConcurrencyGate;
  readonly policy: EgressPolicy;
  /** Of this program, for the user-agent header. */
  readonly version: string;
  /** PEM certificates trusted instead of the built-in authorities, for upstreams with an authority of their own. */
  readonly ca?: string;
  /** Largest answer, after decompression. */
  readonly bodyBytesMax?: number;
  /** How much of an error's body is read. */
  readonly errorBodyBytesMax?: number;
}

/** One call, ready to be sent to whichever address takes it. */
interface Sending {
  readonly call: UpstreamCall;
  readonly target: Target;
  readonly init: BunFetchRequestInit;
  readonly exchange: Exchange;
}

/** Headers of what is shown otherwise than by a key. */
const NO_KEY = { headers: {}, problem: undefined };

const BODY_BYTES_MAX = 64 * 1024 * 1024;
const ERROR_BODY_BYTES_MAX = 64 * 1024;
/** Addresses of one name tried in turn while none has taken the connection. */
const ADDRESSES_TRIED_MAX = 3;

/** Calls over HTTP, each to an address the egress guard has checked. Redirects and proxy settings are ignored. */
export class HttpUpstream implements Upstream {
  readonly #options: HttpUpstreamOptions;
  readonly #limits: BodyLimits;
  readonly #watch: ConnectWatch;
  readonly #userAgent: string;
  readonly #authenticator: Authenticator;
  // Providers are replaced, never changed, so what their URL means may be remembered with them.
  readonly #targets = new WeakMap<UpstreamCall["provider"], Target>();
  /** Headers of whole answers and of streams, for keys that are shown as they are: the same for every call. */
  readonly #fixed = {
    whole: new WeakMap<UpstreamCall["credentials"], Record<string, string>>(),
    stream: new WeakMap<UpstreamCall["credentials"], Record<string, string>>(),
  };

  constructor(options: HttpUpstreamOptions) {
    this.#options = options;
    this.#limits = {
      bodyBytesMax: options.bodyBytesMax ?? BODY_BYTES_MAX,
      errorBodyBytesMax: options.errorBodyBytesMax ?? ERROR_BODY_BYTES_MAX,
    };
    this.#watch = new ConnectWatch(options.clock);
    this.#authenticator = new Authenticator(options.clock, this);
    this.#userAgent = `scaigrid/${options.version}`;
  }

  async send(call: UpstreamCall): Promise<UpstreamReply> {
    const vendor = vendorOf(call.provider);
    if (vendor === undefined) {
      throw new FaultError({ class: "unavailable", reason: `unknown provider type ${call.provider.type}` });
    }
    const target = this.#target(call, vendor);
    const headers = this.#isUsual(call)
      ? this.#usualHeaders(call, target, vendor)
      : this.#headers(call, target, vendor);
    const exchange = new Exchange(call, this.#options.gate, this.#options.clock);
    const init = this.#init(call, target, headers, exchange.signal);
    const { parts } = call.credentials;
    try {
      // Nearly all have a key, which is in the headers already.
      const shown =
        parts && (await this.#authenticator.shownFor(call, parts, target, vendor, exchange.signal));
      if (shown !== undefined) Object.assign(headers, shown.headers);
      const { guard, policy } = this.#options;
      const connectMs = call.backend.timeouts.connect;
      const resolved = guard.resolve(target.hostname, policy, connectMs, exchange.signal);
      const addresses = resolved instanceof Promise ? await resolved : resolved;
      const sending = { call, target, init, exchange };
      const response = await (addresses.length === 1
        ? this.#fetch(addresses[0], sending)
        : this.#first(addresses, sending));
      if (exchange.cause !== undefined) throw exchange.cause;
      exchange.headersSeen();
      if (response.status === 401) shown?.refused();
      return new HttpReply(response, call.stream, exchange, this.#limits, shown?.secrets);
    } catch (error) {
      exchange.end();
      if (exchange.cause !== undefined) throw exchange.cause;
      throw error instanceof FaultError ? error : networkFault(error, "no answer");
    }
  }

  #target(call: UpstreamCall, vendor: Vendor): Target {
    const known = this.#targets.get(call.provider);
    if (known !== undefined) return known;
    const target = targetOf(call.provider, vendor);
    this.#targets.set(call.provider, target);
    return target;
  }

  #init(
    call: UpstreamCall,
    target: Target,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): BunFetchRequestInit {
    const init: BunFetchRequestInit = {
      method: call.method,
      headers,
      signal,
      redirect: "manual",
      proxy: false,
      timeout: false,
    };
    if (call.body !== undefined) init.body = call.body;
    if (!target.tls) return init;
    const { ca } = this.#options;
    init.tls = {
      ...(target.serverName !== undefined && { serverName: target.serverName }),
      ...(ca !== undefined && { ca }),
    };
    return init;
  }

  /** Whether nothing of this one call goes into its headers. */
  #isUsual(call: UpstreamCall): boolean {
    const { method, body, headers, traceparent, contentType, streamType, credentials } = call;
    const own = headers ?? traceparent ?? contentType ?? streamType ?? credentials.parts;
    return own === undefined && method === "POST" && body !== undefined;
  }

  #usualHeaders(call: UpstreamCall, target: Target, vendor: Vendor): Record<string, string> {
    const known = (call.stream ? this.#fixed.stream : this.#fixed.whole).get(call.credentials);
    if (known?.["host"] === target.host) return known;
    const headers = this.#headers(call, target, vendor);
    (call.stream ? this.#fixed.stream : this.#fixed.whole).set(call.credentials, headers);
    return headers;
  }

  /** The whole of what an upstream is told besides the body; nothing of the caller's own headers. */
  #headers(call: UpstreamCall, target: Target, vendor: Vendor): Record<string, string> {
    const { credentials } = call;
    const auth = credentials.parts === undefined ? authHeaders(vendor.authScheme, credentials) : NO_KEY;
    if (auth.problem !== undefined) throw new FaultError({ class: "auth", reason: auth.problem });
    const headers: Record<string, string> = {
      ...call.headers,
      host: target.host,
      accept: call.stream ? (call.streamType ?? "text/event-stream") : "application/json",
      // Compression holds tokens back until a block is full. What comes compressed anyway is still understood.
      "accept-encoding": "identity",
      "user-agent": this.#userAgent,
      ...auth.headers,
    };
    if (call.body !== undefined) headers["content-type"] = call.contentType ?? "application/json";
    if (call.traceparent !== undefined) headers["traceparent"] = call.traceparent;
    return headers;
  }

  /** The response of the first address that takes the connection: only what was never sent is sent again. */
  async #first(
    addresses: readonly [CheckedAddress, ...CheckedAddress[]],
    sending: Sending,
  ): Promise<Response> {
    let address = addresses[0];
    for (const next of addresses.slice(1, ADDRESSES_TRIED_MAX)) {
      try {
        return await this.#fetch(address, sending);
      } catch (error) {
        if (!neverConnected(error)) throw error;
        address = next;
      }
    }
    return this.#fetch(address, sending);
  }

  #fetch(address: CheckedAddress, { call, target, init, exchange }: Sending): Promise<Response> {
    const destination = { address, port: target.port, tls: target.tls, serverName: target.serverName };
    const url = urlAt(target, address, call.path);
    if (this.#watch.knows(destination)) return fetch(url, init);
    return this.#watched(destination, url, init, call.backend.timeouts.connect, exchange);
  }

  async #watched(
    destination: Destination,
    url: string,
    init: BunFetchRequestInit,
    connectMs: number,
    exchange: Exchange,
  ): Promise<Response> {
    const unwatch = this.#watch.start(destination, connectMs, () => {
      exchange.fail({ class: "timeout", reason: `no connection within ${connectMs} ms` });
    });
    try {
      const response = await fetch(url, init);
      this.#watch.heard(destination);
      return response;
    } finally {
      unwatch();
    }
  }
}
