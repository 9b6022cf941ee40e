import { lookup } from "node:dns/promises";
import type { Clock } from "../../base/clock.ts";
import { FaultError } from "../../core/fault.ts";
import { ExpiringMap } from "../expiring-map.ts";
import { within } from "../waits.ts";
import { classifyAddress, type AddressClass } from "./addresses.ts";

/** Where outgoing connections of one purpose may go. */
export interface EgressPolicy {
  /** Loopback, private and carrier-shared ranges too; link-local and metadata addresses never. */
  readonly allowPrivate: boolean;
}

/** An address that has passed the guard: connect to this, and to nothing the name may answer later. */
export interface CheckedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** At least one, in the order in which they are tried. */
export type Addresses = readonly [CheckedAddress, ...CheckedAddress[]];

/** All addresses of a name, as the operating system sees them. */
export type Resolver = (
  hostname: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** The operating system's resolver, hosts file included. */
export const systemResolver: Resolver = (hostname) => lookup(hostname, { all: true });

export interface EgressGuardOptions {
  readonly clock: Clock;
  readonly resolver?: Resolver;
}

const CACHE_TTL_MS = 10_000;
const CACHE_ENTRIES_MAX = 1_000;
/** Names being looked up at the same moment. */
const FLIGHTS_MAX = 1_000;
/** A look-up that takes longer is given up, so that the next caller starts a fresh one. */
const LOOKUP_TIMEOUT_MS = 5_000;

interface KnownAddress extends CheckedAddress {
  readonly class: AddressClass | undefined;
}

/** Why an address of this class may not be connected to under the policy; undefined when it may. */
function refusal(kind: AddressClass | undefined, policy: EgressPolicy): string | undefined {
  switch (kind) {
    case "public":
      return undefined;
    case "loopback":
    case "private":
    case "shared":
      return policy.allowPrivate
        ? undefined
        : `is a ${kind} address, and this installation allows only public ones here`;
    case undefined:
      return "is not an IP address";
    case "unspecified":
      return "is the unspecified address; use 127.0.0.1 for this machine";
    case "link_local":
    case "metadata":
    case "multicast":
    case "reserved":
      return `is a ${kind.replace("_", "-")} address, which is never allowed`;
  }
}

function unbracketed(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

/**
 * What is wrong with a URL that is about to be saved, in words for the person who typed it; undefined when
 * nothing is. Names are judged when they are connected to, because what they resolve to can change.
 */
export function checkUrl(url: string, policy: EgressPolicy): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null) return "is not a URL";
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:")
    return "must start with http:// or https://";
  if (parsed.username !== "" || parsed.password !== "") return "must not carry a user name or password";
  if (parsed.hostname === "") return "names no host";
  // The parser has turned every spelling of an IPv4 address (hex, octal, one number) into dotted form.
  const kind = classifyAddress(unbracketed(parsed.hostname));
  if (kind === undefined) return undefined;
  const reason = refusal(kind, policy);
  return reason === undefined ? undefined : `${parsed.hostname} ${reason}`;
}

/** Resolves names and refuses those that lead where the gateway must not go. */
export class EgressGuard {
  readonly #resolver: Resolver;
  readonly #known: ExpiringMap<readonly KnownAddress[]>;
  readonly #flights = new Map<string, Promise<readonly KnownAddress[]>>();

  constructor(options: EgressGuardOptions) {
    this.#resolver = options.resolver ?? systemResolver;
    this.#known = new ExpiringMap(options.clock, CACHE_TTL_MS, CACHE_ENTRIES_MAX);
  }

  /**
   * The addresses of a host name or literal (with or without brackets), at least one, IPv4 first. One bad
   * address among them refuses all: a name that answers both is an attack or a mistake. At once where the name was
   * looked up lately. Throws, or rejects with, FaultError
   * `network` (nothing found, look-up failed), `timeout` (`timeoutMs` over) or `unavailable` (refused), or the
   * signal's reason.
   */
  resolve(
    hostname: string,
    policy: EgressPolicy,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Addresses | Promise<Addresses> {
    const host = unbracketed(hostname);
    const known = this.#known.get(host);
    if (known !== undefined) return allowed(known, host, policy);
    const flight = within(this.#flight(host), timeoutMs, () => lookupTimeout(host, timeoutMs), signal);
    return flight.then((found) => allowed(found, host, policy));
  }

  #flight(host: string): Promise<readonly KnownAddress[]> {
    const running = this.#flights.get(host);
    if (running !== undefined) return running;
    if (this.#flights.size >= FLIGHTS_MAX) {
      return Promise.reject(new FaultError({ class: "network", reason: "too many name look-ups at once" }));
    }
    const flight = this.#look(host).finally(() => this.#flights.delete(host));
    this.#flights.set(host, flight);
    return flight;
  }

  async #look(host: string): Promise<readonly KnownAddress[]> {
    const literal = classifyAddress(host);
    const found: KnownAddress[] = [];
    if (literal === undefined) {
      const answers = await within(this.#ask(host), LOOKUP_TIMEOUT_MS, () =>
        lookupTimeout(host, LOOKUP_TIMEOUT_MS),
      );
      for (const { address } of answers) {
        found.push({ address, family: address.includes(":") ? 6 : 4, class: classifyAddress(address) });
      }
      // No two addresses are tried at once, so a machine without IPv6 must not wait for it first.
      found.sort((a, b) => a.family - b.family);
    } else {
      found.push({ address: host, family: host.includes(":") ? 6 : 4, class: literal });
    }
    if (found.length > 0) this.#known.set(host, found);
    return found;
  }

  async #ask(host: string): Promise<Awaited<ReturnType<Resolver>>> {
    try {
      return await this.#resolver(host);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
      throw new FaultError({ class: "network", reason: `name look-up of ${host} failed: ${code}` });
    }
  }
}

/** What the policy allows of what was found, which is all or nothing. Throws FaultError. */
function allowed(known: readonly KnownAddress[], host: string, policy: EgressPolicy): Addresses {
  for (const { address, class: kind } of known) {
    const reason = refusal(kind, policy);
    if (reason !== undefined) {
      throw new FaultError({
        class: "unavailable",
        reason: `egress refused: ${host} → ${address} ${reason}`,
      });
    }
  }
  if (!isSome(known)) throw new FaultError({ class: "network", reason: `${host} has no address` });
  return known;
}

function isSome<T>(list: readonly T[]): list is readonly [T, ...T[]] {
  return list.length > 0;
}

function lookupTimeout(host: string, timeoutMs: number): FaultError {
  return new FaultError({ class: "timeout", reason: `name look-up of ${host} took over ${timeoutMs} ms` });
}
