import { sha256Hex } from "../base/crypto.ts";
import type { Credentials } from "../core/catalogue.ts";
import type { FaultClass } from "../core/fault.ts";

/** A backend whose circuit has opened. */
export interface Outage {
  readonly backendId: string;
  readonly providerId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** What opened it. */
  readonly fault?: FaultClass;
  /** Whether people have been told. */
  told: boolean;
}

/** A provider that takes credentials of ours for wrong. */
export interface Refusal {
  readonly providerId: string;
  /** Of the first call that was refused. */
  readonly backendId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly httpStatus?: number;
  /** Fingerprints of what was refused and has not been taken since: one provider may have several keys. */
  readonly credentials: Set<string>;
  told: boolean;
}

/**
 * What this node has seen change for the worse and not for the better again: once for each backend and provider,
 * however many calls meet it. A job tells people of it. As many entries as there are backends and providers.
 */
export class HealthNews {
  readonly #outages = new Map<string, Outage>();
  readonly #refusals = new Map<string, Refusal>();

  get outages(): Iterable<Outage> {
    return this.#outages.values();
  }

  get refusals(): Iterable<Refusal> {
    return this.#refusals.values();
  }

  /** A circuit has opened; that a probe has failed as well is nothing new. */
  opened(outage: Omit<Outage, "told">, told = false): void {
    if (!this.#outages.has(outage.backendId)) this.#outages.set(outage.backendId, { ...outage, told });
  }

  /** The backend is well again, or gone. */
  ended(backendId: string): void {
    this.#outages.delete(backendId);
  }

  /** A provider has refused a call for its credentials. */
  refused(refusal: Omit<Refusal, "told" | "credentials">, credentials: Credentials): void {
    const print = fingerprint(credentials);
    const known = this.#refusals.get(refusal.providerId);
    if (known) known.credentials.add(print);
    else this.#refusals.set(refusal.providerId, { ...refusal, credentials: new Set([print]), told: false });
  }

  /** Whether any provider refuses anything: asked by every call that is answered. */
  get hasRefusals(): boolean {
    return this.#refusals.size > 0;
  }

  /** A provider has taken credentials of ours: that it refuses them would be news again. */
  accepted(providerId: string, credentials: Credentials): void {
    const refusal = this.#refusals.get(providerId);
    // One that nobody has been told of yet is still to be told.
    if (refusal?.told !== true) return;
    refusal.credentials.delete(fingerprint(credentials));
    if (refusal.credentials.size === 0) this.forgetProvider(providerId);
  }

  /** The provider has been changed or deleted: what it refuses from now on is news. */
  forgetProvider(providerId: string): void {
    this.#refusals.delete(providerId);
  }
}

/** The same for the same credentials, however often they are opened. */
function fingerprint({ apiKey, parts }: Credentials): string {
  return sha256Hex(JSON.stringify([apiKey, parts]));
}
