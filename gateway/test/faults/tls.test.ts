import { afterAll, beforeAll, expect, test } from "bun:test";
import { Certificates } from "../fakes/certificates.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { describeWith } from "../parts.ts";
import { ANSWER, both } from "./catalogue/fault.ts";
import { TLS } from "./catalogue/connections.ts";
import { testEachFormat } from "./each-format.ts";
import { describeFaults, type Place } from "./prove.ts";

describeWith(Bun.which("openssl"), "openssl, to make certificates", "over TLS", (openssl) => {
  const certificates = new Certificates(openssl);
  const providers = new Map<string, FaultUpstream>();
  const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  beforeAll(() => {
    const tls = {
      trusted: certificates.signed("trusted", "localhost", 2),
      expired: certificates.signed("expired", "localhost", -1),
      "wrong-host": certificates.signed("other", "elsewhere.example", 2),
      "self-signed": certificates.selfSigned(),
    };
    for (const [name, pair] of Object.entries(tls)) providers.set(name, new FaultUpstream({ tls: pair }));
  });
  afterAll(() => {
    silent.stop(true);
    for (const provider of providers.values()) provider.stop();
    certificates.remove();
  });

  const places = (plan: string): Place => {
    const provider = providers.get(plan);
    return { url: `https://localhost:${provider?.port ?? silent.port}/v1`, log: provider?.log };
  };

  describeFaults(
    TLS,
    (suite, started) => {
      test("begins in quiet", suite.begin);
      test("a certificate that a known authority vouches for is taken", async () => {
        for (const each of both("trusted", ANSWER))
          await suite.prove({ ...each, door: "native", title: "trusted" });
      });
      test.concurrent.each(suite.cases)("$title", suite.prove);
      testEachFormat(TLS, suite, started, { places, well: () => started.fake });
      test("no request was sent to whoever could not show one", () => {
        const asked = [...providers].filter(([, provider]) => provider.log.records.length > 0);
        expect(asked.map(([name]) => name)).toEqual(["trusted"]);
      });
      test("ends with nothing left behind", async () => {
        for (const provider of providers.values()) provider.stop();
        await suite.end();
      });
    },
    {
      places,
      doors: ["native"],
      env: { NODE_EXTRA_CA_CERTS: certificates.authority },
    },
  );
});
