import type { Command } from "commander";
import { z } from "zod";
import { webAddress } from "../../config/formats.ts";
import { Api } from "../api.ts";
import type { Context } from "../context.ts";
import { removeLogin, writeLogin } from "../login-file.ts";
import { CommandError } from "../output.ts";

const me = z.object({ user: z.object({ display_name: z.string() }), roles: z.array(z.string()) });

interface LoginOptions {
  readonly keyEnv: string;
}

/** `scaigrid login` and `logout`: a gateway elsewhere. `secretOf` reads the variable that `--key-env` names. */
export function addLogin(
  root: Command,
  secretOf: (variable: string) => string | undefined,
  { output }: Pick<Context, "output">,
): void {
  root
    .command("login")
    .description("remember a gateway elsewhere, and the key to use there")
    .argument("<url>", "its address, such as https://ai.example.com")
    .option("--key-env <variable>", "the environment variable that holds the key", "SCAIGRID_API_KEY")
    .action(async (address: string, { keyEnv }: LoginOptions) => {
      const { data: url, error } = webAddress.safeParse(address);
      if (url === undefined)
        throw new CommandError(`<url> must be ${error?.issues[0]?.message ?? "an address"}`);
      const key = secretOf(keyEnv);
      if (key === undefined || key === "") {
        throw new CommandError(`the variable ${keyEnv} is not set: export it with a key of that gateway`);
      }
      // What does not work is not worth remembering.
      const { user, roles } = await new Api(url, key).call("GET", "/v1/me", me);
      const path = writeLogin({ url, key });
      output.data(`signed in to ${url} as ${user.display_name} (${roles.join(", ")})`);
      output.note(`The key is kept in ${path}, for you alone; \`scaigrid logout\` forgets it.`);
    });
  root
    .command("logout")
    .description("forget what login has remembered")
    .action(() => {
      removeLogin();
      output.data("forgotten; the key itself goes on: `scaigrid keys revoke` ends it");
    });
}
