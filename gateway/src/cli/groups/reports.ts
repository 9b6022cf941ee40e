import type { Command } from "commander";
import { z } from "zod";
import { type AuditVerifyOptions, auditVerify } from "../audit-verify.ts";
import type { Api } from "../api.ts";
import type { Context } from "../context.ts";
import {
  anyItem,
  type Column,
  fieldsOf,
  flagsOf,
  type Item,
  type JsonOption,
  printItems,
  textOf,
} from "../listing.ts";
import { CommandError } from "../output.ts";

const LIMIT = "50";
const USAGE: readonly Column[] = [
  ["GROUP", "group_key"],
  ["REQUESTS", "request_count"],
  ["TOKENS IN", "input_tokens"],
  ["TOKENS OUT", "output_tokens"],
  ["PRICE", "total_cost"],
  ["COST", "backend_cost"],
];
const REQUESTS: readonly Column[] = [
  ["REQUEST", "request_id"],
  ["MODEL", "model"],
  ["OUTCOME", "outcome"],
  ["STATUS", "http_status"],
  ["CODE", "error_code"],
  ["MS", ({ duration_ms }) => String(Math.round(Number(duration_ms)))],
];
const ENTRIES: readonly Column[] = [
  ["TIME", "timestamp"],
  ["ACTION", "action"],
  ["STATUS", "status"],
  ["WHO", ({ actor_email, actor_id, actor_type }) => String(actor_email ?? actor_id ?? actor_type)],
  ["WHAT", "resource_id"],
  ["FROM", "ip_address"],
];

/** `scaigrid usage`, `requests` and `audit`: what has been done, and by whom. */
export function addReports(root: Command, context: Context): void {
  addUsage(root, context);
  addRequests(root, context);
  addAudit(root, context);
}

function addUsage(root: Command, { api, output }: Context): void {
  root
    .command("usage")
    .description("print what was used and what it costs")
    .option(
      "--by <group>",
      "model, user, tenant, partner, backend, api_key, day or hour; days and hours need --period or --start",
      "model",
    )
    .option("--period <period>", "hour, day, week or month, from its beginning")
    .option("--start <time>", "from this instant on, such as 2026-11-21T00:00:00Z")
    .option("--end <time>", "up to this instant")
    .option("--json", "print it as JSON")
    .action(async (options: JsonOption & { by: string }) => {
      const names = { by: "group_by", period: "period", start: "start", end: "end" };
      const rows = await api().get(
        "/v1/accounting/usage/summary",
        z.array(anyItem),
        fieldsOf({ ...options }, names),
        flagsOf(names),
      );
      printItems(rows, USAGE, options, output);
    });
}

function addRequests(root: Command, { api, output }: Context): void {
  const requests = root.command("requests").description("requests and their traces");
  requests
    .command("list")
    .description("print the last requests, the newest first")
    .option("--model <slug>", "of this model")
    .option("--outcome <outcome>", "that ended so")
    .option("--limit <count>", "how many", LIMIT)
    .option("--json", "print them as JSON")
    .action(async (options: JsonOption) => {
      const names = { model: "model", outcome: "outcome", limit: "limit" };
      const page = await api().page("/v1/requests", anyItem, fieldsOf({ ...options }, names), flagsOf(names));
      printItems(page, REQUESTS, options, output);
    });
  requests
    .command("get")
    .description("print everything that happened to a request, as JSON")
    .argument("<id>", "its request id, from the answer or the error")
    .action(async (id: string) => {
      const gateway = api();
      const trace = await gateway.call("GET", `/v1/requests/${encodeURIComponent(id)}`, anyItem);
      output.data(JSON.stringify(await withBackends(trace, gateway), null, 2));
    });
}

const backend = z.object({ id: z.string(), uri: z.string() });

/** The trace with the name of each backend beside its id, where the reader may see backends. */
async function withBackends(trace: Item, api: Api): Promise<unknown> {
  let backends: readonly z.infer<typeof backend>[];
  try {
    backends = await api.list("/v1/backends", backend);
  } catch (error) {
    // Who may not list them still gets the trace, as it is.
    if (error instanceof CommandError) return trace;
    throw error;
  }
  return named(trace, new Map(backends.map(({ id, uri }) => [id, uri])));
}

function named(value: unknown, uriOf: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((each) => named(each, uriOf));
  const item = anyItem.safeParse(value);
  if (!item.success) return value;
  const fields = Object.entries(item.data).flatMap(([field, each]) => {
    const uri = field === "backend_id" ? uriOf.get(textOf(each)) : undefined;
    return [[field, named(each, uriOf)], ...(uri === undefined ? [] : [["backend", uri]])];
  });
  return Object.fromEntries(fields);
}

function addAudit(root: Command, { api, output }: Context): void {
  const audit = root.command("audit").description("the audit log");
  audit
    .command("list")
    .description("print the last entries, the newest first")
    .option("--action <action>", "such as api_key.create")
    .option("--actor <id>", "of this user")
    .option("--resource <id>", "about this object")
    .option("--status <status>", "SUCCESS or FAILURE")
    .option("--limit <count>", "how many", LIMIT)
    .option("--json", "print them as JSON")
    .action(async (options: JsonOption) => {
      const names = {
        action: "action",
        actor: "actor_id",
        resource: "resource_id",
        status: "status",
        limit: "limit",
      };
      const page = await api().page(
        "/v1/audit-log",
        anyItem,
        fieldsOf({ ...options }, names),
        flagsOf(names),
      );
      printItems(page, ENTRIES, options, output);
    });
  audit
    .command("verify")
    .description("check that no entry was changed, deleted, inserted or reordered since it was sealed")
    .option("--expect <head>", "a head printed by an earlier run: whether the chain still has it")
    .option("--json", "print the result as JSON")
    .action((options: AuditVerifyOptions) => auditVerify(options, api(), output));
}
