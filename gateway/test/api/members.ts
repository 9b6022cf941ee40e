import { createHash } from "node:crypto";
import type { Gateway } from "../harness/gateway.ts";
import { mintTestKey } from "../harness/keys.ts";
import { withShell } from "./store-shell.ts";
import type { StoreShell } from "./store-shell.ts";

/** Somebody the store has been given, with a key of theirs. */
export interface Member {
  readonly userId: string;
  readonly keyId: string;
  readonly key: string;
}

export interface MemberOptions {
  readonly role: string;
  /** A tenant of their own beside the first one, of the same partner. */
  readonly elsewhere?: boolean;
  /** Active keys they hold beside the one of the result. */
  readonly otherKeys?: number;
  /** Epoch milliseconds at which the key expires. */
  readonly expiresAt?: number;
}

/** An id as the gateway makes them, the same for the same number. */
function idOf(prefix: string, n: number): string {
  return `${prefix}_01${String(n).padStart(24, "0")}`;
}

class Writer {
  readonly #store: StoreShell;
  #ids = (Date.now() % 1_000_000_000) * 10_000;

  constructor(store: StoreShell) {
    this.#store = store;
  }

  #next(prefix: string): string {
    return idOf(prefix, this.#ids++);
  }

  async tenant(): Promise<string> {
    const id = this.#next("tenant");
    await this.#store.run(
      "insert into tenants (id, partner_id, slug, display_name, status, time_zone) " +
        "select ?, partner_id, ?, 'Elsewhere', status, time_zone from tenants where slug = 'default'",
      [id, id.toLowerCase()],
    );
    return id;
  }

  async user({ role, elsewhere = false }: MemberOptions): Promise<string> {
    const id = this.#next("user");
    const tenantId = elsewhere ? await this.tenant() : null;
    await this.#store.run(
      "insert into users (id, tenant_id, email, display_name, kind, status, roles) " +
        "select ?, coalesce(?, id), null, ?, 'human', 'active', ? from tenants where slug = 'default'",
      [id, tenantId, role, JSON.stringify([role])],
    );
    return id;
  }

  async key(userId: string, key: string, expiresAt: number | undefined): Promise<string> {
    const id = this.#next("apikey");
    await this.#store.run(
      "insert into api_keys (id, user_id, name, hash, prefix, last4, status, expires_at, created_at) " +
        "values (?, ?, 'given', ?, ?, ?, 'active', ?, ?)",
      [
        id,
        userId,
        createHash("sha256").update(key).digest("hex"),
        key.slice(0, 8),
        key.slice(-4),
        expiresAt ?? null,
        Date.now(),
      ],
    );
    return id;
  }
}

/** Gives a gateway people of these roles, by way of its store: it is started again in between. */
export async function withMembers(
  gateway: Gateway,
  wanted: readonly MemberOptions[],
): Promise<readonly Member[]> {
  await gateway.terminate();
  const members: Member[] = [];
  await withShell(gateway, (store) => {
    const writer = new Writer(store);
    return store.transaction(async () => {
      for (const options of wanted) members.push(await memberOf(writer, options));
    });
  });
  await gateway.restart();
  return members;
}

async function memberOf(writer: Writer, options: MemberOptions): Promise<Member> {
  const userId = await writer.user(options);
  for (let n = 0; n < (options.otherKeys ?? 0); n++) await writer.key(userId, mintTestKey(), undefined);
  const key = mintTestKey();
  return { userId, key, keyId: await writer.key(userId, key, options.expiresAt) };
}
