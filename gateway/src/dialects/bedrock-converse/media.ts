import type { JsonObject } from "../../base/json.ts";
import type { ContentPart } from "../../core/chat.ts";
import { type Media, mediaOfDataUrl, mediaOfFile, typeByEnding } from "../media.ts";

/** A block of content. Format: Amazon Bedrock API reference, "ContentBlock". */
export type Block = JsonObject;

/** What a part has to say, or why it cannot be said here. */
export type ReadPart =
  { readonly block: Block; readonly problem?: never } | { readonly problem: string; readonly block?: never };

/** The format's own words for types of media, by kind of block. */
const FORMATS: Readonly<Record<"image" | "document" | "video", Readonly<Record<string, string>>>> = {
  image: {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
  },
  document: {
    "application/pdf": "pdf",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "text/markdown": "md",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  },
  video: { "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm" },
};

/** Reads a part; `number` tells documents of one request apart, which need names of their own. */
export function readPart(part: ContentPart, number: number): ReadPart {
  switch (part.type) {
    case "text":
      return { block: { text: part.text } };
    case "image_url": {
      const media = mediaOfDataUrl(part.image_url.url);
      return media === undefined
        ? { problem: "must be a data URL: this provider fetches no images" }
        : inline(media, number);
    }
    case "input_audio": {
      const { data, format } = part.input_audio;
      return { block: { audio: { format: format.toLowerCase(), source: { bytes: data } } } };
    }
    case "file": {
      const { file_data, file_id, filename } = part.file;
      if (file_data !== undefined) return inline(mediaOfFile(file_data, filename), number, filename);
      if (file_id?.startsWith("s3://") === true) return stored(file_id, number, filename);
      return { problem: "must be given as file_data, or as a file_id that begins with s3://" };
    }
  }
}

function inline({ mimeType, base64 }: Media, number: number, filename?: string): ReadPart {
  return blockOf(mimeType, { bytes: base64 }, number, filename);
}

function stored(uri: string, number: number, filename: string | undefined): ReadPart {
  const type = typeByEnding(filename ?? "") ?? typeByEnding(uri) ?? "application/pdf";
  return blockOf(type, { s3Location: { uri } }, number, filename);
}

function blockOf(
  mimeType: string,
  source: JsonObject,
  number: number,
  filename: string | undefined,
): ReadPart {
  const image = FORMATS.image[mimeType];
  if (image !== undefined) return { block: { image: { format: image, source } } };
  const video = FORMATS.video[mimeType];
  if (video !== undefined) return { block: { video: { format: video, source } } };
  const document = FORMATS.document[mimeType];
  if (document === undefined)
    return { problem: `is of type "${mimeType}", which this provider does not take` };
  return { block: { document: { format: document, name: documentName(filename, number), source } } };
}

/** Names may hold letters, digits, single blanks, hyphens and brackets, and no two documents may have the same. */
function documentName(filename: string | undefined, number: number): string {
  const stem = (filename ?? "document").replace(/\.[A-Za-z0-9]{1,5}$/, "");
  const plain = stem
    .replaceAll(/[^A-Za-z0-9()[\]-]+/g, " ")
    .trim()
    .slice(0, 180);
  return `${plain === "" ? "document" : plain} ${number}`;
}
