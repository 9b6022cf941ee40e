import type { Provider } from "../core/catalogue.ts";
import { FaultError } from "../core/fault.ts";
import type { Vendor } from "../providers/catalogue.ts";
import type { CheckedAddress } from "./egress/guard.ts";

/** A provider's base URL, taken apart once. */
export interface Target {
  readonly tls: boolean;
  /** Without brackets or trailing dot. */
  readonly hostname: string;
  readonly port: number;
  /** With the port where it is not the scheme's own: what the Host header carries. */
  readonly host: string;
  /** Without a trailing slash. */
  readonly basePath: string;
  /** With its question mark, or empty. */
  readonly query: string;
  /** Undefined where the URL names an IP address: those are not server names. */
  readonly serverName: string | undefined;
}

const IP_LITERAL = /^(?:\[.*\]|\d+\.\d+\.\d+\.\d+)$/;

/** Where calls of this provider go. Throws FaultError `unavailable` when there is no usable base URL. */
export function targetOf(provider: Provider, vendor: Vendor): Target {
  const base = URL.parse(provider.baseUrl ?? vendor.baseUrl ?? "");
  if (base === null || !["http:", "https:"].includes(base.protocol) || base.hostname === "") {
    throw new FaultError({ class: "unavailable", reason: `provider ${provider.id} has no usable base URL` });
  }
  const tls = base.protocol === "https:";
  const hostname = base.hostname.replace(/\.$/, "");
  return {
    tls,
    hostname,
    port: base.port === "" ? (tls ? 443 : 80) : Number(base.port),
    host: base.host,
    basePath: base.pathname.replace(/\/+$/, ""),
    query: base.search,
    serverName: IP_LITERAL.test(hostname) ? undefined : hostname,
  };
}

/** The URL of one path at one checked address of the target. */
export function urlAt(target: Target, address: CheckedAddress, path: string): string {
  const host = address.family === 6 ? `[${address.address.replace(/%.*$/, "")}]` : address.address;
  const base = `${target.tls ? "https" : "http"}://${host}:${target.port}${target.basePath}`;
  if (target.query === "") return base + path;
  return base + path + (path.includes("?") ? "&" : "?") + target.query.slice(1);
}
