import type { Command } from "commander";
import { z } from "zod";
import type { Context } from "../context.ts";
import {
  anyItem,
  type Column,
  fieldsOf,
  type Item,
  type JsonOption,
  printItems,
  textOf,
} from "../listing.ts";
import { CommandError } from "../output.ts";

const PATH = "/v1/accounting/budgets";
const COLUMNS: readonly Column[] = [
  ["ID", "id"],
  ["SCOPE", "scope"],
  ["OF", "scope_id"],
  ["PERIOD", "period"],
  ["AT THE LIMIT", "hard_action"],
  ["STATE", "state"],
  ["SPENT", (budget) => measured(budget, "spent")],
  ["RESERVED", (budget) => measured(budget, "reserved")],
  ["LIMIT", (budget) => LIMITS.map(([field]) => textOf(budget[field])).join(" / ")],
  ["RESETS", "resets_at"],
];
/** Each limit, and what is counted against it. */
const LIMITS = [
  ["cost_limit", "cost"],
  ["token_limit", "tokens"],
  ["request_limit", "requests"],
] as const;
/** How the fields that may be refused are called on the command line. */
const NAMES = {
  scope: "<scope>",
  scope_id: "<id>",
  period: "--period",
  cost_limit: "--cost",
  token_limit: "--tokens",
  request_limit: "--requests",
  soft_limit_pct: "--soft",
  hard_action: "--action",
};
const made = z.looseObject({ id: z.string() });

interface Terms extends JsonOption {
  readonly cost?: string;
  readonly tokens?: string;
  readonly requests?: string;
  readonly soft?: string;
  readonly action?: string;
}

/** `scaigrid budgets`: what may be used. */
export function addBudgets(root: Command, { api, output }: Context): void {
  const budgets = root
    .command("budgets")
    .description("what may be used in a day, a week, a month or in total");
  budgets
    .command("list")
    .description("print the budgets you may see, and how they stand: cost / tokens / requests")
    .option("--scope <scope>", "partner, tenant, group, user or api_key")
    .option("--of <id>", "of this partner, tenant, group, user or key")
    .option("--json", "print them as JSON")
    .action(async (options: JsonOption) => {
      const query = fieldsOf({ ...options }, { scope: "scope", of: "scope_id" });
      printItems(await api().list(PATH, anyItem, query), COLUMNS, options, output);
    });
  withTerms(budgets.command("create"))
    .description("limit what a partner, tenant, group, user or key may use")
    .argument("<scope>", "partner, tenant, group, user or api_key")
    .argument("<id>", "its id")
    .requiredOption("--period <period>", "daily, weekly, monthly or total")
    .action(async (scope: string, scope_id: string, options: Terms & { period: string }) => {
      const body = { scope, scope_id, period: options.period, ...termsOf(options) };
      const budget = await api().call("POST", PATH, made, body, NAMES);
      if (options.json === true) output.data(JSON.stringify(budget));
      else output.data(budget.id);
    });
  withTerms(budgets.command("change"))
    .description("change the limits of a budget, at once; none takes a limit away")
    .argument("<id>", "the budget's id, from `budgets list`")
    .action(async (id: string, options: Terms) => {
      const budget = await api().call("PATCH", pathOf(id), anyItem, termsOf(options), NAMES);
      printItems([budget], COLUMNS, options, output);
    });
  budgets
    .command("delete")
    .description("delete a budget; what was used stays on record")
    .argument("<id>", "the budget's id, from `budgets list`")
    .action(async (id: string) => {
      await api().call("DELETE", pathOf(id), anyItem);
      output.data(`${id} is deleted`);
    });
}

function withTerms(command: Command): Command {
  return command
    .option("--cost <amount>", "at most so much money, such as 250.00")
    .option("--tokens <count>", "at most so many tokens, in and out")
    .option("--requests <count>", "at most so many requests that deliver content")
    .option("--soft <share>", "from which share of a limit on to tell; 0.8 by default")
    .option("--action <action>", "at the limit: block (by default), throttle or notify")
    .option("--json", "print it as JSON");
}

function pathOf(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

function termsOf({ cost, tokens, requests, soft, action }: Terms): Readonly<Record<string, unknown>> {
  const terms = {
    cost_limit: cost === "none" ? null : cost,
    token_limit: tokens === "none" ? null : numberOf("--tokens", tokens),
    request_limit: requests === "none" ? null : numberOf("--requests", requests),
    soft_limit_pct: numberOf("--soft", soft),
    hard_action: action,
  };
  return Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined));
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new CommandError(`${option}: must be a number`);
  return value;
}

function measured(budget: Item, field: string): string {
  const measure = anyItem.safeParse(budget[field]);
  if (!measure.success) return "–";
  return LIMITS.map(([, name]) => textOf(measure.data[name])).join(" / ");
}
