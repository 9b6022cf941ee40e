import { crc32 } from "node:zlib";

/** A message of a binary event stream as bytes; header values are texts. Written from the format alone. */
export function eventMessage(headers: Readonly<Record<string, string>>, payload: string): Uint8Array {
  const head = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const [key, text] = [Buffer.from(name), Buffer.from(value)];
      const length = Buffer.alloc(2);
      length.writeUInt16BE(text.length);
      return Buffer.concat([Buffer.from([key.length]), key, Buffer.from([7]), length, text]);
    }),
  );
  const body = Buffer.from(payload);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + head.length + body.length, 0);
  prelude.writeUInt32BE(head.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const whole = Buffer.concat([prelude, head, body]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(whole));
  return Buffer.concat([whole, checksum]);
}

/**
 * The bytes of a Bedrock stream. Each event is an object of one member that names it, as the SDKs show them; what is
 * none becomes the payload of a piece.
 */
export function bedrockBytes(events: readonly string[]): Uint8Array {
  return Buffer.concat(events.map(messageOf));
}

function messageOf(event: string): Uint8Array {
  const [name, payload] = namedIn(event) ?? ["contentBlockDelta", event];
  const isException = name.endsWith("Exception");
  return eventMessage(
    {
      [isException ? ":exception-type" : ":event-type"]: name,
      ":content-type": "application/json",
      ":message-type": isException ? "exception" : "event",
    },
    payload,
  );
}

function namedIn(event: string): readonly [string, string] | undefined {
  try {
    const parsed: unknown = JSON.parse(event);
    const members = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
    const [only] = members;
    return members.length === 1 && only ? [only[0], JSON.stringify(only[1])] : undefined;
  } catch {
    return undefined;
  }
}
