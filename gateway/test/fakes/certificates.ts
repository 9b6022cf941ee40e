import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

/** Certificates that `openssl` makes in a folder of their own. */
export class Certificates {
  readonly #folder = mkdtempSync(join(tmpdir(), "scaigrid-certificates-"));
  readonly #openssl: string;

  constructor(openssl: string) {
    this.#openssl = openssl;
    this.#run(`req -x509 ${NEW_KEY} -keyout ca.key -out ca.pem -days 2 -subj /CN=authority`);
    this.#run(
      `req -x509 ${NEW_KEY} -keyout self.key -out self.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost`,
    );
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** The file of the authority that signs. */
  get authority(): string {
    return join(this.#folder, "ca.pem");
  }

  #run(args: string): void {
    const { success, stderr } = Bun.spawnSync([this.#openssl, ...args.split(" ")], { cwd: this.#folder });
    if (!success) throw new Error(`openssl ${args}: ${stderr.toString()}`);
  }

  #read(name: string): { key: string; cert: string } {
    const text = (end: string) => readFileSync(join(this.#folder, `${name}.${end}`), "utf8");
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
