import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import {
  CREDENTIAL_PARTS,
  type CredentialPart,
  type CredentialParts,
  type Credentials,
} from "../core/catalogue.ts";
import { secretsIn } from "../providers/auth.ts";
import { isOptionalPart, partsInText } from "../providers/credential-text.ts";
import { serviceAccountIn } from "../providers/service-account.ts";
import { readSecret } from "./env.ts";

/** Bytes; no key is longer. */
const FILE_BYTES_MAX = 8_192;
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const OWN_PREFIX = "SCAIGRID_";

/** Between several keys that are stored together. */
export const KEY_BREAK = "\n";

/** What a credential that was given or stored comes to now. */
export type ReferenceReader = (text: string) => Credentials;

/** Whether a credential says where the key is kept rather than being it. */
export function isReference(text: string): boolean {
  return /^(?:env|file):/.test(text);
}

/**
 * Why a reference cannot be one, in words for the person who gave it; undefined when it can. The gateway's own
 * settings are not to be had: they would open everything else.
 */
export function referenceProblem(text: string): string | undefined {
  const [kind, where] = split(text);
  if (kind === "env") {
    if (!NAME.test(where)) return "must name a variable after env:, such as env:GROQ_API_KEY";
    return where.startsWith(OWN_PREFIX) ? `must not name a ${OWN_PREFIX} variable` : undefined;
  }
  return isAbsolute(where)
    ? undefined
    : "must be an absolute path after file:, such as file:/run/secrets/key";
}

/**
 * Reads references where they point to, each time anew. A key that is not there leaves `apiKey` out: its backends
 * are then unavailable, and nothing else is. Files below `dataDir` are not read: the secret key lies there.
 */
export function referenceReader(dataDir: string): ReferenceReader {
  const resolve = (text: string) =>
    referenceProblem(text) === undefined ? valueOf(text, dataDir) : undefined;
  const read = (text: string): Credentials => {
    if (!isReference(text)) return { apiKey: text };
    const found = resolve(text);
    if (found === undefined) return { reference: text };
    // The key file of an account stands where others have a key.
    const isAccount = found.startsWith("{") && serviceAccountIn(found) !== undefined;
    return { reference: text, ...(isAccount ? shown({ service_account: found }) : { apiKey: found }) };
  };
  return (text) => {
    const parts = partsInText(text);
    if (parts !== undefined) return readParts(parts, resolve);
    const [first = "", ...others] = text.split(KEY_BREAK);
    return others.length === 0 ? read(first) : { ...read(first), others: others.map(read) };
  };
}

/** Parts as they are or where they point to; one that is not there leaves them all out, unless it can be done without. */
function readParts(given: CredentialParts, resolve: (text: string) => string | undefined): Credentials {
  const parts: Partial<Record<CredentialPart, string>> = {};
  let reference: string | undefined;
  for (const name of CREDENTIAL_PARTS) {
    const text = given[name];
    if (text === undefined) continue;
    if (!isReference(text)) {
      parts[name] = text;
      continue;
    }
    const found = resolve(text);
    if (found === undefined && !isOptionalPart(name)) return { reference: text };
    if (found !== undefined) parts[name] = found;
    reference ??= text;
  }
  return { ...shown(parts), ...(reference !== undefined && { reference }) };
}

function shown(parts: CredentialParts): Pick<Credentials, "parts" | "secrets"> {
  return { parts, secrets: secretsIn(parts) };
}

function split(text: string): readonly [string, string] {
  const colon = text.indexOf(":");
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function valueOf(reference: string, dataDir: string): string | undefined {
  const [kind, where] = split(reference);
  const value = (kind === "env" ? readSecret(where) : fileText(where, dataDir))?.trim();
  return value === "" ? undefined : value;
}

function fileText(path: string, dataDir: string): string | undefined {
  let file: number | undefined;
  try {
    const real = realpathSync(path);
    const below = relative(realpathSync(dataDir), real);
    if (below !== ".." && !below.startsWith("../")) return undefined;
    // Without waiting: a pipe that nobody writes to would hold up the process.
    file = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = fstatSync(file);
    // What has no size is made up as it is read, as below /proc.
    const isKeyFile = facts.isFile() && facts.size > 0 && facts.size <= FILE_BYTES_MAX;
    return isKeyFile ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
