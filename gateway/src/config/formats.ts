import { isIP } from "node:net";
import { z } from "zod";
import { isWellFormedKey } from "../access/key-format.ts";
import { SECRET_KEY_BYTES } from "../base/crypto.ts";

/** Each format reads one kind of text; its message completes the sentence "<NAME> must be …". */

const LIMIT_MAX = 1_000_000_000;

/** A schema over text: `read` gives undefined for what is not well-formed. */
function text<Value>(must: string, read: (text: string) => Value | undefined): z.ZodType<Value, string> {
  return z.string().transform((raw, context): Value => {
    const value = read(raw);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: must });
    return z.NEVER;
  });
}

/** A whole number within limits, both included. */
export function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  return text(`a whole number from ${min} to ${max}`, (raw) => {
    const value = /^\d{1,15}$/.test(raw) ? Number(raw) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  });
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[]): z.ZodType<Word, string> {
  return text(`one of ${words.join(", ")}`, (raw) => words.find((word) => word === raw));
}

/** `on` or `off`, and what people write for them. */
export const onOff: z.ZodType<boolean, string> = text("on or off", (raw) => {
  if (["on", "true", "1", "yes"].includes(raw.toLowerCase())) return true;
  return ["off", "false", "0", "no"].includes(raw.toLowerCase()) ? false : undefined;
});

/** A path; relative ones count from the working folder. */
export const path: z.ZodType<string, string> = text("a path", (raw) =>
  raw.includes("\0") ? undefined : raw,
);

/** A host name or an IP address, without a port. */
export const host: z.ZodType<string, string> = text(
  "a host name or an IP address, without scheme and port",
  (raw) => (/^[\w.-]+$|^[0-9a-fA-F:.]+$/.test(raw) ? raw : undefined),
);

/** A host name or an IPv4 address, given back in small letters. */
export const hostName: z.ZodType<string, string> = text(
  "a host name such as openai.example.com, without scheme, port and path",
  (raw) => (/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(raw) ? raw.toLowerCase() : undefined),
);

/** An http or https address without query, given back without a slash at its end. */
export const webAddress: z.ZodType<string, string> = text(
  "an address that begins with http:// or https://, without query and user name",
  (raw) => {
    const url = URL.parse(raw);
    if (!url || !["http:", "https:"].includes(url.protocol)) return undefined;
    if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "") return undefined;
    return url.href.replace(/\/+$/, "");
  },
);

/** `*`, or origins (scheme, host and port, no path) separated by commas. */
export const origins: z.ZodType<readonly string[], string> = text(
  "* or a comma-separated list of origins such as https://app.example.com",
  (raw) => {
    const parts = raw.split(",").map((part) => part.trim().replace(/\/$/, ""));
    if (parts.length === 1 && parts[0] === "*") return parts;
    return parts.every((part) => URL.parse(part)?.origin === part && part !== "null") ? parts : undefined;
  },
);

/** `key:60,user:120,…`: a limit at some or all of the levels; 0 = unlimited. */
export function levelLimits<const Level extends string>(
  levels: readonly Level[],
): z.ZodType<Readonly<Partial<Record<Level, number>>>, string> {
  return text(
    `a list such as key:60,user:120,tenant:1000,partner:5000: levels ${levels.join(", ")}, each at most once, whole numbers up to ${LIMIT_MAX}`,
    (raw) => {
      const limits: Partial<Record<Level, number>> = {};
      for (const part of raw.split(",")) {
        const match = /^\s*(\w+)\s*:\s*(\d{1,10})\s*$/.exec(part);
        const level = levels.find((name) => name === match?.[1]);
        const limit = Number(match?.[2]);
        if (level === undefined || limits[level] !== undefined || limit > LIMIT_MAX) return undefined;
        limits[level] = limit;
      }
      return limits;
    },
  );
}

/** IP addresses and networks (`10.0.0.0/8`) separated by commas, each as address and prefix length. */
export const networks: z.ZodType<readonly Network[], string> = text(
  "a comma-separated list of IP addresses and networks such as 10.0.0.0/8",
  (raw) => {
    const found = raw.split(",").map((part) => networkOf(part.trim()));
    return found.every((network) => network !== undefined) ? found : undefined;
  },
);

/** An address and how many of its first bits count. */
export interface Network {
  readonly address: string;
  readonly prefixBits: number;
}

function networkOf(raw: string): Network | undefined {
  const [, address = "", bits] = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(raw) ?? [];
  const bitsMax = isIP(address) === 4 ? 32 : 128;
  const prefixBits = bits === undefined ? bitsMax : Number(bits);
  return isIP(address) === 0 || prefixBits > bitsMax ? undefined : { address, prefixBits };
}

/** An API key of this gateway, checksum included. */
export const apiKey: z.ZodType<string, string> = text(
  "a well-formed key; `scaigrid keys mint` prints one",
  (raw) => (isWellFormedKey(raw) ? raw : undefined),
);

/** 256 bits as 64 hex digits or as base64. */
export const secretKey: z.ZodType<Uint8Array, string> = text(
  `${SECRET_KEY_BYTES} bytes as 64 hex digits or base64; \`openssl rand -hex 32\` prints one`,
  (raw) => {
    if (/^[0-9a-fA-F]{64}$/.test(raw)) return Uint8Array.fromHex(raw);
    if (!/^[\w+/-]{43}=?$/.test(raw)) return undefined;
    const bytes = new Uint8Array(Buffer.from(raw, "base64"));
    return bytes.length === SECRET_KEY_BYTES ? bytes : undefined;
  },
);

/** A secret that fits a header: printable ASCII without blanks. */
export const token: z.ZodType<string, string> = text("printable ASCII characters without blanks", (raw) =>
  /^[!-~]{1,4096}$/.test(raw) ? raw : undefined,
);

/** The three capital letters of ISO 4217. */
export const currency: z.ZodType<string, string> = text("three capital letters of ISO 4217", (raw) =>
  /^[A-Z]{3}$/.test(raw) ? raw : undefined,
);
