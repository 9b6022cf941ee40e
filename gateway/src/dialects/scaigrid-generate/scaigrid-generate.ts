import type { DoorDialect } from "../../core/dialect.ts";
import { readCompletionRequest } from "../text-completions/request.ts";
import { encodeAnswer } from "./response.ts";
import { GenerateStreamEncoder } from "./stream.ts";

/** The native format of text completions, as `/v1/inference/generate` speaks it. */
export const scaigridGenerate: DoorDialect = {
  name: "scaigrid-generate",
  parse: readCompletionRequest,
  encodeAnswer,
  streamEncoder: (head) => new GenerateStreamEncoder(head),
};
