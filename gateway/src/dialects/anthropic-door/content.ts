import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { CacheControl, ContentPart } from "../../core/chat.ts";
import { isBlock, listIn, stringIn } from "../anthropic-messages/wire.ts";

const TTLS: readonly unknown[] = ["5m", "1h"];

/** The mark that a block carries, as the middle form has it. */
export function markOf(block: JsonObject): { readonly cache_control?: CacheControl } {
  const mark = block["cache_control"];
  if (!isObject(mark)) return {};
  const ttl = TTLS.includes(mark["ttl"])
    ? { ttl: mark["ttl"] === "1h" ? ("1h" as const) : ("5m" as const) }
    : {};
  return { cache_control: { type: "ephemeral", ...ttl } };
}

/** The parts of a block of content; none for a kind that the middle form has no place for. */
export function partsOf(block: unknown): readonly ContentPart[] {
  if (!isBlock(block)) return [];
  const mark = markOf(block);
  switch (block.type) {
    case "text":
      return [{ type: "text", text: stringIn(block["text"]), ...mark }];
    case "image":
      return imageParts(block["source"]).map((part) => ({ ...part, ...mark }));
    case "document":
      return documentParts(block).map((part) => ({ ...part, ...mark }));
    case "search_result":
      return [{ type: "text", text: searchText(block), ...mark }];
    default:
      return [];
  }
}

function imageParts(source: unknown): readonly ContentPart[] {
  if (!isObject(source)) return [];
  const url = source["type"] === "url" ? stringIn(source["url"]) : dataUrlOf(source);
  return url === undefined ? fileParts(source) : [{ type: "image_url", image_url: { url } }];
}

function documentParts(block: JsonObject): readonly ContentPart[] {
  const { source, title } = block;
  if (!isObject(source)) return [];
  const named = typeof title === "string" && title !== "" ? title : undefined;
  const filename = named === undefined ? {} : { filename: named };
  if (source["type"] === "url")
    return [{ type: "file", file: { file_url: stringIn(source["url"]), ...filename } }];
  const url = dataUrlOf(source);
  if (url !== undefined) return [{ type: "file", file: { file_data: url, ...filename } }];
  if (source["type"] === "file") return fileParts(source);
  // Every model reads text; few take it as a file.
  const text = source["type"] === "text" ? stringIn(source["data"]) : textOf(source["content"]);
  return [
    { type: "text", text: named === undefined ? text : `${named}\n\n${text}` },
    ...listIn(source["content"]).flatMap(imageIn),
  ];
}

/** What a document shows beside its text. */
function imageIn(block: unknown): readonly ContentPart[] {
  return isBlock(block) && block.type === "image" ? imageParts(block["source"]) : [];
}

function fileParts({ file_id }: JsonObject): readonly ContentPart[] {
  return typeof file_id === "string" ? [{ type: "file", file: { file_id } }] : [];
}

function dataUrlOf({ type, media_type, data }: JsonObject): string | undefined {
  return type === "base64" ? `data:${stringIn(media_type)};base64,${stringIn(data)}` : undefined;
}

function searchText({ title, source, content }: JsonObject): string {
  return [stringIn(title), stringIn(source), textOf(content)].filter((text) => text !== "").join("\n\n");
}

/** The text of a string or of blocks. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return listIn(content)
    .map((block) => (isObject(block) ? stringIn(block["text"]) : ""))
    .join("");
}

/** A string where blocks say no more than one: what every server understands. */
export function plainest(parts: readonly ContentPart[]): string | readonly ContentPart[] {
  const [only] = parts;
  if (only === undefined) return "";
  return parts.length === 1 && only.type === "text" && only.cache_control === undefined ? only.text : parts;
}

/** The content of a message or a tool's result as parts. */
export function contentOf(content: unknown): string | readonly ContentPart[] {
  if (typeof content === "string") return content;
  return isList(content) ? plainest(content.flatMap(partsOf)) : "";
}
