import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { describeWith } from "../parts.ts";
import { ANSWER, both } from "./catalogue/fault.ts";
import { TLS } from "./catalogue/connections.ts";
import { testEachFormat } from "./each-format.ts";
import { describeFaults, type Place } from "./prove.ts";

const NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

/** Certificates that `openssl` makes in a folder of their own. */
class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), "scaigrid-certificates-"));
  readonly #openssl: string;

  constructor(openssl: string) {
    this.#openssl = openssl;
    this.#run(`req -x509 ${NEW_KEY} -keyout ca.key -out ca.pem -days 2 -subj /CN=authority`);
    this.#run(
      `req -x509 ${NEW_KEY} -keyout self.key -out self.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost`,
    );
  }

  get authority(): string {
    return join(this.folder, "ca.pem");
  }

  #run(args: string): void {
    const { success, stderr } = Bun.spawnSync([this.#openssl, ...args.split(" ")], { cwd: this.folder });
    if (!success) throw new Error(`openssl ${args}: ${stderr.toString()}`);
  }

  #read(name: string): { key: string; cert: string } {
    const text = (end: string) => readFileSync(join(this.folder, `${name}.${end}`), "utf8");
    return { key: text("key"), cert: text("pem") };
  }

  selfSigned(): { key: string; cert: string } {
    return this.#read("self");
  }

  /** Vouched for by the authority; negative days are an end in the past. */
  signed(name: string, host: string, days: number): { key: string; cert: string } {
    this.#run(
      `req ${NEW_KEY} -keyout ${name}.key -out ${name}.csr -subj /CN=${host} -addext subjectAltName=DNS:${host}`,
    );
    const by = "-CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy";
    this.#run(`x509 -req -in ${name}.csr ${by} -days ${days} -out ${name}.pem`);
    return this.#read(name);
  }
}

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
    rmSync(certificates.folder, { recursive: true });
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
