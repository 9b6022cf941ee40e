import { isObject } from "../../base/json.ts";
import { type Opaque, PROVIDER_FAMILIES } from "../../core/chat.ts";
import { type Block, isBlock, stringIn } from "./wire.ts";

/**
 * What other families put into answers has no place in this format, but its programs hand redacted thinking back as
 * it came: such a block carries it, under a mark of ours.
 */
const MARK = "scaigrid.1.";

/** Opaque data of another family, and the tool call it belongs to. */
export interface Foreign {
  readonly opaque: Opaque;
  readonly call?: string;
}

/** The block that carries it. */
export function foreignBlock(foreign: Foreign): Block {
  const data = MARK + Buffer.from(JSON.stringify(foreign)).toString("base64url");
  return { type: "redacted_thinking", data };
}

/** Whether no model of this family has made a block: data of other families, or thinking that nobody has signed. */
export function isForeignBlock(block: unknown): boolean {
  if (!isBlock(block)) return false;
  if (block.type === "thinking") return block["signature"] === "";
  return block.type === "redacted_thinking" && stringIn(block["data"]).startsWith(MARK);
}

/** What a block carries; undefined where that is nothing we have written. */
export function readForeign(block: Block): Foreign | undefined {
  const data = block["data"];
  if (block.type !== "redacted_thinking" || typeof data !== "string" || !data.startsWith(MARK))
    return undefined;
  try {
    const read: unknown = JSON.parse(Buffer.from(data.slice(MARK.length), "base64url").toString("utf8"));
    return isForeign(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

function isForeign(value: unknown): value is Foreign {
  if (!isObject(value) || !isObject(value["opaque"])) return false;
  const { family, data, at } = value["opaque"];
  const isKnown = PROVIDER_FAMILIES.some((known) => known === family) && isObject(data);
  return (
    isKnown && (at === undefined || isPlace(at)) && ["string", "undefined"].includes(typeof value["call"])
  );
}

function isPlace(at: unknown): boolean {
  return isObject(at) && Number.isSafeInteger(at["text"]) && Number.isSafeInteger(at["calls"]);
}
