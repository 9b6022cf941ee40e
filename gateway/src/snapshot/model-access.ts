import { type RuleSet, type TenantRules, rulesAllow } from "../access/model-rules.ts";
import type { AccessSubject, ModelAccessRule, ModelGroup } from "../core/model-access.ts";
import type { Principal } from "../core/principal.ts";

/** One change to who may use which model. */
export type ModelAccessDelta =
  | { readonly kind: "model_group"; readonly id: string; readonly value: ModelGroup | undefined }
  | { readonly kind: "model_access"; readonly id: string; readonly value: ModelAccessRule | undefined };

/** The access lists of all tenants, compiled for each when it is first asked for after a change. */
export class ModelAccess {
  readonly #groups = new Map<string, ModelGroup>();
  readonly #rules = new Map<string, ModelAccessRule>();
  readonly #rulesOfTenant = new Map<string, Map<string, ModelAccessRule>>();
  readonly #compiled = new Map<string, TenantRules>();

  modelGroup(id: string): ModelGroup | undefined {
    return this.#groups.get(id);
  }
  rule(id: string): ModelAccessRule | undefined {
    return this.#rules.get(id);
  }
  /** The rules that name a model group. */
  rulesWith(modelGroupId: string): ModelAccessRule[] {
    return [...this.#rules.values()].filter((rule) => rule.modelGroupId === modelGroupId);
  }

  /** Whether the list of the caller's tenant lets a slug through. */
  allows({ tenant, user, proof }: Principal, groupIds: Iterable<string>, slug: string): boolean {
    // Most tenants have no list: one look-up.
    if (!this.#rulesOfTenant.has(tenant.id)) return true;
    const keyId = proof.kind === "key" ? proof.key.id : undefined;
    return rulesAllow(this.#rulesFor(tenant.id), { userId: user.id, groupIds, keyId }, slug);
  }

  apply(delta: ModelAccessDelta): void {
    if (delta.kind === "model_group") {
      const tenantId = delta.value?.tenantId ?? this.#groups.get(delta.id)?.tenantId;
      if (tenantId !== undefined) this.#compiled.delete(tenantId);
      if (delta.value) this.#groups.set(delta.id, delta.value);
      else this.#groups.delete(delta.id);
      return;
    }
    const former = this.#rules.get(delta.id);
    if (former) this.#take(former);
    if (!delta.value) return;
    const { id, tenantId } = delta.value;
    const rules = this.#rulesOfTenant.get(tenantId) ?? new Map<string, ModelAccessRule>();
    this.#rules.set(id, delta.value);
    this.#rulesOfTenant.set(tenantId, rules.set(id, delta.value));
    this.#compiled.delete(tenantId);
  }

  #take({ id, tenantId }: ModelAccessRule): void {
    const rules = this.#rulesOfTenant.get(tenantId);
    rules?.delete(id);
    if (rules?.size === 0) this.#rulesOfTenant.delete(tenantId);
    this.#rules.delete(id);
    this.#compiled.delete(tenantId);
  }

  #rulesFor(tenantId: string): TenantRules {
    const known = this.#compiled.get(tenantId);
    if (known) return known;
    const rules = [...(this.#rulesOfTenant.get(tenantId)?.values() ?? [])];
    const compiled: TenantRules = {
      tenant: this.#bySubject(rules, "tenant").get(tenantId),
      groups: this.#bySubject(rules, "group"),
      users: this.#bySubject(rules, "user"),
      keys: this.#bySubject(rules, "api_key"),
    };
    this.#compiled.set(tenantId, compiled);
    return compiled;
  }

  #bySubject(rules: readonly ModelAccessRule[], kind: AccessSubject): Map<string, RuleSet> {
    const ofKind = rules.filter((rule) => rule.subjectKind === kind);
    const sets = new Map<string, RuleSet>();
    for (const [subjectId, own] of Map.groupBy(ofKind, (rule) => rule.subjectId)) {
      const allowing = own.filter(({ effect }) => effect === "allow");
      const blocked = this.#patterns(own.filter(({ effect }) => effect === "block"));
      sets.set(subjectId, {
        ...(allowing.length > 0 && { allowed: this.#patterns(allowing) }),
        blocked,
      });
    }
    return sets;
  }

  #patterns(rules: readonly ModelAccessRule[]): string[] {
    return rules.flatMap(({ model, modelGroupId }) =>
      model === undefined ? (this.#groups.get(modelGroupId ?? "")?.models ?? []) : [model],
    );
  }
}
