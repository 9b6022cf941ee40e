import type { Command } from "commander";
import { z } from "zod";
import type { Context } from "../context.ts";
import { anyItem, type Column, type Item, type JsonOption, printItems } from "../listing.ts";
import { CommandError } from "../output.ts";
import { pathTo, type Resource } from "./resource.ts";

const COLUMNS: readonly Column[] = [
  ["LIMIT", "name"],
  ["IN FORCE", ({ limit }) => (limit === 0 ? "unlimited" : String(limit))],
  ["SET BY", "set_by"],
];
/** What takes a limit away, so that the one above it holds. */
const NONE = "none";

const OPTIONS = {
  requests: "requests_per_minute",
  tokens: "tokens_per_minute",
  concurrent: "concurrent_requests",
} as const;
const NAMES = Object.fromEntries(
  Object.entries(OPTIONS).map(([option, field]) => [`rate_limits.${field}`, `--${option}`]),
);
const limited = z.looseObject({
  rate_limits: z.record(z.string(), z.looseObject({ limit: z.number(), set_by: z.string() })),
});

type LimitOptions = JsonOption & { readonly [Option in keyof typeof OPTIONS]?: string };

/** `scaigrid <level> limits <id>`: what is in force at one of them, or other limits from now on. */
export function addLimits(group: Command, level: Resource, { api, output }: Context): void {
  group
    .command("limits")
    .description("print the limits in force, or set others: 0 is unlimited, none takes one away")
    .argument("<id>", `the ${level.singular}'s id`)
    .option("--requests <number>", "per minute")
    .option("--tokens <number>", "per minute")
    .option("--concurrent <number>", "in flight at once")
    .option("--json", "print them as JSON")
    .action(async (id: string, options: LimitOptions) => {
      const asked = limitsOf(options);
      const gateway = api();
      const path = await pathTo(level, id, gateway);
      const { rate_limits: limits } = await (asked === undefined
        ? gateway.call("GET", path, limited)
        : gateway.call("PATCH", path, limited, { rate_limits: asked }, NAMES));
      const items: Item[] = Object.entries(limits).map(([name, limit]) => anyItem.parse({ name, ...limit }));
      printItems(items, COLUMNS, options, output);
    });
}

/** Undefined where nothing is asked for. Throws CommandError. */
function limitsOf(options: LimitOptions): Readonly<Record<string, number | null>> | undefined {
  const asked: Record<string, number | null> = {};
  for (const option of ["requests", "tokens", "concurrent"] as const) {
    const given = options[option];
    if (given !== undefined) asked[OPTIONS[option]] = given === NONE ? null : wholeNumber(option, given);
  }
  return Object.keys(asked).length === 0 ? undefined : asked;
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new CommandError(`--${option} must be a whole number, or ${NONE}`);
}
