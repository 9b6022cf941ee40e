import { z } from "zod";
import type { Api } from "./api.ts";
import { CommandError, type Output } from "./output.ts";

const rotation = z.object({ version: z.number(), resealed: z.number(), complete: z.boolean() });
/** A quarter of a minute each: millions of credentials. */
const CALLS_MAX = 240;

/** `scaigrid secrets rotate`: a new secret key in place of the present one, while the gateway serves. */
export async function secretsRotate(asJson: boolean, api: Api, output: Output): Promise<void> {
  let resealed = 0;
  for (let calls = 0; calls < CALLS_MAX; calls++) {
    const step = await api.call("POST", "/v1/secret-key/rotations", rotation);
    resealed += step.resealed;
    if (step.complete) {
      const { version } = step;
      output.data(
        asJson
          ? JSON.stringify({ version, resealed })
          : `${resealed} credentials are sealed with version ${version} of the secret key`,
      );
      output.note(
        "The former key opens nothing any more. Back up the new one: secret.key, or what SCAIGRID_SECRET_KEY holds; " +
          "where SCAIGRID_SECRET_KEY_PREVIOUS is set, start each node without it.",
      );
      return;
    }
    output.note(`${resealed} credentials are sealed anew; going on`);
  }
  throw new CommandError("the rotation has not come to its end: call again, nothing is lost");
}
