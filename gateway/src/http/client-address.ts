import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import type { Network } from "../config/formats.ts";

/** Entries of `X-Forwarded-For` looked at, from the nearest on. */
const HOPS_MAX = 32;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Finds out who a request comes from. */
export type ClientAddress = (peer: string, headers: Headers) => string;

/**
 * The address of a caller: that of the connection, or behind trusted proxies the nearest one in `X-Forwarded-For`
 * that is not a proxy itself. What stands before it was written by whoever sent the request, and counts for nothing.
 */
export function clientAddress(trusted: readonly Network[]): ClientAddress {
  if (trusted.length === 0) return plainAddress;
  const proxies = new BlockList();
  for (const { address, prefixBits } of trusted) proxies.addSubnet(address, prefixBits, familyOf(address));
  const isProxy = (address: string) => proxies.check(address, familyOf(address));
  return (peer, headers) => {
    let client = plainAddress(peer);
    const hops = isIP(client) === 0 ? [] : (headers.get("x-forwarded-for") ?? "").split(",");
    for (const hop of hops.reverse().slice(0, HOPS_MAX)) {
      if (!isProxy(client)) break;
      const named = plainAddress(hop.trim());
      if (isIP(named) === 0) break;
      client = named;
    }
    return client;
  };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}

/** Without zone, and as IPv4 where it is one in IPv6's clothes. */
function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, "");
  return MAPPED.exec(bare)?.[1] ?? bare;
}

/** What strangers are counted by: an IPv4 address, or the /64 that an IPv6 subscriber has to themselves. */
export function addressScope(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail = ""] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  const groups = [...left, ...(address.includes("::") ? zeros : []), ...right];
  const subnet = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${subnet.join(":")}::/64`;
}
