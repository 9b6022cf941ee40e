import { ROLE_PERMISSIONS } from "../../src/access/roles.ts";
import { newId } from "../../src/base/ids.ts";
import type { Permission, Role } from "../../src/core/permissions.ts";
import { addCaller, addKey, addPartner, addTenant, madeId } from "../api/tenancy.ts";
import { Stranger, tokenIn } from "../api/people.ts";
import { requestIdOf, SANDBOX } from "../api/started.ts";
import type { ApiCall, ApiReply } from "../harness/api.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";
import type { Kind } from "./rows.ts";

/** Whose something is. */
export interface Owner {
  readonly partnerId: string;
  readonly tenantId?: string;
  readonly userId?: string;
}

/** Somebody who calls. */
export interface MatrixCaller extends Owner {
  readonly name: string;
  /** Undefined = no key is sent. */
  readonly key: string | undefined;
  /** Empty = whoever they are, they are not let in. */
  readonly permissions: ReadonlySet<Permission>;
  readonly isKnown: boolean;
}

/** Where a thing is, seen from the tenant that the matrix is about. */
export const PLACES = ["own", "sibling", "foreign", "random"] as const;
export type Place = (typeof PLACES)[number];

/** Something that a call is about; `owner` of what is the platform's is undefined. */
export interface Target {
  readonly id: string;
  readonly owner: Owner | undefined;
  /** Of a model; of a tenant to grant something to, the backend. */
  readonly slug?: string;
  /** Of a group: somebody in it. */
  readonly memberId?: string;
}

interface Level {
  readonly partnerId: string;
  readonly tenantId: string;
  readonly tenantSlug: string;
}

const HANDS = 8;

type Levels = Readonly<Record<Exclude<Place, "random">, Level>>;

const SCOPES: readonly Permission[] = ["models:list"];
const RANDOM: Readonly<Record<Kind, () => string>> = {
  user: () => newId("user", Date.now()),
  key: () => newId("apikey", Date.now()),
  tenant: () => newId("tenant", Date.now()),
  partner: () => newId("partner", Date.now()),
  model: () => newId("model", Date.now()),
  slug: () => `tenant/${Bun.randomUUIDv7()}/${Bun.randomUUIDv7()}`,
  custom_role: () => newId("role", Date.now()),
  group: () => newId("group", Date.now()),
  mapping: () => newId("map", Date.now()),
  rule: () => newId("access", Date.now()),
  model_group: () => newId("mg", Date.now()),
  session: () => newId("sess", Date.now()),
  request: () => newId("req", Date.now()),
  provider: () => newId("prov", Date.now()),
  backend: () => newId("be", Date.now()),
  policy: () => newId("route", Date.now()),
  own_policy: () => newId("route", Date.now()),
  grant: () => newId("grant", Date.now()),
  grantable: () => newId("tenant", Date.now()),
  budget: () => newId("budget", Date.now()),
  price_entry: () => newId("entry", Date.now()),
};

/** What a world is made through; `adminKey` becomes the platform's caller. */
export type WorldGateway = Pick<Gateway, "api" | "url" | "adminKey">;

/** Administrators who prepare the world in turn: management calls are limited per user. */
class Hands {
  readonly #gateway: WorldGateway;
  readonly #keys: readonly string[];
  #calls = 0;

  private constructor(gateway: WorldGateway, keys: readonly string[]) {
    this.#gateway = gateway;
    this.#keys = keys;
  }

  static async of(gateway: WorldGateway): Promise<Hands> {
    const keys: string[] = [];
    for (let n = 0; n < HANDS; n++) keys.push((await addCaller(gateway, { roles: ["super_admin"] })).key);
    return new Hands(gateway, keys);
  }

  get url(): string {
    return this.#gateway.url;
  }
  get adminKey(): string {
    return this.#gateway.adminKey;
  }

  api(method: string, path: string, call: ApiCall = {}): Promise<ApiReply> {
    const key = this.#keys[this.#calls++ % HANDS] ?? "";
    return this.#gateway.api(method, path, { key, ...call });
  }
}

/** Two tenants of one partner, one of another, and somebody of every role in them. */
export class World {
  readonly #gateway: Hands;
  readonly #levels: Levels;
  readonly #kept = new Map<string, Promise<Target>>();
  readonly callers: readonly MatrixCaller[];

  private constructor(gateway: Hands, levels: Levels, callers: readonly MatrixCaller[]) {
    this.#gateway = gateway;
    this.#levels = levels;
    this.callers = callers;
  }

  static async make(of: WorldGateway): Promise<World> {
    const gateway = await Hands.of(of);
    const [ours, theirs] = [await addPartner(gateway), await addPartner(gateway)];
    const level = async (partnerId: string): Promise<Level> => {
      const tenantId = await addTenant(gateway, partnerId);
      const { body } = await gateway.api("GET", `/v1/tenants/${tenantId}`);
      return { partnerId, tenantId, tenantSlug: pickText(body, "data.slug") };
    };
    const levels = { own: await level(ours), sibling: await level(ours), foreign: await level(theirs) };
    // A tenant without users could be deleted, and is needed to the end.
    await addUser(gateway, levels.sibling.tenantId, "tenant_viewer");
    return new World(gateway, levels, await callersIn(gateway, levels.own, levels.foreign));
  }

  /** Something in a place that nothing changes. */
  kept(kind: Kind, place: Place): Promise<Target> {
    const key = `${kind} ${place}`;
    const known = this.#kept.get(key) ?? this.fresh(kind, place);
    this.#kept.set(key, known);
    return known;
  }

  /** Something in a place that may be changed, or deleted. */
  async fresh(kind: Kind, place: Place): Promise<Target> {
    if (place === "random") return { id: RANDOM[kind](), owner: undefined };
    const level = this.#levels[place];
    const { partnerId, tenantId } = level;
    switch (kind) {
      case "partner":
        return { id: partnerId, owner: { partnerId } };
      case "tenant":
        return { id: tenantId, owner: { partnerId, tenantId } };
      case "user": {
        const userId = await this.#user(tenantId, "tenant_viewer");
        return { id: userId, owner: { partnerId, tenantId, userId } };
      }
      case "key": {
        const userId = await this.#user(tenantId, "tenant_viewer");
        const body = { name: "target", assigned_user_id: userId };
        const id = madeId(await this.#gateway.api("POST", "/v1/api-keys", { body }));
        return { id, owner: { partnerId, tenantId, userId } };
      }
      case "model":
      case "slug": {
        const slug = `tenant/${level.tenantSlug}/${Bun.randomUUIDv7()}`;
        const id = await this.#model(slug);
        return { id: kind === "slug" ? slug : id, slug, owner: { partnerId, tenantId } };
      }
      case "group": {
        const memberId = await this.#user(tenantId, "tenant_viewer");
        const id = await this.#add("/v1/groups", { name: Bun.randomUUIDv7(), tenant_id: tenantId });
        await this.#gateway.api("PUT", `/v1/groups/${id}/members/${memberId}`);
        return { id, memberId, owner: { partnerId, tenantId } };
      }
      case "budget": {
        // Made by the tenant itself: what those above have made is read-only there.
        const key = await addKey(this.#gateway, await this.#user(tenantId, "tenant_admin"));
        const userId = await this.#user(tenantId, "tenant_viewer");
        const body = { scope: "user", scope_id: userId, period: "daily", request_limit: 5 };
        const made = await this.#gateway.api("POST", "/v1/accounting/budgets", { key, body });
        return { id: madeId(made), owner: { partnerId, tenantId, userId } };
      }
      case "price_entry":
        return { id: await this.#priceEntry(tenantId), owner: { partnerId, tenantId } };
      case "mapping":
      case "custom_role":
      case "rule":
      case "model_group":
        return { id: await this.#ofTenant(kind, tenantId), owner: { partnerId, tenantId } };
      case "own_policy":
        return { id: await this.#ownPolicy(level), owner: { partnerId, tenantId } };
      case "grantable":
        return { id: tenantId, slug: await this.#partnersBackend(partnerId), owner: { partnerId, tenantId } };
      case "grant":
        return { id: await this.#grant(partnerId, tenantId), owner: { partnerId, tenantId } };
      case "session": {
        const { userId, sessionId } = await signedIn(this.#gateway, tenantId);
        return { id: sessionId, owner: { partnerId, tenantId, userId } };
      }
      case "request": {
        const userId = await this.#user(tenantId, "tenant_user");
        const key = await addKey(this.#gateway, userId);
        const body = { model: SANDBOX, messages: [{ role: "user", content: "hello" }] };
        const reply = await this.#gateway.api("POST", "/v1/inference/chat", { key, body });
        return { id: requestIdOf(reply), owner: { partnerId, tenantId, userId } };
      }
      case "provider":
      case "backend":
      case "policy":
        return { id: await this.#ofPlatform(kind), owner: undefined };
    }
  }

  /** Set by a tenant's administrator, for a model of the tenant over a backend granted to it. */
  async #ownPolicy({ tenantId, tenantSlug }: Level): Promise<string> {
    const backend_id = await this.#ofPlatform("backend");
    await this.#add("/v1/backend-grants", { backend_id, tenant_id: tenantId });
    const model_id = await this.#model(`tenant/${tenantSlug}/${Bun.randomUUIDv7()}`);
    const { key } = await addCaller(this.#gateway, { roles: ["tenant_admin"], tenantId });
    const body = { model_id, targets: [{ backend_id }] };
    return madeId(await this.#gateway.api("POST", "/v1/routing-policies", { key, body }));
  }

  /** Made by its partner: what the platform has set is read-only there. For a model of its own, so that no other stands in its way. */
  async #priceEntry(tenantId: string): Promise<string> {
    const { key } = await addCaller(this.#gateway, { roles: ["partner_admin"], tenantId });
    const model_id = await this.#model(`acme/${Bun.randomUUIDv7()}`);
    const body = { tenant_id: tenantId, model_id, mark_up_percent: "5" };
    return madeId(await this.#gateway.api("POST", "/v1/accounting/price-books", { key, body }));
  }

  /** A backend that a partner has been granted. */
  async #partnersBackend(partnerId: string): Promise<string> {
    const backend_id = await this.#ofPlatform("backend");
    await this.#add("/v1/backend-grants", { backend_id, partner_id: partnerId });
    return backend_id;
  }

  /** What a partner has handed on to a tenant: what the platform grants, the partner may not take back. */
  async #grant(partnerId: string, tenantId: string): Promise<string> {
    const backend_id = await this.#partnersBackend(partnerId);
    const { key } = await addCaller(this.#gateway, { roles: ["partner_admin"], tenantId });
    const body = { backend_id, tenant_id: tenantId };
    return madeId(await this.#gateway.api("POST", "/v1/backend-grants", { key, body }));
  }

  #user(tenantId: string, role: Role): Promise<string> {
    return addUser(this.#gateway, tenantId, role);
  }

  async #model(slug: string): Promise<string> {
    const body = { slug, context_window: 1_000, free: true };
    return madeId(await this.#gateway.api("POST", "/v1/models", { body }));
  }

  async #add(path: string, body: object): Promise<string> {
    return madeId(await this.#gateway.api("POST", path, { body }));
  }

  async #ofTenant(
    kind: "mapping" | "custom_role" | "rule" | "model_group",
    tenantId: string,
  ): Promise<string> {
    const owned = { tenant_id: tenantId };
    switch (kind) {
      case "custom_role":
        return this.#add("/v1/iam/custom-roles", {
          slug: `r-${Bun.randomUUIDv7()}`,
          name: "target",
          ...owned,
        });
      case "mapping": {
        const group_id = await this.#add("/v1/groups", { name: Bun.randomUUIDv7(), ...owned });
        return this.#add("/v1/role-mappings", { group_id, role: "tenant_viewer" });
      }
      case "rule":
        return this.#add("/v1/model-access", {
          subject_type: "tenant",
          effect: "block",
          model: "nobody/*",
          ...owned,
        });
      case "model_group":
        return this.#add("/v1/model-groups", { name: Bun.randomUUIDv7(), models: ["nobody/*"], ...owned });
    }
  }

  async #ofPlatform(kind: "provider" | "backend" | "policy"): Promise<string> {
    // Nothing listens there: what is asked of it fails at once.
    const provider = { type: "custom", name: "target", base_url: "http://127.0.0.1:1/v1" };
    const providerId = madeId(await this.#gateway.api("POST", "/v1/providers", { body: provider }));
    if (kind === "provider") return providerId;
    const backend = { provider_id: providerId, upstream_model: "m", free: true };
    const backendId = madeId(await this.#gateway.api("POST", "/v1/backends", { body: backend }));
    if (kind === "backend") return backendId;
    const policy = {
      model_id: await this.#model(`acme/${Bun.randomUUIDv7()}`),
      targets: [{ backend_id: backendId }],
    };
    return madeId(await this.#gateway.api("POST", "/v1/routing-policies", { body: policy }));
  }
}

async function addUser(gateway: Hands, tenantId: string, role: Role): Promise<string> {
  const body = { display_name: role, kind: "service", roles: [role], tenant_id: tenantId };
  return madeId(await gateway.api("POST", "/v1/users", { body }));
}

/** A person of a tenant who has been invited and has signed in. */
async function signedIn(gateway: Hands, tenantId: string) {
  const email = `${Bun.randomUUIDv7()}@example.com`;
  const person = { display_name: email, email, roles: ["tenant_viewer"], tenant_id: tenantId };
  const userId = madeId(await gateway.api("POST", "/v1/users", { body: person }));
  const invitation = await gateway.api("POST", `/v1/users/${userId}/invitation`);
  await new Stranger(() => gateway.url).claim(tokenIn(pickText(invitation.body, "data.link")), email);
  const sessions = await gateway.api("GET", `/v1/auth/sessions?user_id=${userId}`);
  return { userId, sessionId: pickText(sessions.body, "data.items.0.id") };
}

async function callersIn(gateway: Hands, own: Level, foreign: Level): Promise<readonly MatrixCaller[]> {
  const someone = async (name: string, { partnerId, tenantId }: Level, role: Role, more: object = {}) => {
    const userId = await addUser(gateway, tenantId, role);
    const key = await addKey(gateway, userId, more);
    const permissions = new Set(ROLE_PERMISSIONS[role]);
    return { name, partnerId, tenantId, userId, key, permissions, isKnown: true };
  };
  const me = await gateway.api("GET", "/v1/me", { key: gateway.adminKey });
  const revoked = await someone("a revoked key", own, "tenant_admin");
  // While it is the only key of its tenant.
  await revoke(gateway, revoked.key, own.tenantId);
  const scoped = await someone("a key of scopes", own, "tenant_admin", { scopes: SCOPES });
  const stranger = { name: "a stranger", key: undefined, partnerId: "", permissions: new Set<Permission>() };
  return [
    { ...stranger, isKnown: false },
    { ...revoked, permissions: new Set(), isKnown: false },
    { ...scoped, permissions: new Set(SCOPES) },
    await someone("a viewer", own, "tenant_viewer"),
    await someone("a user", own, "tenant_user"),
    await someone("an administrator", own, "tenant_admin"),
    await someone("an administrator elsewhere", foreign, "tenant_admin"),
    await someone("a partner's viewer", own, "partner_viewer"),
    await someone("a partner's administrator", own, "partner_admin"),
    await someone("another partner's viewer", foreign, "partner_viewer"),
    await someone("another partner's administrator", foreign, "partner_admin"),
    {
      name: "the platform",
      key: gateway.adminKey,
      partnerId: pickText(me.body, "data.partner.id"),
      tenantId: pickText(me.body, "data.tenant.id"),
      userId: pickText(me.body, "data.user.id"),
      permissions: new Set(ROLE_PERMISSIONS.super_admin),
      isKnown: true,
    },
  ];
}

async function revoke(gateway: Hands, key: string, tenantId: string): Promise<void> {
  const reply = await gateway.api("POST", "/v1/api-keys/revoke", {
    body: { filter: { tenant_id: tenantId } },
  });
  const revoked = pick(reply.body, "data.revoked");
  if (!Array.isArray(revoked) || revoked.length === 0) throw new Error(`nothing was revoked: ${reply.text}`);
  const tried = await gateway.api("GET", "/v1/me", { key });
  if (tried.status !== 401) throw new Error("the revoked key still opens something");
}
