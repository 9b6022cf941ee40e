import { isList, isObject } from "../../base/json.ts";
import { type Opaque, PROVIDER_FAMILIES } from "../../core/chat.ts";

/** What marks reasoning that is encrypted by nobody, but another provider's: kept here in OpenAI's field for it. */
const MARK = "scaigrid.1.";

/** Another provider's data. */
export interface Kept {
  /** The id of the call it belongs to; absent where it belongs to the message. */
  readonly call?: string;
  readonly opaque: readonly Omit<Opaque, "at">[];
}

/** Data of another provider as the text that Responses clients hand back unread. */
export function textOfKept({ call, opaque }: Kept): string {
  const bare = opaque.map(({ family, data }) => ({ family, data }));
  return MARK + Buffer.from(JSON.stringify({ call, opaque: bare })).toString("base64url");
}

/** The data that such a text holds; undefined for one that is not ours, `invalid` for one that nobody can read. */
export function keptInText(text: string): Kept | "invalid" | undefined {
  if (!text.startsWith(MARK)) return undefined;
  try {
    const kept: unknown = JSON.parse(Buffer.from(text.slice(MARK.length), "base64url").toString());
    return isKept(kept) ? kept : "invalid";
  } catch {
    return "invalid";
  }
}

function isKept(kept: unknown): kept is Kept {
  if (!isObject(kept) || !["string", "undefined"].includes(typeof kept["call"])) return false;
  const { opaque } = kept;
  if (!isList(opaque)) return false;
  return opaque.every((one) => isObject(one) && isFamily(one["family"]) && isObject(one["data"]));
}

function isFamily(family: unknown): boolean {
  return PROVIDER_FAMILIES.some((known) => known === family);
}
