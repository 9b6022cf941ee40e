import { Rounds } from "../base/rounds.ts";
import type { Credentials } from "../core/catalogue.ts";
import {
  type StoredBackend,
  type StoredProvider,
  loadBackend,
  loadBackends,
  loadModel,
  loadModels,
  loadPolicies,
  loadPolicy,
  loadProvider,
  loadProviders,
} from "../store/catalogue/reader.ts";
import { findBudget, loadBudgets } from "../store/budgets/reader.ts";
import { type Change, changesSince, lastChange } from "../store/changes/reader.ts";
import {
  findCustomRole,
  findGroup,
  findRoleMapping,
  loadCustomRoles,
  loadGroups,
  loadRoleMappings,
} from "../store/iam/reader.ts";
import { findGrant, loadGrants } from "../store/grants/reader.ts";
import { loadKey, loadKeys } from "../store/keys/reader.ts";
import {
  findModelAccess,
  findModelGroup,
  loadModelAccess,
  loadModelGroups,
} from "../store/model-access/reader.ts";
import { loadPriceEntries, loadPriceEntry } from "../store/price-book/reader.ts";
import { loadPriceVersion, loadPriceVersions } from "../store/prices/reader.ts";
import { loadSession, loadSessions } from "../store/sign-in/reader.ts";
import type { Reader, Store } from "../store/store.ts";
import type { EntityKind } from "../store/write.ts";
import {
  loadPartner,
  loadPartners,
  loadTenant,
  loadTenants,
  loadUser,
  loadUsers,
} from "../store/tenancy/reader.ts";
import { type Delta, Snapshot } from "./snapshot.ts";

const CHANGES_PER_ROUND = 500;
/** Changes that are remembered, should the store lose them. */
const REMEMBERED_MAX = 10_000;

/** What stored credentials are opened with. */
export interface Secrets {
  /** Opens a secret of that row. Throws when no key of this process does. */
  readonly unseal: (sealed: string, rowId: string) => string;
  /** Looks again which key new secrets are sealed with: the settings have changed. */
  readonly settingsChanged: () => Promise<void>;
  /** Hears of a secret that has changed and cannot be opened here. */
  readonly onLocked: (rowId: string, error: unknown) => void;
  /** What an opened credential comes to now. */
  readonly readReference: (text: string) => Credentials;
}

/**
 * Keeps the snapshot in step with the store: loaded whole once, then by the change log, one object per change.
 * The cost of a change does not grow with the number of objects.
 */
export class ControlPlane {
  readonly snapshot: Snapshot;
  readonly #read: Reader;
  readonly #secrets: Secrets;
  readonly #listeners: ((delta: Delta) => void)[] = [];
  #seq: bigint;
  readonly #rounds = new Rounds(() => this.#applyNew());
  /** The last that were applied, the oldest first. */
  #remembered: Change[] = [];
  #mayLack = false;

  private constructor(read: Reader, secrets: Secrets, seq: bigint) {
    this.snapshot = new Snapshot();
    this.#read = read;
    this.#secrets = secrets;
    this.#seq = seq;
  }

  /** Reads everything, at a start. */
  static async load(store: Pick<Store, "control" | "readAtStart">, secrets: Secrets): Promise<ControlPlane> {
    // The log's end first: what changes while the tables are read is applied again, which is harmless.
    const plane = new ControlPlane(store.control, secrets, await lastChange(store.control));
    await store.readAtStart((read) => plane.#readAll(read));
    return plane;
  }

  async #readAll(read: Reader): Promise<void> {
    const { snapshot } = this;
    for (const value of await loadPartners(read)) snapshot.apply({ kind: "partner", id: value.id, value });
    for (const value of await loadTenants(read)) snapshot.apply({ kind: "tenant", id: value.id, value });
    for (const value of await loadUsers(read)) snapshot.apply({ kind: "user", id: value.id, value });
    for (const value of await loadKeys(read)) snapshot.apply({ kind: "api_key", id: value.id, value });
    for (const value of await loadSessions(read)) snapshot.apply({ kind: "session", id: value.id, value });
    for (const stored of await loadProviders(read))
      snapshot.apply(this.#provider(stored.provider.id, stored));
    for (const stored of await loadBackends(read)) snapshot.apply(this.#backend(stored.backend.id, stored));
    for (const value of await loadModels(read)) snapshot.apply({ kind: "model", id: value.id, value });
    for (const value of await loadPolicies(read))
      snapshot.apply({ kind: "routing_policy", id: value.id, value });
    for (const value of await loadCustomRoles(read)) {
      snapshot.apply({ kind: "custom_role", id: value.id, value });
    }
    for (const value of await loadGroups(read)) snapshot.apply({ kind: "group", id: value.id, value });
    for (const value of await loadRoleMappings(read)) {
      snapshot.apply({ kind: "role_mapping", id: value.id, value });
    }
    for (const value of await loadModelGroups(read)) {
      snapshot.apply({ kind: "model_group", id: value.id, value });
    }
    for (const value of await loadModelAccess(read)) {
      snapshot.apply({ kind: "model_access", id: value.id, value });
    }
    for (const value of await loadBudgets(read)) snapshot.apply({ kind: "budget", id: value.id, value });
    for (const value of await loadGrants(read))
      snapshot.apply({ kind: "backend_grant", id: value.id, value });
    for (const value of await loadPriceVersions(read)) {
      snapshot.apply({ kind: "price_version", id: value.id, value });
    }
    for (const value of await loadPriceEntries(read)) {
      snapshot.apply({ kind: "price_entry", id: value.id, value });
    }
  }

  /** The number of the last change of the log that has been applied. */
  get seq(): bigint {
    return this.#seq;
  }

  /** Tells of every change after it has been applied. */
  subscribe(listener: (delta: Delta) => void): void {
    this.#listeners.push(listener);
  }

  /** Applies every change committed before the call. A round that fails is made up for by the next. */
  catchUp(): Promise<void> {
    return this.#rounds.run();
  }

  /** Reads one session again, of whose use the change log does not tell. */
  async rereadSession(id: string): Promise<void> {
    this.snapshot.apply({ kind: "session", id, value: await loadSession(this.#read, id) });
  }

  /**
   * Takes back what a store that has begun anew may have lost: whatever those changes were about is read again, and the
   * log is followed from where it ends now. Rejects with StoreUnavailable.
   */
  takeBack(): Promise<void> {
    this.#mayLack = true;
    return this.catchUp();
  }

  async #applyNew(): Promise<void> {
    if (this.#mayLack) await this.#unlearn(await lastChange(this.#read));
    for (;;) {
      const { changes, lastSeq } = await changesSince(this.#read, this.#seq, CHANGES_PER_ROUND);
      await this.#applyAll(changes);
      this.#remembered.push(...changes);
      if (this.#remembered.length > 2 * REMEMBERED_MAX) this.#remembered.splice(0, REMEMBERED_MAX);
      if (lastSeq === this.#seq) return;
      this.#seq = lastSeq;
    }
  }

  /** The log ends there: what came after it is as if it had never been. */
  async #unlearn(last: bigint): Promise<void> {
    if (last < this.#seq) {
      await this.#applyAll(this.#remembered.filter(({ seq }) => seq > last));
      this.#remembered = this.#remembered.filter(({ seq }) => seq <= last);
      this.#seq = last;
    }
    this.#mayLack = false;
  }

  async #applyAll(changes: readonly Change[]): Promise<void> {
    const latest = new Map(changes.map((change) => [`${change.kind} ${change.entityId}`, change]));
    // Read first, then applied in one go: nobody may call with a key that is known before its budget is.
    const deltas: Delta[] = [];
    for (const { kind, entityId } of latest.values()) {
      const delta = await this.#delta(kind, entityId);
      if (delta) deltas.push(delta);
    }
    for (const delta of deltas) this.snapshot.apply(delta);
    for (const delta of deltas) for (const listener of this.#listeners) listener(delta);
  }

  /** The present state of one object; undefined for a kind that is not held in memory. */
  async #delta(kind: EntityKind, id: string): Promise<Delta | undefined> {
    const read = this.#read;
    switch (kind) {
      case "partner":
        return { kind, id, value: await loadPartner(read, id) };
      case "tenant":
        return { kind, id, value: await loadTenant(read, id) };
      case "user":
        return { kind, id, value: await loadUser(read, id) };
      case "api_key":
        return { kind, id, value: await loadKey(read, id) };
      case "provider":
        return this.#provider(id, await loadProvider(read, id), this.snapshot.providerCredentials(id));
      case "backend":
        return this.#backend(id, await loadBackend(read, id), this.snapshot.ownCredentials(id));
      case "model":
        return { kind, id, value: await loadModel(read, id) };
      case "routing_policy":
        return { kind, id, value: await loadPolicy(read, id) };
      case "price_version":
        return { kind, id, value: await loadPriceVersion(read, id) };
      case "price_entry":
        return { kind, id, value: await loadPriceEntry(read, id) };
      case "session":
        return { kind, id, value: await loadSession(read, id) };
      case "custom_role":
        return { kind, id, value: await findCustomRole(read, id) };
      case "group":
        return { kind, id, value: await findGroup(read, id) };
      case "role_mapping":
        return { kind, id, value: await findRoleMapping(read, id) };
      case "model_group":
        return { kind, id, value: await findModelGroup(read, id) };
      case "model_access":
        return { kind, id, value: await findModelAccess(read, id) };
      case "budget":
        return { kind, id, value: await findBudget(read, id) };
      case "backend_grant":
        return { kind, id, value: await findGrant(read, id) };
      case "setting":
        await this.#secrets.settingsChanged();
        return undefined;
      case "password":
      case "claim":
      case "invitation":
        return undefined;
    }
  }

  #provider(id: string, stored: StoredProvider | undefined, former?: Credentials): Delta {
    const value = stored && { provider: stored.provider, credentials: this.#open(stored.sealed, id, former) };
    return { kind: "provider", id, value };
  }

  #backend(id: string, stored: StoredBackend | undefined, former?: Credentials): Delta {
    const value = stored && { backend: stored.backend, credentials: this.#open(stored.sealed, id, former) };
    return { kind: "backend", id, value };
  }

  /** `former`: what it goes on with when no key opens the secret; without it that is an error. */
  #open(sealed: string | undefined, rowId: string, former: Credentials | undefined): Credentials {
    if (sealed === undefined) return {};
    try {
      return this.#secrets.readReference(this.#secrets.unseal(sealed, rowId));
    } catch (error) {
      if (former === undefined) throw error;
      // A node that lacks a key goes on with what it has: it must not lose touch with all other changes.
      this.#secrets.onLocked(rowId, error);
      return former;
    }
  }
}
