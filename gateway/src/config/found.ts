import { KNOWN_VENDORS } from "../providers/catalogue.ts";
import type { Vendor } from "../providers/vendor.ts";
import type { Environment } from "./env.ts";
import { webAddress } from "./formats.ts";

/** A vendor's key in the environment. */
export interface FoundKey {
  readonly vendor: Vendor;
  /** `env:GROQ_API_KEY`: the key itself stays where it is. */
  readonly reference: string;
  /** Where the environment says that the vendor is, when it says so. */
  readonly baseUrl?: string;
}

const OLLAMA_HOST = "OLLAMA_HOST";
const OLLAMA_PORT = 11_434;

/** Every variable that `keysIn` and `ollamaAddress` look at. */
export const VENDOR_VARIABLES: readonly string[] = [
  OLLAMA_HOST,
  ...KNOWN_VENDORS.flatMap(({ keyVariable, otherKeyVariables, baseUrlVariable }) =>
    [keyVariable ?? [], otherKeyVariables ?? [], baseUrlVariable ?? []].flat(),
  ),
];

/** The vendors whose keys the environment holds, in the order they are offered. */
export function keysIn(environment: Environment): readonly FoundKey[] {
  return KNOWN_VENDORS.flatMap((vendor) => {
    const { baseUrlVariable, foundAtStart } = vendor;
    const keyVariable = keyVariablesOf(vendor).find((name) => (environment[name]?.trim() ?? "") !== "");
    if (!foundAtStart || keyVariable === undefined) return [];
    const address = webAddress.safeParse(environment[baseUrlVariable ?? ""]?.trim() ?? "");
    return {
      vendor,
      reference: `env:${keyVariable}`,
      ...(address.success && address.data !== vendor.baseUrl && { baseUrl: address.data }),
    };
  });
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
