import { describe, expect, test } from "bun:test";
import { classifyAddress } from "../../src/upstream/egress/addresses.ts";
import { checkUrl, EgressGuard, type Resolver } from "../../src/upstream/egress/guard.ts";
import { faultOf, TestClock } from "./support.ts";

const OPEN = { allowPrivate: true };
const CLOSED = { allowPrivate: false };

const NEVER_ALLOWED = [
  "http://169.254.169.254/latest/meta-data",
  "http://[::ffff:169.254.169.254]/",
  "http://[::ffff:a9fe:a9fe]/",
  "http://0xa9fea9fe/",
  "http://2852039166/",
  "http://0251.0376.0251.0376/",
  "http://169.254.43518/",
  "http://[64:ff9b::169.254.169.254]/",
  "http://[2002:a9fe:a9fe::]/",
  "http://[::169.254.169.254]/",
  "http://[::ffff:0:169.254.169.254]/",
  "http://[fd00:ec2::254]/",
  "http://[fd20:ce::254]/",
  "http://100.100.100.200/",
  "http://168.63.129.16/",
  "http://169.254.170.2/",
  "http://169.254.1.1/",
  "http://[fe80::1]/",
  "http://0.0.0.0/",
  "http://0/",
  "http://[::]/",
  "http://224.0.0.1/",
  "http://[ff02::1]/",
  "http://255.255.255.255/",
  "http://203.0.113.7/",
  "http://[2001:db8::1]/",
  "http://[2001:0:4136:e378::1]/",
];

const PRIVATE_ONLY = [
  "http://127.0.0.1:11434/v1",
  "http://127.1/",
  "http://0x7f.1/",
  "http://2130706433/",
  "http://017700000001/",
  "http://①②⑦.0.0.1/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[64:ff9b::7f00:1]/",
  "http://[2002:7f00:1::]/",
  "http://10.0.0.1/",
  "http://172.31.255.255/",
  "http://192.168.1.1/",
  "http://100.64.0.1/",
  "http://[fc00::1]/",
  "http://[fd12:3456::1]/",
];

const NOT_PROVIDER_URLS = [
  "ftp://example.com/",
  "file:///etc/passwd",
  "gopher://127.0.0.1:6379/_x",
  "javascript:alert(1)",
  "http://user:pw@example.com/",
  "http://user@example.com/",
  "http:///",
  "example.com/v1",
  "",
];

describe("addresses and URLs at save time", () => {
  test.each(NEVER_ALLOWED)("%s is refused even where private upstreams are allowed", (url) => {
    expect(checkUrl(url, OPEN)).toBeString();
    expect(checkUrl(url, CLOSED)).toBeString();
  });

  test.each(PRIVATE_ONLY)("%s is allowed only where private upstreams are", (url) => {
    expect(checkUrl(url, OPEN)).toBeUndefined();
    expect(checkUrl(url, CLOSED)).toContain("only public ones");
  });

  test.each(NOT_PROVIDER_URLS)("%p is not a URL to call", (url) => {
    expect(checkUrl(url, OPEN)).toBeString();
  });

  test.each([
    "https://api.openai.com/v1",
    "http://8.8.8.8/",
    "https://[2606:4700::1111]/",
    "http://localhost:11434",
  ])("%s passes", (url) => {
    expect(checkUrl(url, CLOSED)).toBeUndefined();
  });

  test("the neighbours of refused ranges are public", () => {
    for (const address of [
      "9.255.255.255",
      "11.0.0.0",
      "172.32.0.0",
      "192.169.0.0",
      "100.128.0.0",
      "126.255.255.255",
    ]) {
      expect([address, classifyAddress(address)]).toEqual([address, "public"]);
    }
    expect(classifyAddress("2606:4700:4700::1111")).toBe("public");
    expect(classifyAddress("fe80::1%eth0")).toBe("link_local");
    expect(classifyAddress("example.com")).toBeUndefined();
  });
});

function answering(...answers: string[][]): { resolver: Resolver; calls: () => number } {
  let calls = 0;
  return {
    resolver: async () => {
      const answer = answers[Math.min(calls, answers.length - 1)] ?? [];
      calls += 1;
      return answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    },
    calls: () => calls,
  };
}

describe("addresses at connect time", () => {
  test.each(["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"])(
    "a name that resolves to %s is refused under the public-only policy",
    async (address) => {
      const guard = new EgressGuard({ clock: new TestClock(), resolver: answering([address]).resolver });
      const fault = await faultOf(Promise.try(() => guard.resolve("evil.example", CLOSED, 1_000)));
      expect(fault.class).toBe("unavailable");
      expect(fault.reason).toContain("egress refused");
    },
  );

  test("one forbidden address among public ones refuses the name", async () => {
    const guard = new EgressGuard({
      clock: new TestClock(),
      resolver: answering(["8.8.8.8", "169.254.169.254"]).resolver,
    });
    expect((await faultOf(Promise.try(() => guard.resolve("mixed.example", OPEN, 1_000)))).class).toBe(
      "unavailable",
    );
  });

  test("a name that flips to a private address is refused once its first answer has expired", async () => {
    const clock = new TestClock();
    const { resolver, calls } = answering(["8.8.8.8"], ["127.0.0.1"]);
    const guard = new EgressGuard({ clock, resolver });
    expect((await guard.resolve("flip.example", CLOSED, 1_000))[0].address).toBe("8.8.8.8");
    expect((await guard.resolve("flip.example", CLOSED, 1_000))[0].address).toBe("8.8.8.8");
    expect(calls()).toBe(1);
    clock.advance(10_001);
    expect((await faultOf(Promise.try(() => guard.resolve("flip.example", CLOSED, 1_000)))).class).toBe(
      "unavailable",
    );
  });

  test("the cache holds addresses, not verdicts: another policy judges them anew", async () => {
    const guard = new EgressGuard({ clock: new TestClock(), resolver: answering(["10.1.2.3"]).resolver });
    expect((await guard.resolve("inner.example", OPEN, 1_000))[0].address).toBe("10.1.2.3");
    expect((await faultOf(Promise.try(() => guard.resolve("inner.example", CLOSED, 1_000)))).class).toBe(
      "unavailable",
    );
  });

  test("simultaneous callers share one look-up", async () => {
    const { resolver, calls } = answering(["8.8.8.8"]);
    const guard = new EgressGuard({ clock: new TestClock(), resolver });
    await Promise.all(Array.from({ length: 50 }, () => guard.resolve("one.example", CLOSED, 1_000)));
    expect(calls()).toBe(1);
  });

  test("IPv4 comes first and every address is offered", async () => {
    const { resolver } = answering(["2606:4700::1111", "8.8.8.8"]);
    const guard = new EgressGuard({ clock: new TestClock(), resolver });
    const found = await guard.resolve("both.example", CLOSED, 1_000);
    expect(found.map(({ family }) => family)).toEqual([4, 6]);
  });

  test("a resolver that is silent, fails or finds nothing is a fault with its reason", async () => {
    const clock = new TestClock();
    const silent = new EgressGuard({ clock, resolver: () => new Promise(() => undefined) });
    const failing = new EgressGuard({
      clock,
      resolver: () => Promise.reject(Object.assign(new Error("x"), { code: "ENOTFOUND" })),
    });
    const empty = new EgressGuard({ clock, resolver: answering([]).resolver });
    expect((await faultOf(Promise.try(() => silent.resolve("a.example", OPEN, 20)))).class).toBe("timeout");
    const failed = await faultOf(Promise.try(() => failing.resolve("b.example", OPEN, 1_000)));
    expect(failed).toMatchObject({ class: "network", reason: expect.stringContaining("ENOTFOUND") });
    expect((await faultOf(Promise.try(() => empty.resolve("c.example", OPEN, 1_000)))).class).toBe("network");
  });

  test("an abort ends the wait for a silent resolver at once", async () => {
    const guard = new EgressGuard({ clock: new TestClock(), resolver: () => new Promise(() => undefined) });
    const controller = new AbortController();
    const pending = Promise.try(() => guard.resolve("a.example", OPEN, 60_000, controller.signal));
    controller.abort(new Error("left"));
    expect(await pending.catch((error: unknown) => error)).toMatchObject({ message: "left" });
  });
});
