import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";

const PORT = 53;
const HEADER_BYTES = 12;
const TYPE_A = 1;
const RCODE = { ok: 0, failed: 2, unknown: 3 } as const;

/** What is said about a name: an IPv4 address, that it does not exist, that the server failed, or nothing. */
export type NameAnswer = { readonly address: string } | "unknown" | "failed" | "silent";

/** A name server over UDP for tests; names that it was not told of do not exist. */
export class NameServer implements Disposable {
  readonly #names: Map<string, NameAnswer>;
  readonly #socket: Socket = createSocket("udp4");

  private constructor(names: Readonly<Record<string, NameAnswer>>) {
    this.#names = new Map(Object.entries(names));
    this.#socket.on("message", (query, from) => this.#answer(query, from));
  }

  static async listen(address: string, names: Readonly<Record<string, NameAnswer>>): Promise<NameServer> {
    const server = new NameServer(names);
    await new Promise<void>((resolve) => void server.#socket.bind(PORT, address, resolve));
    return server;
  }

  /** From now on. */
  say(name: string, answer: NameAnswer): void {
    this.#names.set(name, answer);
  }

  #answer(query: Buffer, from: RemoteInfo): void {
    const { name, type, end } = readQuestion(query);
    const said = this.#names.get(name) ?? "unknown";
    if (said === "silent") return;
    const rcode = typeof said === "string" ? RCODE[said] : RCODE.ok;
    const records = typeof said === "object" && type === TYPE_A ? [addressRecord(said.address)] : [];
    const head = Buffer.from(query.subarray(0, end));
    head.writeUInt16BE(0x8180 | rcode, 2);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    this.#socket.send(Buffer.concat([head, ...records]), from.port, from.address);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** The one question of a query (RFC 1035, 4.1.2), and where it ends. */
function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** An A record for the name of the question, to be kept for no time at all. */
function addressRecord(address: string): Buffer {
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
  for (const [i, byte] of address.split(".").entries()) record[12 + i] = Number(byte);
  return record;
}
