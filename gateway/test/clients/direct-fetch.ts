/** One exchange a client has had. */
export interface Exchanged {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** Milliseconds of the monotonic clock. */
  readonly sentAtMs: number;
}

/**
 * What clients are given as `fetch`: straight to the gateway whatever proxy this machine has, and with a note of every
 * exchange, as the clients' own retries are not seen otherwise.
 */
export class DirectFetch {
  readonly exchanges: Exchanged[] = [];

  readonly fetch = Object.assign(
    async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const sentAtMs = performance.now();
      const response = await fetch(input, { ...init, proxy: false });
      const { status, headers, url } = response;
      this.exchanges.push({ url, status, headers, sentAtMs });
      return response;
    },
    { preconnect: () => undefined },
  );
}
