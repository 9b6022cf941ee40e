import { isIPv4, isIPv6 } from "node:net";

/** The eight 16-bit groups of an IPv6 address, or undefined when it is not one. A zone (`%eth0`) is ignored. */
export function groupsOf(address: string): readonly number[] | undefined {
  const bare = address.replace(/%.*$/, "");
  if (!isIPv6(bare)) return undefined;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(bare);
  const hex = dotted ? `${dotted[1]}${pairHex(dotted[2], dotted[3])}:${pairHex(dotted[4], dotted[5])}` : bare;
  const [head = "", tail] = hex.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...(tail === undefined ? [] : zeros), ...right].map((group) => Number.parseInt(group, 16));
}

function pairHex(high: string | undefined, low: string | undefined): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}

const IPV6_BITS = 128;
/** IPv4 addresses are held as the IPv6 addresses that carry them, so that one comparison serves both. */
const MAPPED = 0xffffn << 32n;
const MAPPED_BITS = 96;

function numberOf(address: string): bigint | undefined {
  if (isIPv4(address)) {
    return MAPPED | address.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  }
  return groupsOf(address)?.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

/** A block of addresses: those whose bits above `hostBits` are `network`. */
export interface IpRange {
  readonly network: bigint;
  readonly hostBits: bigint;
}

/** Reads `192.0.2.0/24`, `2001:db8::/32` or a single address; undefined for anything else. */
export function parseRange(text: string): IpRange | undefined {
  const [address = "", length, ...more] = text.split("/");
  const number = numberOf(address);
  if (number === undefined || more.length > 0 || address.includes("%")) return undefined;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const offset = isIPv4(address) ? MAPPED_BITS : 0;
  const bits = length === undefined ? IPV6_BITS : Number(length) + offset;
  if (bits > IPV6_BITS) return undefined;
  const hostBits = BigInt(IPV6_BITS - bits);
  return { network: number >> hostBits, hostBits };
}

/** Whether an address lies in one of the blocks; what is no address lies in none. */
export function isInRanges(address: string, ranges: readonly IpRange[]): boolean {
  const number = numberOf(address);
  return number !== undefined && ranges.some(({ network, hostBits }) => number >> hostBits === network);
}

/** Whether every address of one block lies in another. */
export function covers(outer: IpRange, inner: IpRange): boolean {
  return (
    outer.hostBits >= inner.hostBits && inner.network >> (outer.hostBits - inner.hostBits) === outer.network
  );
}
