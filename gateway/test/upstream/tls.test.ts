import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeWith } from "../parts.ts";
import { callOf, faultOf, httpUpstream, rawServer, readText } from "./support.ts";

describeWith(
  Bun.which("openssl"),
  "openssl, to make a certificate",
  "TLS to a checked address",
  (openssl) => {
    let folder = "";
    let ca = "";
    let server: Bun.Server<undefined>;
    const hosts: string[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "scaigrid-tls-"));
      const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
      const args =
        `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${key} -out ${cert} -days 2 ` +
        "-subj /CN=up.example -addext subjectAltName=DNS:up.example";
      const made = Bun.spawn([openssl, ...args.split(" ")], { stderr: "ignore" });
      expect(await made.exited).toBe(0);
      ca = await readFile(cert, "utf8");
      server = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        development: false,
        reusePort: false,
        tls: { key: Bun.file(key), cert: Bun.file(cert) },
        fetch(request) {
          hosts.push(request.headers.get("host") ?? "");
          return new Response('{"ok":true}');
        },
      });
    });

    afterAll(async () => {
      await server.stop(true);
      await rm(folder, { recursive: true });
    });

    const resolver = async () => [{ address: "127.0.0.1", family: 4 }];

    test("the certificate is verified for the name although the connection goes to the address", async () => {
      const { upstream } = httpUpstream({ resolver, ca });
      const reply = await upstream.send(callOf({ baseUrl: `https://up.example:${server.port}` }));
      expect(await readText(reply)).toBe('{"ok":true}');
      expect(hosts.at(-1)).toBe(`up.example:${server.port}`);
    });

    test("a certificate for another name is a network fault, and no request is sent", async () => {
      const { upstream } = httpUpstream({ resolver, ca });
      const before = hosts.length;
      const fault = await faultOf(upstream.send(callOf({ baseUrl: `https://other.example:${server.port}` })));
      expect(fault).toMatchObject({ class: "network", reason: expect.stringContaining("ALTNAME") });
      expect(hosts.length).toBe(before);
    });

    test("a self-signed certificate nobody vouches for is refused", async () => {
      const { upstream } = httpUpstream({ resolver });
      const fault = await faultOf(upstream.send(callOf({ baseUrl: `https://up.example:${server.port}` })));
      expect(fault).toMatchObject({ class: "network", reason: expect.stringContaining("SELF_SIGNED") });
    });

    test("a handshake that stalls ends with the connect deadline", async () => {
      const stalled = rawServer(() => undefined);
      const { upstream } = httpUpstream({ resolver, ca });
      const call = callOf({ baseUrl: `https://up.example:${stalled.port}`, timeouts: { connect: 80 } });
      expect(await faultOf(upstream.send(call))).toMatchObject({
        class: "timeout",
        reason: "no connection within 80 ms",
      });
      await stalled.allClosed();
      stalled.stop();
    });
  },
);
