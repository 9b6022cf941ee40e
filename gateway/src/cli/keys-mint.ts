import { KEY_RANDOM_CHARS, mintKey } from "../access/key-format.ts";
import { randomBase62 } from "../base/crypto.ts";
import type { Output } from "./output.ts";

/** `scaigrid keys mint`: prints a well-formed key that nobody holds yet. */
export function keysMint(output: Output): void {
  output.data(mintKey(randomBase62(KEY_RANDOM_CHARS)));
  output.note(
    "Nobody holds this key yet: set SCAIGRID_ADMIN_KEY to it, and the gateway's next start gives it to an administrator.",
  );
}
