import { type Command, Option } from "commander";
import { z } from "zod";
import type { Api } from "../api.ts";
import type { Context } from "../context.ts";
import { withIds } from "../found.ts";
import {
  anyItem,
  type Column,
  fieldsOf,
  inQuery,
  type Item,
  type JsonOption,
  printItems,
  textOf,
} from "../listing.ts";
import { CommandError } from "../output.ts";
import { pricesImport, type ImportOptions } from "../prices-import.ts";

const PATH = "/v1/accounting/price-books";
const ANY = "*";
const ENTRIES: readonly Column[] = [
  ["ID", "id"],
  ["WHO PAYS", (entry) => textOf(entry["tenant_id"] ?? entry["partner_id"])],
  ["MODEL", (entry) => textOf(entry["model"] ?? entry["model_id"])],
  ["MARK-UP", (entry) => percent(entry["mark_up_percent"])],
  ["INPUT", (entry) => perMillion(entry, "input_per_mtok")],
  ["OUTPUT", (entry) => perMillion(entry, "output_per_mtok")],
  ["FROM", "effective_from"],
  ["UNTIL", "effective_until"],
  ["STATE", "state"],
  ["SET BY", "set_by"],
];
const STEPS: readonly Column[] = [
  ["LEVEL", "level"],
  ["INPUT", (step) => perMillion(step, "input_per_mtok")],
  ["OUTPUT", (step) => perMillion(step, "output_per_mtok")],
  ["MARK-UP", (step) => percent(step["mark_up_percent"])],
  ["BY", (step) => textOf(step["price_entry_id"] ?? step["price_version_id"])],
  ["SINCE", "effective_from"],
];
const model = z.looseObject({ id: z.string(), slug: z.string() });
const made = z.looseObject({ id: z.string() });
const effective = z.looseObject({
  model: z.string(),
  tenant_id: z.string(),
  is_priced: z.boolean(),
  chain: z.array(anyItem),
  floors: z.array(anyItem).optional(),
});

/** Options that are prices, and their fields. */
const PRICES = {
  input: ["input_per_mtok", "per million tokens in"],
  output: ["output_per_mtok", "per million tokens out"],
  cachedRead: ["cached_read_per_mtok", "per million tokens read from the provider's cache"],
  cachedWrite: ["cached_write_5m_per_mtok", "per million tokens written to it"],
  reasoning: ["reasoning_per_mtok", "per million tokens thought"],
  request: ["per_request", "per request"],
} as const;
type PriceOptions = { readonly [Name in keyof typeof PRICES]?: string };

interface Payer extends JsonOption {
  readonly tenant?: string;
  readonly partner?: string;
  readonly from?: string;
  readonly until?: string;
}

/** How the fields that may be refused are called on the command line. */
const NAMES: Readonly<Record<string, string>> = {
  tenant_id: "--tenant",
  partner_id: "--partner",
  model_id: "--model",
  mark_up_percent: "<percent>",
  effective_from: "--from",
  effective_until: "--until",
  ...Object.fromEntries(
    Object.entries(PRICES).map(([name, [field]]) => [`prices.${field}`, `--${flagOf(name)}`]),
  ),
};

/** `scaigrid prices`: what partners and tenants pay. */
export function addPrices(root: Command, context: Context, fileText: (path: string) => string): void {
  const prices = root.command("prices").description("what models cost, and what partners and tenants pay");
  addList(prices, context);
  addShow(prices, context);
  addSet(prices, context);
  addMarkUp(prices, context);
  addEnd(prices, context);
  addImport(prices, context, fileText);
}

function addList(prices: Command, { api, output }: Context): void {
  prices
    .command("list")
    .description("print the entries of the price books you set, newest first")
    .option("--tenant <id>", "what this tenant pays its partner")
    .option("--partner <id>", "what this partner pays the platform")
    .option("--model <slug>", "of this model alone")
    .option("--json", "print them as JSON")
    .action(async (options: Payer & { readonly model?: string }) => {
      const gateway = api();
      const query = {
        ...(await payerOf(options, gateway)),
        ...(options.model !== undefined && { model_id: await modelId(options.model, gateway) }),
      };
      printItems(await gateway.list(PATH, anyItem, query, inQuery(NAMES)), ENTRIES, options, output);
    });
}

function addShow(prices: Command, { api, output }: Context): void {
  prices
    .command("show")
    .description("tell what a tenant pays for a model now, and how that comes about")
    .argument("<slug>", "the name applications ask for")
    .option("--tenant <id>", "the tenant; yours by default")
    .option("--json", "print it as JSON")
    .action(async (slug: string, options: Payer) => {
      const path = `/v1/accounting/effective-prices/${encodeURIComponent(slug)}`;
      const gateway = api();
      const price = await gateway.get(path, effective, await payerOf(options, gateway), inQuery(NAMES));
      if (options.json === true) return output.data(JSON.stringify(price));
      printItems(price.chain, STEPS, {}, output);
      for (const floor of price.floors ?? []) {
        const [input, output_] = [perMillion(floor, "input_per_mtok"), perMillion(floor, "output_per_mtok")];
        output.note(
          `over ${textOf(floor["backend_id"])} the ${textOf(floor["level"])} pays at least ${input} in, ${output_} out`,
        );
      }
      if (!price.is_priced) output.note("requests are refused: nobody has priced this model");
    });
}

function addSet(prices: Command, { api, output }: Context): void {
  const command = withPayer(prices.command("set"))
    .description("set the price of a model; with --tenant or --partner what that one pays in its place")
    .argument("<slug>", "the name applications ask for");
  for (const [name, [, describes]] of Object.entries(PRICES)) {
    command.option(`--${flagOf(name)} <amount>`, describes);
  }
  command.action(async (slug: string, options: Payer & PriceOptions) => {
    const gateway = api();
    const id = await modelId(slug, gateway);
    const figures = Object.fromEntries(
      Object.entries(PRICES).flatMap(([name, [field]]) => {
        const amount = Reflect.get(options, name);
        return amount === undefined ? [] : [[field, amount]];
      }),
    );
    if (options.tenant === undefined && options.partner === undefined) {
      if (options.from !== undefined || options.until !== undefined) {
        throw new CommandError(
          "--from and --until need --tenant or --partner: a model's own price is set at once",
        );
      }
      const priced = await gateway.call("PATCH", `/v1/models/${id}`, model, { prices: figures }, NAMES);
      output.data(options.json === true ? JSON.stringify(priced) : `${priced.slug} has a new price`);
      return;
    }
    await enter(gateway, { ...(await payerOf(options, gateway)), model_id: id, prices: figures }, options);
  });

  async function enter(gateway: Api, body: object, options: Payer): Promise<void> {
    const entry = await gateway.call("POST", PATH, made, body, NAMES);
    output.data(options.json === true ? JSON.stringify(entry) : entry.id);
  }
}

function addMarkUp(prices: Command, { api, output }: Context): void {
  withPayer(prices.command("mark-up"))
    .description(
      "raise what a tenant or a partner pays above the price of the level above; -10 is a tenth less",
    )
    .argument("<percent>", "such as 20 or 12.5")
    .addOption(new Option("--model <slug>", "for this model alone").default(ANY, "every model"))
    .action(async (percentage: string, options: Payer & { readonly model: string }) => {
      const gateway = api();
      const model_id = await modelId(options.model, gateway);
      const body = { ...(await payerOf(options, gateway)), model_id, mark_up_percent: percentage };
      const entry = await gateway.call("POST", PATH, made, body, NAMES);
      output.data(options.json === true ? JSON.stringify(entry) : entry.id);
    });
}

function addEnd(prices: Command, { api, output }: Context): void {
  prices
    .command("end")
    .description("end an entry now; the one before it is in force again")
    .argument("<id>", "the entry's id, from `prices list`")
    .action(async (id: string) => {
      await api().call("DELETE", `${PATH}/${encodeURIComponent(id)}`, anyItem);
      output.data(`${id} has ended`);
    });
}

function addImport(prices: Command, { api, output }: Context, fileText: (path: string) => string): void {
  const told = (command: Command) =>
    command
      .option("--all", "also what somebody has typed in")
      .option("--json", "print the differences as JSON");
  told(prices.command("diff"))
    .description("compare costs and prices with the shipped catalogue; nothing is changed")
    .action((options: ImportOptions) => pricesImport(undefined, options, api(), output));
  told(prices.command("import"))
    .description("take costs and prices over from a catalogue file, after a look at the differences")
    .argument("<file>", "a catalogue, as `npm run catalogue` makes it")
    .option("--yes", "take them over; without it they are only told")
    .action((file: string, options: ImportOptions) => pricesImport(fileText(file), options, api(), output));
}

function withPayer(command: Command): Command {
  return command
    .option("--tenant <id>", "what this tenant pays its partner")
    .option("--partner <id>", "what this partner pays the platform")
    .option("--from <time>", "from a day to come on, such as 2027-01-01T00:00:00Z")
    .option("--until <time>", "until then")
    .option("--json", "print the answer as JSON");
}

/** Who pays, and from when to when. Throws CommandError where that is not one alone. */
async function payerOf(options: Payer, api: Api): Promise<Item> {
  const names = {
    tenant: "tenant_id",
    partner: "partner_id",
    from: "effective_from",
    until: "effective_until",
  };
  return withIds(api, fieldsOf({ ...options }, names), NAMES);
}

async function modelId(slug: string, api: Api): Promise<string> {
  if (slug === ANY) return ANY;
  return (await api.call("GET", `/v1/models/${encodeURIComponent(slug)}`, model)).id;
}

/** `cachedRead` as it is typed. */
function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function percent(value: unknown): string {
  return value === undefined ? "–" : `${textOf(value)} %`;
}

function perMillion(item: Item, field: string): string {
  const figures = anyItem.safeParse(item["prices"]);
  return textOf(figures.success ? figures.data[field] : undefined);
}
