import type { Clock } from "../../base/clock.ts";
import type { Credentials, PriceVersion, RoutingPolicy } from "../../core/catalogue.ts";
import type { Issue } from "../../core/issues.ts";
import { ApiError } from "../../errors.ts";
import { inForce } from "../../pricing/version.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { updatePolicy } from "../../store/catalogue/writer.ts";
import { createPriceVersion } from "../../store/prices/writer.ts";
import type { Write } from "../../store/write.ts";
import type { AdminDeps } from "../deps.ts";
import type { PricesInput } from "../fields.ts";
import { type ConnectionConfig, sealable } from "../providers/connection-config.ts";
import { priceVersion } from "../price-input.ts";
import type { Difference } from "./difference.ts";
import type { DeclaredKind } from "./schema.ts";

/** What a plan is made with. */
export interface PlanDeps extends Pick<AdminDeps, "seal" | "readReference"> {
  readonly clock: Clock;
  readonly snapshot: Snapshot;
  readonly config: Pick<AdminDeps["config"], "allowPrivateUpstreams">;
}

/** Something of the catalogue, whichever kind it is. */
interface Thing {
  readonly id: string;
  readonly declaredAs?: string;
}

/** What was found for one entry of the file, and what is to become of it. */
interface Outcome {
  readonly section: DeclaredKind;
  readonly name: string;
  /** Absent where it is to be made. */
  readonly former: Thing | undefined;
  readonly id: string;
  readonly fields: readonly string[];
  readonly writes: readonly Write[];
}

/** A credential of the file. */
interface Credential {
  /** Null = none. */
  readonly sealed: string | null;
  /** Than the one there is. */
  readonly isAnother: boolean;
  /** Whether all of it is where the file says. */
  readonly isFound: boolean;
}

/** A plan while it is being made. */
export class Draft {
  readonly deps: PlanDeps;
  readonly now: number;
  readonly writes: Write[] = [];
  readonly differences: Difference[] = [];
  readonly issues: Issue[] = [];
  readonly #ids = new Map<string, string>();
  readonly #declaredIds = new Set<string>();

  constructor(deps: PlanDeps) {
    this.deps = deps;
    this.now = deps.clock.now();
  }

  /** The id of what an entry is or becomes. */
  idOf(section: DeclaredKind, name: string): string | undefined {
    return this.#ids.get(`${section} ${name}`);
  }

  /** Whether an entry of the file stands for this object. */
  isDeclared(id: string): boolean {
    return this.#declaredIds.has(id);
  }

  /** What an entry stands for: what was made of it before, else what `own` gives, which the store has as its own. */
  formerOf<Found extends Thing>(
    name: string,
    things: Iterable<Found>,
    own: (thing: Found) => boolean,
  ): Found | undefined {
    const all = [...things];
    const former = all.find(({ declaredAs }) => declaredAs === name);
    if (former) return former;
    const alike = all.filter((thing) => thing.declaredAs === undefined && own(thing));
    return alike.length === 1 ? alike[0] : undefined;
  }

  /** Takes note of what an entry stands for, before others refer to it. */
  name(section: DeclaredKind, name: string, id: string): void {
    this.#ids.set(`${section} ${name}`, id);
    this.#declaredIds.add(id);
  }

  /** Takes up what has become of an entry. */
  settle({ section, name, former, id, fields, writes }: Outcome): void {
    const isAdopted = former !== undefined && former.declaredAs === undefined;
    if (former !== undefined && !isAdopted && fields.length === 0) return;
    this.writes.push(...writes);
    const change = former === undefined ? "create" : isAdopted ? "adopt" : "update";
    this.differences.push({ section, name, ...(former && { id }), change, fields });
  }

  remove(section: DeclaredKind, thing: Thing, writes: readonly Write[]): void {
    this.writes.push(...writes);
    const name = thing.declaredAs ?? thing.id;
    this.differences.push({ section, name, id: thing.id, change: "delete", fields: [] });
  }

  /** Takes backends that go out of a policy that stays. */
  replaceTargets(policy: RoutingPolicy, removed: ReadonlySet<string>): void {
    const targets = policy.targets.filter(({ backend_id: id }) => !removed.has(id));
    this.writes.push(...updatePolicy({ ...policy, targets }, this.now, policy));
  }

  refuse(path: readonly PropertyKey[], message: string): void {
    this.issues.push({ path, message });
  }

  /** What `make` gives; what it refuses by field is put down at an entry. */
  attempt<Made>(path: readonly PropertyKey[], make: () => Made): Made | undefined {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const details = error.init.details ?? [];
      for (const { field, message } of details) this.refuse([...path, ...field.split(".")], message);
      if (details.length === 0) this.refuse(path, error.message);
      return undefined;
    }
  }

  /** What an entry's credential becomes, compared with the one there is. */
  credential(id: string, config: ConnectionConfig | undefined, present: Credentials): Credential {
    const text = sealable(config);
    const found: Credentials = text === undefined ? {} : this.deps.readReference(text);
    return {
      sealed: text === undefined ? null : this.deps.seal(text, id),
      // By what it comes to: of what is stored nobody is told more.
      isAnother: !Bun.deepEquals(found, present),
      isFound: found.apiKey !== undefined || found.parts !== undefined,
    };
  }

  /** The version that makes the prices in force those of the file; nothing where they are, or it names none. */
  newPrice(
    path: readonly PropertyKey[],
    { prices, source, field }: { prices: PricesInput | undefined; source: string | undefined; field: string },
    subject: PriceVersion["subject"],
  ): PriceVersion | undefined {
    if (!prices) return undefined;
    const version = this.attempt(path, () => priceVersion(prices, source, field, subject, this.now));
    const present = inForce(this.deps.snapshot.pricesOf(subject.id), this.now);
    return version && isSamePrice(version, present) ? undefined : version;
  }

  /** The writes of a new price, if there is one. */
  priceWrites(version: PriceVersion | undefined): readonly Write[] {
    return version === undefined ? [] : createPriceVersion(version, this.now);
  }
}

function isSamePrice(one: PriceVersion, other: PriceVersion | undefined): boolean {
  if (!other) return false;
  const told = ({ rates, tiers, batchPpm, source }: PriceVersion) => [rates, tiers, batchPpm, source];
  return Bun.deepEquals(told(one), told(other));
}
