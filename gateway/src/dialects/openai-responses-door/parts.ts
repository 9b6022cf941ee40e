import { isObject, type JsonObject } from "../../base/json.ts";
import type { ContentPart } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import { mustBe, tell } from "../chat-completions/check.ts";

const DETAILS = ["auto", "low", "high"] as const;

/** The parts of what a caller or a tool says; what is no text only where that is possible. */
export function readParts(
  parts: readonly unknown[],
  at: string,
  isRich: boolean,
  issues: Issue[],
): readonly ContentPart[] {
  return parts.flatMap((part, i) => {
    const path = `${at}[${i}]`;
    if (!isObject(part)) {
      mustBe("an object", part, path, issues);
      return [];
    }
    const read = readPart(part, path, isRich, issues);
    return read === undefined ? [] : [read];
  });
}

function readPart(part: JsonObject, at: string, isRich: boolean, issues: Issue[]): ContentPart | undefined {
  const { type, text } = part;
  if (type === "input_text" || type === "output_text" || type === "text") {
    if (typeof text === "string") return { type: "text", text };
    mustBe("a string", text, `${at}.text`, issues);
    return undefined;
  }
  if (!isRich) {
    tell(issues, `${at}.type`, "instructions are text");
    return undefined;
  }
  if (type === "input_image") return imageIn(part, at, issues);
  if (type === "input_file") return fileIn(part, at, issues);
  if (type === "input_audio") return audioIn(part, at, issues);
  tell(issues, `${at}.type`, `must be "input_text", "input_image", "input_file" or "input_audio"`);
  return undefined;
}

function imageIn(
  { image_url: url, detail }: JsonObject,
  at: string,
  issues: Issue[],
): ContentPart | undefined {
  if (typeof url !== "string" || !/^(?:https:\/\/|data:)/i.test(url)) {
    tell(issues, `${at}.image_url`, "must be an https or a data URL");
    return undefined;
  }
  const known = DETAILS.find((one) => one === detail);
  if (detail != null && known === undefined) tell(issues, `${at}.detail`, `must be "auto", "low" or "high"`);
  return { type: "image_url", image_url: { url, ...(known && { detail: known }) } };
}

const FILE_MEMBERS = ["file_data", "file_url", "file_id", "filename"] as const;

function fileIn(part: JsonObject, at: string, issues: Issue[]): ContentPart | undefined {
  const file: Partial<Record<(typeof FILE_MEMBERS)[number], string>> = {};
  for (const member of FILE_MEMBERS) {
    const value = part[member];
    if (value === undefined || value === null) continue;
    if (typeof value === "string" && value !== "") file[member] = value;
    else mustBe("a string", value, `${at}.${member}`, issues);
  }
  if (file.file_url !== undefined && !/^https:\/\//i.test(file.file_url)) {
    tell(issues, `${at}.file_url`, "must be an https URL");
  }
  if (file.file_data !== undefined || file.file_url !== undefined || file.file_id !== undefined) {
    return { type: "file", file };
  }
  tell(issues, at, "needs file_data, file_url or file_id");
  return undefined;
}

function audioIn({ input_audio: audio }: JsonObject, at: string, issues: Issue[]): ContentPart | undefined {
  const { data, format } = isObject(audio) ? audio : {};
  if (typeof data === "string" && data !== "" && typeof format === "string" && format !== "") {
    return { type: "input_audio", input_audio: { data, format } };
  }
  mustBe("an object with data and format", audio, `${at}.input_audio`, issues);
  return undefined;
}
