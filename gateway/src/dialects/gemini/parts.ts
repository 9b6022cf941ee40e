import { isObject, type JsonObject } from "../../base/json.ts";
import type { ContentPart } from "../../core/chat.ts";
import { mediaOfDataUrl, mediaOfFile, typeByEnding } from "../media.ts";

/** One part of a content. Format: Gemini API reference, "Part". */
export type Part = JsonObject;

/** Of a part of a request that this format can express; `refuse` has told of the others. */
export function partOf(part: ContentPart): Part {
  switch (part.type) {
    case "text":
      return { text: part.text };
    case "image_url":
      return mediaPart(part.image_url.url, "image/jpeg");
    case "input_audio":
      return {
        inlineData: { mimeType: audioType(part.input_audio.format), data: part.input_audio.data },
      };
    case "file": {
      const { file_data, file_id, file_url, filename } = part.file;
      const address = file_url ?? file_id;
      if (file_data === undefined)
        return mediaPart(address ?? "", typeByEnding(filename ?? "") ?? "application/pdf");
      const { mimeType, base64 } = mediaOfFile(file_data, filename);
      return { inlineData: { mimeType, data: base64 } };
    }
  }
}

/** Whether this is an address the API can read a file at by itself. */
export function isFileAddress(id: string): boolean {
  return /^(?:https:\/\/|gs:\/\/)/i.test(id);
}

function mediaPart(url: string, otherwise: string): Part {
  const media = mediaOfDataUrl(url);
  if (media !== undefined) return { inlineData: { mimeType: media.mimeType, data: media.base64 } };
  return { fileData: { mimeType: typeByEnding(url) ?? otherwise, fileUri: url } };
}

function audioType(format: string): string {
  return format.includes("/") ? format : `audio/${format.toLowerCase()}`;
}

/** What a tool said as the object that it must be here. */
export function responseOf(text: string, isError: boolean): JsonObject {
  if (isError) return { error: text };
  try {
    const parsed: unknown = JSON.parse(text);
    if (isObject(parsed)) return parsed;
  } catch {
    // Most tools answer in plain words.
  }
  return { output: text };
}
