import type { Command } from "commander";
import { z } from "zod";
import type { Context } from "../context.ts";
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
    .argument("<user>", "the user's id")
    .option("--json", "print them as JSON")
    .action(async (user: string, options: JsonOption) => {
      printItems(await api().list("/v1/auth/sessions", anyItem, { user_id: user }), COLUMNS, options, output);
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
