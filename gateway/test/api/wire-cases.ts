import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Milliseconds without a byte after which nothing more is expected on a connection that stays open. */
const QUIET_MS = 400;
const WAIT_MS_MAX = 5_000;
const FOLDER = join(import.meta.dir, "../fixtures/wire");

/** A spelling of a request target, and the plain path that it must be the same as; null = no path at all. */
export interface PathCase {
  readonly name: string;
  readonly target: string;
  readonly plain: string | null;
  readonly method?: string;
}

/** Host headers as they are sent, and whether that is as good as any. */
export interface HostCase {
  readonly name: string;
  readonly headers: readonly string[];
  readonly plain: boolean;
}

/** Bytes of a request that hides another one; `{key}` stands for a key. */
export interface SmugglingCase {
  readonly name: string;
  readonly raw: string;
}

/** A name that every object of JavaScript answers to, and where it is sent. */
export interface PrototypeCase {
  readonly name: string;
  readonly where: "body" | "message" | "metadata" | "admin" | "query" | "header" | "path" | "model";
  readonly key: string;
}

interface Cases {
  readonly paths: PathCase;
  readonly hosts: HostCase;
  readonly smuggling: SmugglingCase;
  readonly prototypes: PrototypeCase;
}

/** The cases of a file: one a line, of use to any HTTP server. */
export function wireCases<Name extends keyof Cases>(name: Name): Cases[Name][] {
  const lines = readFileSync(join(FOLDER, `${name}.jsonl`), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line): Cases[Name] => JSON.parse(line));
}

/** What came back on one connection. */
export interface Wire {
  /** The status of each answer, in order. */
  readonly statuses: readonly number[];
  readonly text: string;
}

/** Sends bytes as they are, and reads till the other side closes or says nothing more. */
export async function exchange(gatewayUrl: string, request: string): Promise<Wire> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let text = "";
  let timer = setTimeout(resolve, WAIT_MS_MAX);
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(gatewayUrl).port),
    socket: {
      data(_socket, bytes) {
        text += bytes.toString("latin1");
        clearTimeout(timer);
        timer = setTimeout(resolve, QUIET_MS);
      },
      close: () => resolve(),
      error: () => resolve(),
    },
  });
  socket.write(Buffer.from(request, "latin1"));
  await promise;
  clearTimeout(timer);
  socket.terminate();
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { statuses, text };
}
