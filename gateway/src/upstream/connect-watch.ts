import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock } from "../base/clock.ts";
import type { CheckedAddress } from "./egress/guard.ts";
import { ExpiringMap } from "./expiring-map.ts";

/** One place to connect to. */
export interface Destination {
  readonly address: CheckedAddress;
  readonly port: number;
  readonly tls: boolean;
  /** Sent in the TLS handshake; undefined where the URL names an IP address. */
  readonly serverName: string | undefined;
}

const HEARD_TTL_MS = 30_000;
const HEARD_ENTRIES_MAX = 10_000;

/**
 * The connect deadline. `fetch` does not tell a connection that never comes up from a model that thinks, so an
 * address not heard from lately that stays silent for half the deadline is tried with a connection of our own
 * (TLS included, nothing is sent on it): when that one gets no answer either, there is no way through, and the
 * call need not wait for its far longer first-content deadline. Busy hosts never see a probe.
 */
export class ConnectWatch {
  readonly #heard: ExpiringMap<true>;

  constructor(clock: Clock) {
    this.#heard = new ExpiringMap<true>(clock, HEARD_TTL_MS, HEARD_ENTRIES_MAX);
  }

  /** Whether a destination was heard from lately: then it need not be watched. */
  knows(destination: Destination): boolean {
    return this.#heard.get(keyOf(destination)) === true;
  }

  /** This destination has just answered. */
  heard(destination: Destination): void {
    this.#heard.set(keyOf(destination), true);
  }

  /**
   * Calls `onSilent` when no connection comes up within `connectMs`. The result stops the watch.
   */
  start(destination: Destination, connectMs: number, onSilent: () => void): () => void {
    let probe: Socket | undefined;
    const half = connectMs / 2;
    let timer = setTimeout(() => {
      timer = setTimeout(() => {
        probe?.destroy();
        onSilent();
      }, half);
      probe = open(destination, () => {
        clearTimeout(timer);
        this.heard(destination);
      });
      // A refusal is an answer too: the call itself is about to be told the same.
      probe.on("error", () => clearTimeout(timer));
    }, half);
    return () => {
      clearTimeout(timer);
      probe?.destroy();
    };
  }
}

function open(destination: Destination, onConnected: () => void): Socket {
  const where = { host: destination.address.address, port: destination.port };
  const connected = () => {
    onConnected();
    socket.destroy();
  };
  const socket: Socket = destination.tls
    ? connectTls(
        { ...where, ...(destination.serverName !== undefined && { servername: destination.serverName }) },
        connected,
      )
    : connectTcp(where, connected);
  return socket;
}

function keyOf(destination: Destination): string {
  return `${destination.address.address}|${destination.port}|${destination.serverName ?? ""}`;
}
