/** Bytes with their type, as formats that take media inline want them. */
export interface Media {
  readonly mimeType: string;
  readonly base64: string;
}

const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*),/i;

/** Types of files by the endings of their names. */
const TYPE_BY_ENDING: Readonly<Record<string, string>> = {
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  html: "text/html",
  htm: "text/html",
  xml: "text/xml",
  json: "application/json",
  doc: "application/msword",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xls: "application/vnd.ms-excel",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  heic: "image/heic",
  mp3: "audio/mp3",
  wav: "audio/wav",
  ogg: "audio/ogg",
  flac: "audio/flac",
  mp4: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
};

/** What a data URL holds; undefined where it is none. */
export function mediaOfDataUrl(url: string): Media | undefined {
  const match = DATA_URL.exec(url);
  if (match === null) return undefined;
  const [head, type = "", parameters = ""] = match;
  const data = url.slice(head.length);
  const mimeType = type === "" ? "text/plain" : type.toLowerCase();
  if (/;\s*base64\s*$/i.test(parameters)) return { mimeType, base64: data.replaceAll(/\s|%0A/gi, "") };
  try {
    return { mimeType, base64: Buffer.from(decodeURIComponent(data)).toString("base64") };
  } catch {
    return undefined;
  }
}

/** The type that the ending of a name or of an address tells. */
export function typeByEnding(name: string): string | undefined {
  const ending = /\.([a-z0-9]{1,5})(?:[?#].*)?$/i.exec(name)?.[1];
  return ending === undefined ? undefined : TYPE_BY_ENDING[ending.toLowerCase()];
}

/** What a `file_data` holds: a data URL, or base64 whose type its file name tells. A PDF unless it says otherwise. */
export function mediaOfFile(data: string, filename: string | undefined): Media {
  const media = mediaOfDataUrl(data);
  if (media !== undefined) return media;
  return { mimeType: typeByEnding(filename ?? "") ?? "application/pdf", base64: data };
}
