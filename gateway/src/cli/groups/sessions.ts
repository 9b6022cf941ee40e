import type { Command } from "commander";
import { z } from "zod";
import type { Context } from "../context.ts";
import { findId } from "../found.ts";
import { anyItem, type Column, type JsonOption, printItems } from "../listing.ts";

const COLUMNS: readonly Column[] = [
  ["ID", "id"],
  ["USER", "user_id"],
  ["SINCE", "created_at"],
  ["LAST SEEN", "last_seen_at"],
  ["BROWSER", "user_agent"],
];

/** `scaigrid sessions`: where people are signed in with a browser. */
export function addSessions(root: Command, { api, output }: Context): void {
  const sessions = root.command("sessions").description("where people are signed in with a browser");
  sessions
    .command("list")
    .description("print the sessions of a user")
    .argument("<user>", "the user, by id, e-mail address or name")
    .option("--json", "print them as JSON")
    .action(async (user: string, options: JsonOption) => {
      const gateway = api();
      const query = { user_id: await findId(gateway, "user", user, "<user>") };
      printItems(await gateway.list("/v1/auth/sessions", anyItem, query), COLUMNS, options, output);
    });
  sessions
    .command("end")
    .description("sign a browser out")
    .argument("<id>", "the session's id")
    .action(async (id: string) => {
      await api().call("DELETE", `/v1/auth/sessions/${encodeURIComponent(id)}`, z.unknown());
      output.data(`${id} is ended`);
    });
}
