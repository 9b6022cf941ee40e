import { addCaller, addPartner, addTenant } from "../api/tenancy.ts";
import type { Gateway } from "../harness/gateway.ts";
import type { Kind } from "../matrix/rows.ts";
import { type MatrixCaller, PLACES, World, type WorldGateway } from "../matrix/world.ts";

/** Which kind of thing a field, or a part of a path, names. */
const KIND_OF: Readonly<Record<string, Kind>> = {
  user_id: "user",
  assigned_user_id: "user",
  key_id: "key",
  api_key_id: "key",
  tenant_id: "tenant",
  partner_id: "partner",
  model_id: "model",
  slug: "slug",
  model: "slug",
  session_id: "session",
  role_id: "custom_role",
  custom_role_id: "custom_role",
  group_id: "group",
  mapping_id: "mapping",
  rule_id: "rule",
  model_group_id: "model_group",
  request_id: "request",
  provider_id: "provider",
  backend_id: "backend",
  policy_id: "own_policy",
  grant_id: "grant",
};

/** Callers of every role, and what they can call about; both are made anew when they are used up. */
export class Things {
  readonly #gateway: Gateway;
  #hands: WorldGateway;
  #world: World;
  readonly #ids = new Map<Kind, readonly string[]>();

  private constructor(gateway: Gateway, hands: WorldGateway, world: World) {
    this.#gateway = gateway;
    this.#hands = hands;
    this.#world = world;
  }

  static async of(gateway: Gateway): Promise<Things> {
    const hands = await handsOf(gateway);
    return new Things(gateway, hands, await World.make(hands));
  }

  get callers(): readonly MatrixCaller[] {
    return this.#world.callers;
  }

  /** Ids of the kind that a field names; undefined for fields that name nothing. */
  idsOf(field: string): readonly string[] | undefined {
    const kind = KIND_OF[field];
    return kind && this.#ids.get(kind);
  }

  /** Sees to it that what these fields name is there, whoever has deleted it. */
  async prepare(fields: Iterable<string>): Promise<void> {
    const kinds = new Set([...fields].flatMap((field) => KIND_OF[field] ?? []));
    for (const kind of kinds) this.#ids.set(kind, await this.#made(kind));
  }

  /** New callers, once the old ones have been locked out or have called too often. */
  async renew(): Promise<void> {
    this.#hands = await handsOf(this.#gateway);
    this.#world = await World.make(this.#hands);
  }

  async #made(kind: Kind): Promise<readonly string[]> {
    // Those of the callers must stay as they are.
    if (kind === "partner") return [await addPartner(this.#hands)];
    if (kind === "tenant") {
      return [await addTenant(this.#hands, this.#partnerId), await addTenant(this.#hands)];
    }
    const made: string[] = [];
    for (const place of PLACES) made.push((await this.#world.fresh(kind, place)).id);
    return made;
  }

  get #partnerId(): string | undefined {
    return this.#world.callers.find(({ name }) => name === "a partner's administrator")?.partnerId;
  }
}

/** A gateway in the hands of another of the platform's administrators: calls are limited per user. */
async function handsOf(gateway: Gateway): Promise<WorldGateway> {
  const { key: adminKey } = await addCaller(gateway, { roles: ["super_admin"] });
  return {
    adminKey,
    url: gateway.url,
    api: (method, path, call) => gateway.api(method, path, { key: adminKey, ...call }),
  };
}
