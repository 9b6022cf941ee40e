import { isList } from "../../base/json.ts";
import type { ChatMessage, ContentPart, FilePart, ImagePart } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import type { Block } from "./wire.ts";

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w-]+=[^;,]*)*(;base64)?,/i;
const IMAGE_TYPES: ReadonlySet<string> = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);
const PDF = "application/pdf";

/** What a part has to say, or why it cannot be said here. */
type Read = { readonly block: Block; readonly problem?: never } | { readonly problem: string };

/** The blocks of a message's content; text that is empty is left out, for it is refused. */
export function blocksOf(content: ChatMessage["content"]): readonly Block[] {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  return content.flatMap((part) => {
    const { block } = { block: undefined, ...readPart(part) };
    return block === undefined || (block.type === "text" && block["text"] === "")
      ? []
      : [marked(block, part)];
  });
}

/** Parts that this format has no place for. */
export function partIssues(content: ChatMessage["content"], at: string): readonly Issue[] {
  if (!isList(content)) return [];
  return content.flatMap((part: ContentPart, i) => {
    const { problem } = readPart(part);
    return problem === undefined ? [] : [{ field: `${at}.content[${i}]`, message: problem }];
  });
}

function marked(block: Block, { cache_control }: ContentPart): Block {
  return cache_control == null ? block : { ...block, cache_control };
}

function readPart(part: ContentPart): Read {
  switch (part.type) {
    case "text":
      return { block: { type: "text", text: part.text } };
    case "image_url":
      return readImage(part);
    case "file":
      return readFile(part);
    case "input_audio":
      return { problem: "this model's provider takes no audio" };
  }
}

function readImage({ image_url: { url } }: ImagePart): Read {
  if (!/^data:/i.test(url)) return { block: { type: "image", source: { type: "url", url } } };
  const source = base64Of(url);
  if (source === undefined) return { problem: "must be a data URL in base64" };
  return IMAGE_TYPES.has(source.media_type)
    ? { block: { type: "image", source } }
    : { problem: `must be a JPEG, PNG, GIF or WebP image, not "${source.media_type}"` };
}

function readFile({ file: { file_data: data, file_url: url, file_id, filename } }: FilePart): Read {
  const title = filename === undefined ? {} : { title: filename };
  if (url !== undefined) return { block: { type: "document", source: { type: "url", url }, ...title } };
  if (data === undefined) {
    return {
      problem: `names a file kept elsewhere (${JSON.stringify(file_id)}): send it as file_data or file_url`,
    };
  }
  const source = /^data:/i.test(data) ? base64Of(data) : ({ type: "base64", media_type: PDF, data } as const);
  if (source === undefined) return { problem: "must be a data URL in base64" };
  if (source.media_type === PDF) return { block: { type: "document", source, ...title } };
  if (source.media_type.startsWith("text/")) {
    const text = Buffer.from(source.data, "base64").toString("utf8");
    return {
      block: { type: "document", source: { type: "text", media_type: "text/plain", data: text }, ...title },
    };
  }
  return { problem: `must be a PDF or a text, not "${source.media_type}"` };
}

interface Base64Source {
  readonly type: "base64";
  readonly media_type: string;
  readonly data: string;
}

/** A data URL in base64 taken apart; undefined for any other. */
function base64Of(url: string): Base64Source | undefined {
  const found = DATA_URL.exec(url);
  if (found?.[2] === undefined) return undefined;
  const media_type = (found[1] ?? "").toLowerCase();
  return { type: "base64", media_type, data: url.slice(found[0].length) };
}
