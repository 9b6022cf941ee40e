import type { Api } from "./api.ts";
import type { Output } from "./output.ts";

/** What a group of commands works with. */
export interface Context {
  readonly output: Output;
  /** The gateway to talk to. Throws CommandError when there is none. */
  readonly api: () => Api;
}
