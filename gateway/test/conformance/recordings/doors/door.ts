import type { DoorDialect } from "../../../../src/core/dialect.ts";
import type { Oracle } from "../oracle.ts";

/** What a caller heard, as the official package of the door's format tells it. */
export type Heard = Oracle;

/** A caller's side of one door. */
export interface DoorReader {
  readonly door: DoorDialect;
  /** What the door's official package makes of a whole answer. */
  whole(body: string): Promise<Heard>;
  /** What it makes of a stream. */
  stream(bytes: Uint8Array): Promise<Heard>;
  /** What the format of the door cannot say of a recorded answer; that which it says when absent. */
  expects?(oracle: Oracle): Oracle;
}

/** Answers a package's request with these bytes, whatever it asks. */
export function answering(body: string | Uint8Array, contentType: string) {
  const respond = () => Promise.resolve(new Response(body, { headers: { "content-type": contentType } }));
  return Object.assign(respond, { preconnect: () => undefined });
}
