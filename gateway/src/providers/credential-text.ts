import { isObject } from "../base/json.ts";
import { CREDENTIAL_PARTS, type CredentialPart, type CredentialParts } from "../core/catalogue.ts";
import { PARTS_OF } from "./auth.ts";

/** The one text in which the parts of a credential are sealed; each may be a reference. */
export function textOfParts(parts: CredentialParts): string {
  return JSON.stringify(parts);
}

/** The parts in a text that `textOfParts` has made; undefined for a key. */
export function partsInText(text: string): CredentialParts | undefined {
  if (!text.startsWith("{")) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(parsed)) return undefined;
  const parts: Partial<Record<CredentialPart, string>> = {};
  for (const [name, value] of Object.entries(parsed)) {
    const part = CREDENTIAL_PARTS.find((known) => known === name);
    if (part === undefined || typeof value !== "string") return undefined;
    parts[part] = value;
  }
  return parts;
}

const OPTIONAL: ReadonlySet<string> = new Set(Object.values(PARTS_OF).flatMap(({ optional }) => optional));

/** Whether a credential can do without this part. */
export function isOptionalPart(part: CredentialPart): boolean {
  return OPTIONAL.has(part);
}
