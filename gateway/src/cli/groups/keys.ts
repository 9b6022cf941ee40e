import type { Command } from "commander";
import { z } from "zod";
import type { Api } from "../api.ts";
import type { Context } from "../context.ts";
import { findId, withIds } from "../found.ts";
import { keysMint } from "../keys-mint.ts";
import { anyItem, type Column, fieldsOf, type JsonOption, printItems } from "../listing.ts";
import { CommandError, type Output } from "../output.ts";

const COLUMNS: readonly Column[] = [
  ["ID", "id"],
  ["NAME", "name"],
  ["KEY", ({ prefix, last4 }) => `${String(prefix)}…${String(last4)}`],
  ["STATUS", "status"],
  ["USER", "user_id"],
  ["EXPIRES", "expires_at"],
  ["LAST USED", "last_used_at"],
];
const created = z.looseObject({ id: z.string(), key: z.string() });
type Created = z.infer<typeof created>;

interface CreateOptions extends JsonOption {
  readonly user?: string;
  readonly expires?: string;
  readonly models?: readonly string[];
  readonly scopes?: readonly string[];
  readonly allowedIps?: readonly string[];
}

const FIELDS = {
  user: "assigned_user_id",
  expires: "expires_at",
  models: "models",
  scopes: "scopes",
  allowedIps: "allowed_ips",
};
/** How the fields that may be refused are called on the command line. */
const NAMES = {
  name: "<name>",
  assigned_user_id: "--user",
  expires_at: "--expires",
  allowed_ips: "--allowed-ips",
  models: "--models",
  scopes: "--scopes",
  overlap_hours: "--overlap-hours",
};

/** `scaigrid keys`: API keys. */
export function addKeys(root: Command, { api, output }: Context): void {
  const keys = root.command("keys").description("API keys");
  keys
    .command("list")
    .description("print the keys you administer, or with --scope own yours")
    .option("--scope <scope>", "own, tenant or all", "all")
    .option("--status <status>", "active or revoked")
    .option("--json", "print them as JSON")
    .action(async ({ scope, status, ...json }: JsonOption & { scope: string; status?: string }) => {
      const query = { scope, ...(status !== undefined && { status }) };
      printItems(await api().list("/v1/api-keys", anyItem, query), COLUMNS, json, output);
    });
  keys
    .command("create")
    .description("make a key and print it; it is shown only then")
    .argument("<name>", "what it is for")
    .option(
      "--user <id>",
      "whose key it becomes, by id, e-mail or name; by default that of the key you signed in with",
    )
    .option("--expires <time>", "when it ends, such as 2027-12-31T00:00:00Z")
    .option("--models <patterns...>", "the only models it may call")
    .option("--scopes <permissions...>", "the only permissions it carries")
    .option("--allowed-ips <networks...>", "the only addresses it may come from")
    .option("--json", "print it as JSON")
    .action(async (name: string, options: CreateOptions) => {
      const gateway = api();
      const body = { name, ...(await withIds(gateway, fieldsOf({ ...options }, FIELDS), NAMES)) };
      tell(await gateway.call("POST", "/v1/api-keys", created, body, NAMES), options, output);
    });
  addChanges(keys, { api, output });
  keys
    .command("mint")
    .description("print a new well-formed key, for SCAIGRID_ADMIN_KEY")
    .action(() => keysMint(output));
}

function addChanges(keys: Command, { api, output }: Context): void {
  keys
    .command("rotate")
    .description("print a new key in place of one, which goes on for a while")
    .argument("<id>", "the key, by id or name")
    .option("--overlap-hours <hours>", "how long the former key goes on; 0 revokes it now", "24")
    .option("--json", "print it as JSON")
    .action(async (id: string, options: JsonOption & { overlapHours: string }) => {
      const hours = Number(options.overlapHours);
      if (Number.isNaN(hours)) throw new CommandError("--overlap-hours must be a number, such as 24");
      const gateway = api();
      const path = `${await pathOf(id, gateway)}/rotate`;
      tell(await gateway.call("POST", path, created, { overlap_hours: hours }, NAMES), options, output);
    });
  keys
    .command("revoke")
    .description("end a key now; what it has in flight is cut")
    .argument("<id>", "the key, by id or name")
    .action(async (id: string) => {
      const gateway = api();
      await gateway.call("DELETE", await pathOf(id, gateway), z.unknown());
      output.data(`${id} is revoked`);
    });
}

async function pathOf(text: string, api: Api): Promise<string> {
  return `/v1/api-keys/${encodeURIComponent(await findId(api, "api_key", text, "<id>"))}`;
}

/** The key alone on standard output, so that a script can take it. */
function tell(made: Created, { json }: JsonOption, output: Output): void {
  output.data(json === true ? JSON.stringify(made) : made.key);
  output.note(`${made.id}: shown only now; keep it as you would a password.`);
}
