import { describe, expect, test } from "bun:test";
import { addressScope, clientAddress } from "../../src/http/client-address.ts";

const PROXIES = [
  { address: "10.0.0.0", prefixBits: 8 },
  { address: "fd00::", prefixBits: 8 },
];
const addressOf = clientAddress(PROXIES);
const behind = (peer: string, forwarded?: string) =>
  addressOf(peer, new Headers(forwarded === undefined ? {} : { "x-forwarded-for": forwarded }));

describe("the address of a caller", () => {
  test.each([
    ["is that of the connection", "203.0.113.9", undefined, "203.0.113.9"],
    ["is not what a stranger writes", "203.0.113.9", "198.51.100.1", "203.0.113.9"],
    ["is what a trusted proxy writes", "10.1.2.3", "198.51.100.1", "198.51.100.1"],
    [
      "is what the nearest proxy writes, not what came to it",
      "10.1.2.3",
      "1.1.1.1, 198.51.100.1",
      "198.51.100.1",
    ],
    ["is found behind several proxies", "10.1.2.3", "198.51.100.1, 10.9.9.9 ,10.8.8.8", "198.51.100.1"],
    ["is the last proxy's where nobody else is named", "10.1.2.3", "10.9.9.9", "10.9.9.9"],
    ["is the proxy's where it writes none", "10.1.2.3", undefined, "10.1.2.3"],
    ["is the proxy's where it writes nonsense", "10.1.2.3", "unknown", "10.1.2.3"],
    ["stops at nonsense", "10.1.2.3", "198.51.100.1, <script>, 10.9.9.9", "10.9.9.9"],
    ["is told by a proxy on IPv6", "fd00::1", "2001:db8::7", "2001:db8::7"],
    ["is IPv4 in whatever clothes", "::ffff:10.1.2.3", "::ffff:198.51.100.1", "198.51.100.1"],
    ["has no zone", "fe80::1%eth0", undefined, "fe80::1"],
    ["may be unknown", "", "198.51.100.1", ""],
  ])("%s", (_name, peer, forwarded, expected) => {
    expect(behind(peer, forwarded)).toBe(expected);
  });

  test("trusts nobody where no proxy is named", () => {
    const trusting = clientAddress([]);
    expect(trusting("127.0.0.1", new Headers({ "x-forwarded-for": "1.1.1.1" }))).toBe("127.0.0.1");
  });

  test("does not follow a list without end", () => {
    expect(behind("10.1.2.3", Array.from({ length: 5_000 }, () => "10.9.9.9").join(","))).toBe("10.9.9.9");
  });
});

describe("strangers are counted", () => {
  test.each([
    ["by IPv4 address", "198.51.100.1", "198.51.100.1"],
    ["by the /64 of an IPv6 address", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["however it is written", "2001:0DB8:1:2::6", "2001:db8:1:2::/64"],
    ["with zeros inside", "2001:db8::6", "2001:db8:0:0::/64"],
    ["at the loopback", "::1", "0:0:0:0::/64"],
  ])("%s", (_name, address, expected) => {
    expect(addressScope(address)).toBe(expected);
  });
});
