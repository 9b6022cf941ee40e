import type { Database } from "bun:sqlite";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { seal, unseal } from "../../src/base/crypto.ts";
import type { FaultUpstream } from "../fakes/fault-upstream.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import type { Gateway } from "../harness/gateway.ts";

/** Calls that are under way at once. */
const CALLERS = 4;

/** A sealed credential as the store has it. */
export interface Sealed {
  readonly id: string;
  readonly credentials: string;
}

/** `count` secrets, in providers and backends of their own; a model that is called with the first of them. */
export async function plant(
  gateway: Gateway,
  fake: FaultUpstream,
  count: number,
): Promise<{ readonly secrets: readonly string[]; readonly slug: string }> {
  const secrets = Array.from({ length: count }, () => `sk-planted-${randomBytes(16).toString("hex")}`);
  const [first = ""] = secrets;
  const { slug, providerId } = await addFakeBackend(gateway, fake, {
    plans: ["fake-ok?tokens=2"],
    apiKey: first,
  });
  for (const [n, secret] of secrets.slice(1).entries()) {
    const connection_config = { api_key: secret };
    const reply =
      n % 2 === 0
        ? await gateway.api("POST", "/v1/providers", {
            body: { type: "custom", name: `planted ${n}`, base_url: fake.url, connection_config },
          })
        : await gateway.api("POST", "/v1/backends", {
            body: { provider_id: providerId, upstream_model: `planted-${n}`, free: true, connection_config },
          });
    if (reply.status !== 201) throw new Error(reply.text);
  }
  return { secrets, slug };
}

/** Copies the store's first provider, each copy with a credential of its own: more than a rotation does at once. */
export function plantMany(store: Database, count: number, key: Uint8Array, version: number): void {
  store.transaction(() => {
    for (let n = 0; n < count; n++) {
      const id = `prov_copy${n}`;
      store.run(
        "insert into providers (id, type, name, base_url, status, created_at, credentials) " +
          "select ?, type, name, base_url, status, created_at, ? from providers where credentials is not null limit 1",
        [id, seal(`sk-copy-${n}`, key, version, id)],
      );
    }
  })();
}

/** Whether that key opens a credential. */
export function opens(key: Uint8Array, { id, credentials }: Sealed): boolean {
  try {
    unseal(credentials, () => key, id);
    return true;
  } catch {
    return false;
  }
}

/** How many of these texts stand in the files below a folder as they are. */
export function foundIn(folder: string, texts: readonly string[]): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const bytes = files.map(({ name, parentPath }) => readFileSync(join(parentPath, name)));
  return texts.filter((text) => bytes.some((each) => each.includes(text))).length;
}

/** Callers that ask one model again and again, of one node after the other. */
export class Load {
  /** How many calls there were with each status; 0 = no answer. */
  readonly statuses = new Map<number, number>();
  #stopped = false;
  readonly #callers: readonly Promise<void>[];

  constructor(nodes: readonly Gateway[], key: string, slug: string) {
    const body = { model: slug, messages: [{ role: "user", content: "hello" }] };
    this.#callers = Array.from({ length: CALLERS }, async (_, n) => {
      for (let calls = n; !this.#stopped; calls++) {
        const node = nodes[calls % nodes.length];
        // 0: no answer at all.
        const reply = await node?.api("POST", "/v1/inference/chat", { key, body }).catch(() => undefined);
        const status = reply?.status ?? 0;
        this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      }
    });
  }

  /** Ends it; gives how many calls there were with each status. */
  async stop(): Promise<Readonly<Record<string, number>>> {
    this.#stopped = true;
    await Promise.all(this.#callers);
    return Object.fromEntries(this.statuses);
  }
}
