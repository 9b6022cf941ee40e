import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PostgresTlsFront } from "../fakes/postgres-tls-front.ts";
import { freshDatabase, type TestDatabase } from "../harness/database.ts";
import { describePart, describeWith } from "../parts.ts";
import { scaigrid } from "../start/command.ts";

interface Case {
  readonly sslmode: string;
  /** Whose certificate is trusted. */
  readonly trusts?: "localhost" | "elsewhere";
  /** Which certificate the server shows. */
  readonly shows: "localhost" | "elsewhere";
  readonly code: number;
}

const CASES: readonly Case[] = [
  { sslmode: "require", shows: "localhost", code: 0 },
  { sslmode: "prefer", shows: "localhost", code: 0 },
  { sslmode: "verify-full", trusts: "localhost", shows: "localhost", code: 0 },
  { sslmode: "verify-ca", trusts: "elsewhere", shows: "elsewhere", code: 0 },
  // Nobody vouches for it, somebody else does, or it is for another name.
  { sslmode: "verify-full", shows: "localhost", code: 1 },
  { sslmode: "verify-ca", trusts: "elsewhere", shows: "localhost", code: 1 },
  { sslmode: "verify-full", trusts: "elsewhere", shows: "elsewhere", code: 1 },
];

describePart("postgres", "PostgreSQL over TLS", (server) => {
  describeWith(Bun.which("openssl"), "openssl, to make a certificate", "a start", (openssl) => {
    const root = mkdtempSync(join(tmpdir(), "scaigrid-postgres-tls-"));
    let database: TestDatabase;
    const fileOf = (name: string, kind: "key" | "cert") => join(root, `${name}.${kind}.pem`);

    beforeAll(async () => {
      database = await freshDatabase(server);
      for (const [name, host] of [
        ["localhost", "localhost"],
        ["elsewhere", "db.example"],
      ] as const) {
        const args =
          `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${fileOf(name, "key")} ` +
          `-out ${fileOf(name, "cert")} -days 2 -subj /CN=${host} -addext subjectAltName=DNS:${host}`;
        const made = Bun.spawn([openssl, ...args.split(" ")], { stderr: "ignore" });
        expect(await made.exited).toBe(0);
      }
    });
    afterAll(async () => {
      await database.drop();
      rmSync(root, { recursive: true, force: true });
    });

    test.each(CASES)(
      "with sslmode=$sslmode, trusting $trusts, at a server that shows $shows ends with $code",
      async ({ sslmode, trusts, shows, code }) => {
        const target = new URL(database.url);
        const identity = {
          key: readFileSync(fileOf(shows, "key"), "utf8"),
          cert: readFileSync(fileOf(shows, "cert"), "utf8"),
        };
        const front = await PostgresTlsFront.start(target, identity);
        const url = new URL(database.url);
        url.hostname = "localhost";
        url.port = String(front.port);
        url.searchParams.set("sslmode", sslmode);
        if (trusts !== undefined) url.searchParams.set("sslrootcert", fileOf(trusts, "cert"));
        const ended = await scaigrid(["up"], {
          env: {
            SCAIGRID_DATA_DIR: join(root, `data-${front.port}`),
            SCAIGRID_MODE: "migrate",
            SCAIGRID_DATABASE_URL: url.href,
          },
        });
        front.stop();
        expect([ended.code, ended.code === code ? "" : ended.out + ended.err]).toEqual([code, ""]);
        expect(front.plain).toBe(0);
        expect(front.secured).toBeGreaterThan(0);
        if (code === 1) {
          expect(ended.err).toContain("certificate");
          expect(ended.err).toContain("sslrootcert");
          expect(ended.err).not.toMatch(/^\s+at /m);
        }
      },
      30_000,
    );
  });
});
