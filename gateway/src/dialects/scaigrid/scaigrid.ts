import type { DoorDialect } from "../../core/dialect.ts";
import { readChatRequest } from "../chat-completions/request.ts";
import { encodeAnswer } from "./response.ts";
import { ScaigridStreamEncoder } from "./stream.ts";

/** The native format, as `/v1/inference/chat` speaks it. */
export const scaigrid: DoorDialect = {
  name: "scaigrid",
  parse: readChatRequest,
  encodeAnswer,
  streamEncoder: (head) => new ScaigridStreamEncoder(head),
};
