import type { Command } from "commander";
import { z } from "zod";
import type { Api } from "../api.ts";
import type { Context } from "../context.ts";
import { findId, isId } from "../found.ts";
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
import { CommandError, type Output } from "../output.ts";

const PATH = "/v1/accounting/budgets";
/** Each limit, and what is counted against it: under its own name, money in the installation's currency. */
const LIMITS = [
  ["cost_limit", "cost"],
  ["token_limit", "tokens"],
  ["request_limit", "requests"],
] as const;
const UNITS: Readonly<Record<string, string>> = { tokens: "token", requests: "request" };
const LISTED = { scope: "scope", of: "scope_id" };
/** How the fields that may be refused are called on the command line. */
const NAMES = {
  scope: "<scope>",
  scope_id: "<of>",
  period: "--period",
  cost_limit: "--cost",
  token_limit: "--tokens",
  request_limit: "--requests",
  soft_limit_pct: "--soft",
  hard_action: "--action",
};
const me = z.object({ currency: z.string() });
const made = z.looseObject({ id: z.string() });

interface Terms extends JsonOption {
  readonly cost?: string;
  readonly tokens?: string;
  readonly requests?: string;
  readonly soft?: string;
  readonly action?: string;
}

/** `scaigrid budgets`: what may be used. */
export function addBudgets(root: Command, context: Context): void {
  const budgets = root
    .command("budgets")
    .description("what may be used in a day, a week, a month or in total");
  addList(budgets, context);
  addCreate(budgets, context);
  addChanges(budgets, context);
}

function addList(budgets: Command, { api, output }: Context): void {
  budgets
    .command("list")
    .description("print the budgets you may see, and how they stand: cost / tokens / requests")
    .option("--scope <scope>", "partner, tenant, group, user or api_key")
    .option("--of <id>", "of this partner, tenant, group, user or key; with --scope, its name will do")
    .option("--json", "print them as JSON")
    .action(async (options: JsonOption & { readonly scope?: string; readonly of?: string }) => {
      const gateway = api();
      const { scope, of } = options;
      if (of !== undefined && scope === undefined && !isId(of)) {
        throw new CommandError(`--of: ${of} is no id; with --scope it may be a slug or name`);
      }
      const named =
        of === undefined ? options : { ...options, of: await findId(gateway, scope ?? "", of, "--of") };
      const query = fieldsOf({ ...named }, LISTED);
      await print(await gateway.list(PATH, anyItem, query, flagsOf(LISTED)), options, { gateway, output });
    });
}

function addCreate(budgets: Command, { api, output }: Context): void {
  withTerms(budgets.command("create"))
    .description("limit what a partner, tenant, group, user or key may use")
    .argument("<scope>", "partner, tenant, group, user or api_key")
    .argument("<of>", "its id, slug or name; of a user the e-mail address")
    .requiredOption("--period <period>", "daily, weekly, monthly or total")
    .action(async (scope: string, of: string, options: Terms & { period: string }) => {
      const gateway = api();
      const scope_id = await findId(gateway, scope, of, "<of>");
      const body = { scope, scope_id, period: options.period, ...termsOf(options) };
      const budget = await gateway.call("POST", PATH, made, body, NAMES);
      if (options.json === true) output.data(JSON.stringify(budget));
      else output.data(budget.id);
    });
}

function addChanges(budgets: Command, { api, output }: Context): void {
  withTerms(budgets.command("change"))
    .description("change the limits of a budget, at once; none takes a limit away")
    .argument("<id>", "the budget's id, from `budgets list`")
    .action(async (id: string, options: Terms) => {
      const gateway = api();
      const budget = await gateway.call("PATCH", pathOf(id), anyItem, termsOf(options), NAMES);
      await print([budget], options, { gateway, output });
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

async function print(
  items: readonly Item[],
  options: JsonOption,
  { gateway, output }: { readonly gateway: Api; readonly output: Output },
): Promise<void> {
  const currency = options.json === true ? "" : (await gateway.call("GET", "/v1/me", me)).currency;
  printItems(items, columnsIn(currency), options, output);
}

function columnsIn(currency: string): readonly Column[] {
  return [
    ["ID", "id"],
    ["SCOPE", "scope"],
    ["OF", ({ scope_name: name, scope_id: id }) => textOf(name ?? id)],
    ["PERIOD", "period"],
    ["AT THE LIMIT", "hard_action"],
    ["STATE", "state"],
    ["SPENT", (budget) => measured(budget, "spent", currency)],
    ["RESERVED", (budget) => measured(budget, "reserved", currency)],
    ["LIMIT", (budget) => LIMITS.map(([field, unit]) => counted(budget[field], unit, currency)).join(" / ")],
    ["RESETS", "resets_at"],
  ];
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

function measured(budget: Item, field: string, currency: string): string {
  const measure = anyItem.safeParse(budget[field]);
  if (!measure.success) return "–";
  return LIMITS.map(([, unit]) => counted(measure.data[unit], unit, currency)).join(" / ");
}

/** A figure with its unit: "12.5 EUR", "9 requests". */
function counted(figure: unknown, unit: string, currency: string): string {
  if (figure === undefined || figure === null) return textOf(figure);
  const word = figure === 1 ? UNITS[unit] : unit;
  return `${textOf(figure)} ${unit === "cost" ? currency : word}`;
}
