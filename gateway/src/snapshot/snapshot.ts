import { isPlatformSlug } from "../access/slugs.ts";
import { type IpRange, parseRange } from "../base/ip-ranges.ts";
import type { BackendGrant } from "../core/backend-grant.ts";
import {
  type Backend,
  type Credentials,
  type FrontendModel,
  isFound,
  isGiven,
  type PriceVersion,
  type Provider,
  type RoutingPolicy,
} from "../core/catalogue.ts";
import type { Permission } from "../core/permissions.ts";
import type { Principal } from "../core/principal.ts";
import type { ApiKey, Partner, Session, Tenant, User } from "../core/tenancy.ts";
import { type BudgetDelta, Budgets } from "./budgets.ts";
import { type GrantDelta, Grants } from "./grants.ts";
import { Iam, type IamDelta } from "./iam.ts";
import { put, putIndexed } from "./maps.ts";
import { ModelAccess, type ModelAccessDelta } from "./model-access.ts";
import { type PriceDelta, PriceList } from "./price-list.ts";

/** One change to the control plane: the new state of one object, or that it is gone. */
export type Delta =
  | { readonly kind: "partner"; readonly id: string; readonly value: Partner | undefined }
  | { readonly kind: "tenant"; readonly id: string; readonly value: Tenant | undefined }
  | { readonly kind: "user"; readonly id: string; readonly value: User | undefined }
  | { readonly kind: "api_key"; readonly id: string; readonly value: ApiKey | undefined }
  | { readonly kind: "session"; readonly id: string; readonly value: Session | undefined }
  | {
      readonly kind: "provider";
      readonly id: string;
      readonly value: { readonly provider: Provider; readonly credentials: Credentials } | undefined;
    }
  | {
      readonly kind: "backend";
      readonly id: string;
      readonly value: { readonly backend: Backend; readonly credentials: Credentials } | undefined;
    }
  | { readonly kind: "model"; readonly id: string; readonly value: FrontendModel | undefined }
  | { readonly kind: "routing_policy"; readonly id: string; readonly value: RoutingPolicy | undefined }
  | IamDelta
  | ModelAccessDelta
  | GrantDelta
  | BudgetDelta
  | PriceDelta;

const ROUTED: ReadonlySet<Delta["kind"]> = new Set([
  "provider",
  "backend",
  "model",
  "routing_policy",
  "price_version",
  "price_entry",
  "backend_grant",
]);

/**
 * The control plane in memory: every look-up of the inference path is one `Map.get`. Kept current by deltas, one
 * object at a time, so that neither the number of keys nor that of models is felt.
 */
export class Snapshot {
  /** What people may do beside their built-in roles. */
  readonly iam = new Iam();
  /** Which backends are granted to whom. */
  readonly grants = new Grants();
  /** Who may use which model. */
  readonly modelAccess = new ModelAccess();
  readonly budgets = new Budgets();
  /** What models cost whom. */
  readonly prices = new PriceList();
  readonly #partners = new Map<string, Partner>();
  readonly #partnersBySlug = new Map<string, Partner>();
  readonly #tenants = new Map<string, Tenant>();
  readonly #tenantsBySlug = new Map<string, Tenant>();
  readonly #users = new Map<string, User>();
  readonly #keys = new Map<string, ApiKey>();
  readonly #keysByHash = new Map<string, ApiKey>();
  readonly #activeKeysByUser = new Map<string, Set<string>>();
  /** Of the keys that have a list. */
  readonly #addresses = new Map<string, readonly IpRange[]>();
  readonly #sessions = new Map<string, Session>();
  readonly #sessionsByHash = new Map<string, Session>();
  readonly #providers = new Map<string, Provider>();
  readonly #backends = new Map<string, Backend>();
  readonly #credentials = new Map<string, Credentials>();
  readonly #providerCredentials = new Map<string, Credentials>();
  readonly #models = new Map<string, FrontendModel>();
  readonly #modelsBySlug = new Map<string, FrontendModel>();
  readonly #policies = new Map<string, RoutingPolicy>();
  readonly #policiesByModel = new Map<string, RoutingPolicy>();
  #revision = 0;

  /** Rises with every change of what requests are routed by: providers, backends, models, policies, prices, grants. */
  get revision(): number {
    return this.#revision;
  }

  partnerById(id: string): Partner | undefined {
    return this.#partners.get(id);
  }
  partnerBySlug(slug: string): Partner | undefined {
    return this.#partnersBySlug.get(slug);
  }
  get hasManyTenants(): boolean {
    return this.#tenants.size > 1;
  }

  tenantById(id: string): Tenant | undefined {
    return this.#tenants.get(id);
  }
  tenantBySlug(slug: string): Tenant | undefined {
    return this.#tenantsBySlug.get(slug);
  }
  userById(id: string): User | undefined {
    return this.#users.get(id);
  }
  keyById(id: string): ApiKey | undefined {
    return this.#keys.get(id);
  }
  keyByHash(hash: string): ApiKey | undefined {
    return this.#keysByHash.get(hash);
  }
  /** How many keys a user holds that are not revoked. */
  activeKeysOf(userId: string): number {
    return this.#activeKeysByUser.get(userId)?.size ?? 0;
  }
  activeKeyIdsOf(userId: string): string[] {
    return [...(this.#activeKeysByUser.get(userId) ?? [])];
  }
  permissionsHeld(user: User): ReadonlySet<Permission> {
    return this.iam.held(user);
  }
  permissionsWith(key: ApiKey, held: ReadonlySet<Permission>): ReadonlySet<Permission> {
    return this.iam.with(key, held);
  }
  allowsModel(principal: Principal, slug: string): boolean {
    return this.modelAccess.allows(principal, this.iam.groupsOf(principal.user.id), slug);
  }
  /** The addresses a key may be used from; undefined = any. */
  addressesOf(keyId: string): readonly IpRange[] | undefined {
    return this.#addresses.get(keyId);
  }
  sessionById(id: string): Session | undefined {
    return this.#sessions.get(id);
  }
  sessionByHash(hash: string): Session | undefined {
    return this.#sessionsByHash.get(hash);
  }
  sessions(): Iterable<Session> {
    return this.#sessions.values();
  }
  providerById(id: string): Provider | undefined {
    return this.#providers.get(id);
  }
  get backendsById(): ReadonlyMap<string, Backend> {
    return this.#backends;
  }
  backendById(id: string): Backend | undefined {
    return this.#backends.get(id);
  }
  /** Opened credentials of an account: never leave the process but towards its own upstream. */
  providerCredentials(providerId: string): Credentials {
    return this.#providerCredentials.get(providerId) ?? {};
  }
  /** A backend's own credentials. */
  ownCredentials(backendId: string): Credentials {
    return this.#credentials.get(backendId) ?? {};
  }
  /** What a backend shows its upstream: its own credentials, else its provider's. */
  credentialsOf(backendId: string): Credentials {
    const own = this.ownCredentials(backendId);
    if (isGiven(own)) return own;
    return this.providerCredentials(this.#backends.get(backendId)?.providerId ?? "");
  }
  /** Whether a backend can show a key, or needs none: false while its reference leads nowhere. */
  hasCredentials(backendId: string): boolean {
    return isFound(this.credentialsOf(backendId));
  }
  /** Whether whose a model's slug is has been granted a backend; the platform, whose the rest are, needs no grant. */
  isGranted(slug: string, backendId: string): boolean {
    return isPlatformSlug(slug) || this.grantOf(slug, backendId) !== undefined;
  }
  /** The grant by which a model below the platform may be routed over a backend. */
  grantOf(slug: string, backendId: string): BackendGrant | undefined {
    return this.grants.ofOwner(slug, backendId, this.#tenantsBySlug, this.#partnersBySlug);
  }
  modelById(id: string): FrontendModel | undefined {
    return this.#models.get(id);
  }
  modelBySlug(slug: string): FrontendModel | undefined {
    return this.#modelsBySlug.get(slug);
  }
  policyOf(modelId: string): RoutingPolicy | undefined {
    return this.#policiesByModel.get(modelId);
  }
  /** All versions of a model's price, a backend's cost or a grant's price, oldest first. */
  pricesOf(subjectId: string): readonly PriceVersion[] {
    return this.prices.versionsOf(subjectId);
  }

  models(): Iterable<FrontendModel> {
    return this.#models.values();
  }
  providers(): Iterable<Provider> {
    return this.#providers.values();
  }
  backends(): Iterable<Backend> {
    return this.#backends.values();
  }
  policies(): Iterable<RoutingPolicy> {
    return this.#policies.values();
  }
  /** The tenant that installation-wide users belong to: the oldest. Throws on a store without any. */
  homeTenantId(): string {
    let oldest: string | undefined;
    for (const id of this.#tenants.keys()) if (oldest === undefined || id < oldest) oldest = id;
    if (oldest === undefined) throw new Error("the store has no tenant");
    return oldest;
  }
  users(): Iterable<User> {
    return this.#users.values();
  }

  /** Applies one change. The same change twice is the same as once. */
  apply(delta: Delta): void {
    if (ROUTED.has(delta.kind)) this.#revision++;
    switch (delta.kind) {
      case "partner":
        return putIndexed(this.#partners, this.#partnersBySlug, slugOf, delta.id, delta.value);
      case "tenant":
        return putIndexed(this.#tenants, this.#tenantsBySlug, slugOf, delta.id, delta.value);
      case "user":
        this.iam.userChanged(delta.id, delta.value);
        return put(this.#users, delta.id, delta.value);
      case "api_key":
        this.#countKey(delta.id, delta.value);
        this.iam.keyChanged(delta.id, delta.value);
        put(this.#addresses, delta.id, delta.value && rangesOf(delta.value));
        return putIndexed(this.#keys, this.#keysByHash, (key) => key.hash, delta.id, delta.value);
      case "session":
        return putIndexed(
          this.#sessions,
          this.#sessionsByHash,
          (session) => session.tokenHash,
          delta.id,
          delta.value,
        );
      case "provider":
        put(this.#providerCredentials, delta.id, delta.value?.credentials);
        return put(this.#providers, delta.id, delta.value?.provider);
      case "backend":
        put(this.#credentials, delta.id, delta.value?.credentials);
        return put(this.#backends, delta.id, delta.value?.backend);
      case "model":
        return putIndexed(this.#models, this.#modelsBySlug, (model) => model.slug, delta.id, delta.value);
      case "routing_policy":
        return putIndexed(
          this.#policies,
          this.#policiesByModel,
          (policy) => policy.modelId,
          delta.id,
          delta.value,
        );
      case "price_version":
      case "price_entry":
        return this.prices.apply(delta);
      case "custom_role":
      case "group":
      case "role_mapping":
        return this.iam.apply(delta);
      case "backend_grant":
        return this.grants.apply(delta);
      case "model_group":
      case "model_access":
        return this.modelAccess.apply(delta);
      case "budget":
        return this.budgets.apply(delta);
    }
  }

  #countKey(id: string, key: ApiKey | undefined): void {
    const owner = key?.userId ?? this.#keys.get(id)?.userId;
    if (owner === undefined) return;
    const active = this.#activeKeysByUser.get(owner) ?? new Set();
    if (key?.status === "active") active.add(id);
    else active.delete(id);
    this.#activeKeysByUser.set(owner, active);
  }
}

function slugOf({ slug }: { readonly slug: string }): string {
  return slug;
}

function rangesOf({ allowedIps }: ApiKey): readonly IpRange[] | undefined {
  return allowedIps?.map(parseRange).filter((range) => range !== undefined);
}
