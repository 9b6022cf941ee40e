import type { Command } from "commander";
import { z } from "zod";
import type { Context } from "../context.ts";
import { withIds } from "../found.ts";
import { anyItem, type Column, fieldsOf, flagsOf, type JsonOption, printItems } from "../listing.ts";

const PATH = "/v1/accounting/ledger";
const ADJUSTMENTS_PATH = "/v1/accounting/adjustments";
const LIMIT = "50";
const ENTRIES: readonly Column[] = [
  ["TIME", "at"],
  ["KIND", "kind"],
  ["OF", "owner_id"],
  ["ACCOUNT", "account"],
  ["AMOUNT", "amount"],
  [
    "MONTH",
    ({ month, for_month }) =>
      month === for_month ? String(month) : `${String(month)} (${String(for_month)})`,
  ],
  ["BATCH", "batch"],
  ["ADJUSTMENT", "adjustment_id"],
];
const BALANCES: readonly Column[] = [
  ["OF", "owner_id"],
  ["ACCOUNT", "account"],
  ["BALANCE", "balance"],
];
const ADJUSTMENTS: readonly Column[] = [
  ["ID", "id"],
  ["OF", ({ tenant_id, partner_id }) => String(tenant_id ?? partner_id)],
  ["MONTH", "month"],
  ["ABOUT", "for_month"],
  ["AMOUNT", "amount"],
  ["REASON", "reason"],
];
/** How the fields that may be refused are called on the command line. */
const NAMES = {
  tenant_id: "--tenant",
  partner_id: "--partner",
  amount: "<amount>",
  month: "--month",
  reason: "--reason",
};
const FILTERS = {
  month: "month",
  tenant: "tenant_id",
  partner: "partner_id",
  backend: "backend_id",
  account: "account",
};

/** `scaigrid ledger`: what went from one account to another, and what is owed. */
export function addLedger(root: Command, context: Context): void {
  const ledger = root.command("ledger").description("what is owed, and why");
  addEntries(ledger, context);
  addAdjustments(ledger, context);
}

function filtered(command: Command): Command {
  return command
    .option("--month <month>", "in the statement of this month, such as 2026-11")
    .option("--tenant <id>", "between this tenant and its partner")
    .option("--partner <id>", "of this partner and its tenants")
    .option("--backend <id>", "of this backend")
    .option("--account <account>", "receivable, revenue, cost, adjustments or absorbed")
    .option("--json", "print them as JSON");
}

function addEntries(ledger: Command, { api, output }: Context): void {
  filtered(ledger.command("entries"))
    .description("print the last entries, the newest first")
    .option("--request <id>", "those that this request is part of")
    .option("--batch <number>", "of this batch")
    .option("--limit <count>", "how many", LIMIT)
    .action(async (options: JsonOption) => {
      const names = { ...FILTERS, request: "request_id", batch: "batch", limit: "limit" };
      const gateway = api();
      const query = await withIds(gateway, fieldsOf({ ...options }, names), NAMES);
      const page = await gateway.page(PATH, anyItem, query, flagsOf(names));
      printItems(page, ENTRIES, options, output);
    });
  filtered(ledger.command("balances"))
    .description("print what each account has come to")
    .action(async (options: JsonOption) => {
      const gateway = api();
      const query = await withIds(gateway, fieldsOf({ ...options }, FILTERS), NAMES);
      const balances = await gateway.list(`${PATH}/balances`, anyItem, query, flagsOf(FILTERS));
      printItems(balances, BALANCES, options, output);
    });
}

interface AdjustOptions extends JsonOption {
  readonly reason: string;
}

function addAdjustments(ledger: Command, { api, output }: Context): void {
  ledger
    .command("adjustments")
    .description("print the corrections of what tenants and partners owe")
    .option("--month <month>", "in the statement of this month, such as 2026-11")
    .option("--tenant <id>", "of this tenant")
    .option("--partner <id>", "of this partner and its tenants")
    .option("--json", "print them as JSON")
    .action(async (options: JsonOption) => {
      const gateway = api();
      const query = await withIds(gateway, fieldsOf({ ...options }, FILTERS), NAMES);
      const items = await gateway.list(ADJUSTMENTS_PATH, anyItem, query, flagsOf(FILTERS));
      printItems(items, ADJUSTMENTS, options, output);
    });
  ledger
    .command("adjust")
    .description("correct what a tenant or a partner owes; an amount below zero is a credit")
    .argument("<amount>", "such as -12.50 (after `--` where it has a minus)")
    .option("--tenant <id>", "whose bill it is")
    .option("--partner <id>", "or this partner's own")
    .option("--month <month>", "the month it is about; the running one when absent")
    .requiredOption("--reason <text>", "what the statement says of it")
    .option("--json", "print it as JSON")
    .action(async (amount: string, options: AdjustOptions) => {
      const names = { tenant: "tenant_id", partner: "partner_id", month: "month", reason: "reason" };
      const gateway = api();
      const body = { amount, ...(await withIds(gateway, fieldsOf({ ...options }, names), NAMES)) };
      const made = await gateway.call(
        "POST",
        ADJUSTMENTS_PATH,
        z.looseObject({ id: z.string() }),
        body,
        NAMES,
      );
      output.data(options.json === true ? JSON.stringify(made) : made.id);
    });
}
