import { nearest } from "../../base/nearest.ts";
import type { BudgetScope } from "../../core/budget.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";

/** Whom a budget of the file is over, or why that cannot be told. */
export type FoundScope = { readonly id: string } | { readonly problem: string };

/** Finds partners, tenants, groups, users and keys by what people call them. */
export class ScopeNames {
  readonly #snapshot: Snapshot;
  /** Ids by address or by tenant and name; looked through once, when the first is asked for. */
  #users: ReadonlyMap<string, readonly string[]> | undefined;
  #groups: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /** By id, else by name. */
  find(scope: BudgetScope, text: string): FoundScope {
    const ids = this.#byId(scope, text) ? [text] : this.#byName(scope, text);
    const [id] = ids;
    if (id === undefined) return { problem: this.#unknown(scope, text) };
    if (ids.length > 1)
      return { problem: `names ${ids.length} users: give the id of one, ${ids.join(" or ")}` };
    return { id };
  }

  #byId(scope: BudgetScope, id: string): boolean {
    const { iam } = this.#snapshot;
    switch (scope) {
      case "partner":
        return this.#snapshot.partnerById(id) !== undefined;
      case "tenant":
        return this.#snapshot.tenantById(id) !== undefined;
      case "group":
        return iam.group(id) !== undefined;
      case "user":
        return this.#snapshot.userById(id) !== undefined;
      case "api_key":
        return this.#snapshot.keyById(id) !== undefined;
    }
  }

  #byName(scope: BudgetScope, name: string): readonly string[] {
    switch (scope) {
      case "partner":
        return idsOf(this.#snapshot.partnerBySlug(name));
      case "tenant":
        return idsOf(this.#snapshot.tenantBySlug(name));
      case "group":
        return this.#groupIds().get(name) ?? [];
      case "user":
        return this.#userIds().get(name.toLowerCase()) ?? [];
      case "api_key":
        return [];
    }
  }

  #userIds(): ReadonlyMap<string, readonly string[]> {
    this.#users ??= indexed(this.#snapshot.users(), ({ email }) => email?.toLowerCase());
    return this.#users;
  }

  #groupIds(): ReadonlyMap<string, readonly string[]> {
    this.#groups ??= indexed(this.#snapshot.iam.groups(), ({ tenantId, name }) => {
      const tenant = this.#snapshot.tenantById(tenantId);
      return tenant && `${tenant.slug}/${name}`;
    });
    return this.#groups;
  }

  #unknown(scope: BudgetScope, text: string): string {
    const known = scope === "user" ? this.#userIds() : scope === "group" ? this.#groupIds() : undefined;
    const [closest] = nearest(text, [...(known?.keys() ?? [])], 1);
    const meant = closest === undefined ? "" : `; did you mean ${closest}?`;
    return `names ${JSON.stringify(text)}, which is no ${scope} that is there${meant}`;
  }
}

function idsOf(found: { readonly id: string } | undefined): readonly string[] {
  return found ? [found.id] : [];
}

function indexed<Thing extends { readonly id: string }>(
  things: Iterable<Thing>,
  nameOf: (thing: Thing) => string | undefined,
): ReadonlyMap<string, readonly string[]> {
  const ids = new Map<string, string[]>();
  for (const thing of things) {
    const name = nameOf(thing);
    if (name === undefined) continue;
    const same = ids.get(name);
    if (same) same.push(thing.id);
    else ids.set(name, [thing.id]);
  }
  return ids;
}
