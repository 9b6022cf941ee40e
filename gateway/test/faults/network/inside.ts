/** The suite of `network.test.ts`, run by it inside namespaces of its own: see `namespace.sh`. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { ANSWER, whole } from "../catalogue/fault.ts";
import { NETWORK } from "../catalogue/connections.ts";
import { FaultUpstream } from "../../fakes/fault-upstream.ts";
import { testEachFormat } from "../each-format.ts";
import { describeFaults, type Place } from "../prove.ts";
import { NameServer } from "./name-server.ts";

/** As `network.test.ts` has written it into `/etc/resolv.conf`. */
const NAME_SERVER = "127.0.0.53";
const HERE = "8.8.8.8";
const FLIPPING = "name-flips.example";
/** For longer than the gateway keeps what a name was. */
const NAME_FORGOTTEN_MS = 10_500;
/** A port of this machine where nobody listens. */
const CLOSED_PORT = 9;

let names: NameServer;
let upstream: FaultUpstream;
let common: FaultUpstream;
beforeAll(async () => {
  common = new FaultUpstream({ hostname: HERE });
  upstream = new FaultUpstream({ hostname: "0.0.0.0" });
  names = await NameServer.listen(NAME_SERVER, {
    [FLIPPING]: { address: HERE },
    "name-fails.example": "failed",
    "name-slow.example": "silent",
    "name-metadata.example": { address: "169.254.169.254" },
  });
});
afterAll(() => {
  names[Symbol.dispose]();
  upstream.stop();
  common.stop();
});

const PLACES: Readonly<Record<string, string>> = {
  refused: `http://${HERE}:${CLOSED_PORT}/v1`,
  "black-hole": "http://1.1.1.1/v1",
  unreachable: "http://9.9.9.9/v1",
};

const places = (plan: string): Place => ({
  url: PLACES[plan] ?? `http://${plan}.example:${upstream.port}/v1`,
  log: upstream.log,
});

describeFaults(
  NETWORK,
  (suite, started) => {
    test("begins in quiet", suite.begin);
    test("a name that leads to a public address is called there, and turns", async () => {
      await suite.prove({ ...whole("name-flips", ANSWER), door: "native", title: "before it turns" });
      await Bun.sleep(NAME_FORGOTTEN_MS);
      names.say(FLIPPING, { address: "127.0.0.1" });
    });
    test.concurrent.each(suite.cases)("$title", suite.prove);
    testEachFormat(NETWORK, suite, started, { places, well: () => common });
    test("no provider was reached but that one, that once", () => {
      expect(upstream.log.records).toHaveLength(1);
      expect(upstream.connectionsOpened).toBe(1);
    });
    test("ends with nothing left behind", async () => {
      upstream.stop();
      await suite.end();
    });
  },
  {
    places,
    env: { SCAIGRID_ALLOW_PRIVATE_UPSTREAMS: "off" },
    common: () => common,
    doors: ["native"],
  },
);
