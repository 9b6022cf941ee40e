import { addressOf, withBasePath } from "../providers/address.ts";
import { PARTS_OF } from "../providers/auth.ts";
import { KNOWN_VENDORS } from "../providers/catalogue.ts";
import { textOfParts } from "../providers/credential-text.ts";
import type { Vendor } from "../providers/vendor.ts";
import type { Environment } from "./env.ts";
import { webAddress } from "./formats.ts";

/** A vendor's key in the environment. */
export interface FoundKey {
  readonly vendor: Vendor;
  /** `env:GROQ_API_KEY`, or the text of several parts: the key itself stays where it is. */
  readonly reference: string;
  /** For people: `GROQ_API_KEY`. */
  readonly variable: string;
  /** Where the environment says that the vendor is, when it says so. */
  readonly baseUrl?: string;
}

const OLLAMA_HOST = "OLLAMA_HOST";
const OLLAMA_PORT = 11_434;

/** Every variable that `keysIn` and `ollamaAddress` look at. */
export const VENDOR_VARIABLES: readonly string[] = [
  // A region can be a part of a credential and of an address.
  ...new Set([
    OLLAMA_HOST,
    ...KNOWN_VENDORS.flatMap((vendor) => [
      ...keyVariablesOf(vendor),
      ...Object.values(vendor.partVariables ?? {}),
      ...Object.values(vendor.addressVariables ?? {}).flat(),
      ...(vendor.baseUrlVariable === undefined ? [] : [vendor.baseUrlVariable]),
    ]),
  ]),
];

/** The vendors whose keys the environment holds, in the order they are offered. */
export function keysIn(environment: Environment): readonly FoundKey[] {
  return KNOWN_VENDORS.flatMap((vendor) => {
    const found = vendor.foundAtStart
      ? (keyIn(environment, vendor) ?? partsIn(environment, vendor))
      : undefined;
    if (found === undefined) return [];
    const baseUrl = addressIn(environment, vendor);
    if (baseUrl === undefined && vendor.needsBaseUrl) return [];
    return { vendor, ...found, ...(baseUrl !== undefined && baseUrl !== vendor.baseUrl && { baseUrl }) };
  });
}

type Credential = Pick<FoundKey, "reference" | "variable">;

function keyIn(environment: Environment, vendor: Vendor): Credential | undefined {
  const variable = keyVariablesOf(vendor).find((name) => isSet(environment, name));
  return variable === undefined ? undefined : { reference: `env:${variable}`, variable };
}

/** A credential of several parts, where all are there that it cannot do without. */
function partsIn(
  environment: Environment,
  { partVariables = {}, partsScheme }: Vendor,
): Credential | undefined {
  const found = Object.entries(partVariables).filter(([, name]) => isSet(environment, name));
  const [first] = found;
  const names = new Set(found.map(([part]) => part));
  if (first === undefined || partsScheme === undefined) return undefined;
  if (!PARTS_OF[partsScheme.kind].required.every((part) => names.has(part))) return undefined;
  const parts = Object.fromEntries(found.map(([part, name]) => [part, `env:${name}`]));
  return { reference: textOfParts(parts), variable: first[1] };
}

/** Where the vendor is: as a variable says, or as others fill its pattern. */
function addressIn(environment: Environment, vendor: Vendor): string | undefined {
  const given = webAddress.safeParse(environment[vendor.baseUrlVariable ?? ""]?.trim() ?? "");
  if (given.success) return withBasePath(given.data, vendor);
  const values = Object.entries(vendor.addressVariables ?? {}).map(([place, names]) => {
    const name = names.find((one) => isSet(environment, one));
    return [place, name && environment[name]?.trim()] as const;
  });
  return values.length === 0 ? undefined : addressOf(vendor.addressPattern, Object.fromEntries(values));
}

function isSet(environment: Environment, name: string): boolean {
  return (environment[name]?.trim() ?? "") !== "";
}

function keyVariablesOf({ keyVariable, otherKeyVariables = [] }: Vendor): readonly string[] {
  return keyVariable === undefined ? otherKeyVariables : [keyVariable, ...otherKeyVariables];
}

/**
 * Where Ollama listens, by the rules of its own tools: host, port or address, on this machine unless `OLLAMA_HOST`
 * says otherwise. Undefined for a value that is no address.
 */
export function ollamaAddress(environment: Environment): string | undefined {
  const text = environment[OLLAMA_HOST]?.trim() ?? "";
  const hasScheme = /^https?:\/\//i.test(text);
  const url = URL.parse(
    hasScheme ? text : `http://${text.startsWith(":") ? `localhost${text}` : text || "localhost"}`,
  );
  const address = url && webAddress.safeParse(url.href);
  if (!url || address?.success !== true) return undefined;
  // Where a server listens everywhere, this machine is where to call it.
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  // Without a scheme the port is Ollama's own; with one, what the scheme says.
  if (!hasScheme && !/:\d+$/.test(text.replace(/\/.*$/, ""))) url.port = String(OLLAMA_PORT);
  return url.href.replace(/\/+$/, "");
}
