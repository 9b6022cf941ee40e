import type { JsonObject } from "../../base/json.ts";
import type { Opaque } from "../../core/chat.ts";
import { nonEmpty } from "../text.ts";

/** Of text: how much of the text in front of it stood in the signed part. */
interface OfText {
  readonly textLength: number;
}
/** Of a thought: its text. */
interface OfThought {
  readonly thought: string;
}

/** What a thought signature was read from, in the caller's hands meanwhile. */
export interface ReadSignature {
  readonly signature: string;
  readonly of?: OfText | OfThought;
}

/**
 * A thought signature as it travels. It belongs to one part, neither merged nor split: for a part with text it says
 * which stretch of the text that was; that of a call is kept with the call.
 */
export function thoughtSignature(signature: string, of?: OfText | OfThought): Opaque {
  const data: JsonObject = { thought_signature: signature };
  if (of !== undefined && "thought" in of) data["thought"] = of.thought;
  else if (of !== undefined) data["text_length"] = of.textLength;
  return { family: "google", data };
}

/** The signature in what a caller has handed back; undefined where it is none of Google's. */
export function readSignature({ family, data }: Opaque): ReadSignature | undefined {
  const signature = family === "google" ? nonEmpty(data["thought_signature"]) : undefined;
  if (signature === undefined) return undefined;
  const { thought, text_length: length } = data;
  if (typeof thought === "string") return { signature, of: { thought } };
  const isLength = typeof length === "number" && Number.isSafeInteger(length) && length >= 0;
  return isLength ? { signature, of: { textLength: length } } : { signature };
}
