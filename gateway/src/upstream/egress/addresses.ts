import { BlockList, isIPv4 } from "node:net";
import { groupsOf } from "../../base/ip-ranges.ts";

/**
 * What kind of place an address is. `metadata` are the credential services of cloud machines; `reserved` are
 * ranges nothing legitimate answers from (documentation, retired protocols, unassigned space).
 */
export type AddressClass =
  | "public"
  | "loopback"
  | "private"
  | "shared"
  | "link_local"
  | "metadata"
  | "multicast"
  | "unspecified"
  | "reserved";

// From the IANA special-purpose address registries (IPv4 and IPv6); first match wins, so single metadata
// addresses stand before the ranges that hold them.
const RANGES: readonly (readonly [AddressClass, readonly string[]])[] = [
  [
    "metadata",
    [
      "169.254.169.254/32", // AWS, Azure, Google, Oracle, DigitalOcean and most others
      "169.254.170.2/32", // AWS container credentials
      "169.254.170.23/32", // AWS pod identity
      "100.100.100.200/32", // Alibaba
      "168.63.129.16/32", // Azure host agent
      "192.0.0.192/32", // Oracle, classic
      "fd00:ec2::254/128", // AWS
      "fd00:ec2::23/128", // AWS pod identity
      "fd20:ce::254/128", // Google
    ],
  ],
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  ["unspecified", ["0.0.0.0/8", "::/128"]],
  ["link_local", ["169.254.0.0/16", "fe80::/10"]],
  ["private", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "fc00::/7", "fec0::/10"]],
  ["shared", ["100.64.0.0/10"]],
  ["multicast", ["224.0.0.0/4", "ff00::/8"]],
  [
    "reserved",
    [
      "192.0.0.0/24",
      "192.0.2.0/24",
      "192.88.99.0/24",
      "198.51.100.0/24",
      "203.0.113.0/24",
      "240.0.0.0/4",
      "100::/64",
      "2001::/23", // Teredo, ORCHID and other protocol assignments
      "2001:db8::/32",
      "3fff::/20",
      "5f00::/16",
    ],
  ],
];

const LISTS: readonly (readonly [AddressClass, BlockList])[] = RANGES.map(([name, ranges]) => {
  const list = new BlockList();
  for (const range of ranges) {
    const [net = "", bits = ""] = range.split("/");
    list.addSubnet(net, Number(bits), net.includes(":") ? "ipv6" : "ipv4");
  }
  return [name, list];
});

function dottedOf(high: number, low: number): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/**
 * The IPv4 address an IPv6 one carries: mapped (::ffff:a.b.c.d), translated (::ffff:0:a.b.c.d), compatible
 * (::a.b.c.d), NAT64 (64:ff9b::/96 and 64:ff9b:1::/48) and 6to4 (2002::/16). A packet to any of these may end
 * at the inner address, so that is the one to judge.
 */
function carriedIPv4(groups: readonly number[]): string | undefined {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  if (a === 0x2002) return dottedOf(b, c);
  if (a === 0x64 && b === 0xff9b && c <= 1) return dottedOf(g, h);
  if (a !== 0 || b !== 0 || c !== 0 || d !== 0) return undefined;
  const mapped = e === 0 && f === 0xffff;
  const translated = e === 0xffff && f === 0;
  // ::1 and :: have classes of their own.
  const compatible = e === 0 && f === 0 && !(g === 0 && h <= 1);
  return mapped || translated || compatible ? dottedOf(g, h) : undefined;
}

/** Classes an address in text form; undefined when it is not an IP address. */
export function classifyAddress(address: string): AddressClass | undefined {
  if (isIPv4(address)) return classOf(address, "ipv4");
  const groups = groupsOf(address);
  if (groups === undefined) return undefined;
  const inner = carriedIPv4(groups);
  if (inner !== undefined) return classOf(inner, "ipv4");
  return classOf(groups.map((group) => group.toString(16)).join(":"), "ipv6");
}

function classOf(address: string, family: "ipv4" | "ipv6"): AddressClass {
  for (const [name, list] of LISTS) {
    if (list.check(address, family)) return name;
  }
  return "public";
}
