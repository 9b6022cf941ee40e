import type { ChatEvent } from "../core/chat.ts";

/** UTF-8 bytes of what one event gives the caller to read; the base of an estimate where no usage is reported. */
export function contentBytes(event: ChatEvent): number {
  switch (event.type) {
    case "text":
    case "reasoning":
    case "refusal":
      return Buffer.byteLength(event.text);
    case "tool_call":
      return Buffer.byteLength((event.name ?? "") + event.arguments);
    default:
      return 0;
  }
}
