import { isObject } from "../../../src/base/json.ts";
import type { Leftover } from "./recording.ts";

/** Files that hold no answer to a chat, and what is in them; one whose lines were cut in two. */
const OTHERS: readonly RegExp[] = [
  /embedding/,
  /transcription/,
  /reranking/,
  /completion-text/,
  /parallel-tool-call-wrapper\.1\.chunks/,
];

/** Whether a file need not be decoded: an error object, or an answer to something that is no chat. */
export function isNoAnswer({ name, first }: Leftover): boolean {
  if (first !== undefined && isObject(first["error"])) return true;
  return OTHERS.some((other) => other.test(name));
}
