import { FaultError } from "../core/fault.ts";
import { vendorOf, type Vendor } from "../providers/catalogue.ts";
import type { Upstream, UpstreamCall, UpstreamReply } from "./upstream.ts";

/** All transports behind one interface; the vendor's row says which one carries a call. */
export class Upstreams implements Upstream {
  readonly #transports: Readonly<Record<Vendor["transport"], Upstream>>;

  constructor(transports: Readonly<Record<Vendor["transport"], Upstream>>) {
    this.#transports = transports;
  }

  send(call: UpstreamCall): Promise<UpstreamReply> {
    const vendor = vendorOf(call.provider);
    if (vendor === undefined) {
      const reason = `unknown provider type ${call.provider.type}`;
      return Promise.reject(new FaultError({ class: "unavailable", reason }));
    }
    return this.#transports[vendor.transport].send(call);
  }
}
