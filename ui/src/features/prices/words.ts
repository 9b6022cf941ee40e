import type { PriceEntry, PriceStep } from "../../api/types.ts";
import type { BadgeTone } from "../../components/badge.tsx";
import { formatMoney } from "../../lib/format.ts";

export const ENTRY_STATES: Readonly<Record<PriceEntry["state"], readonly [BadgeTone, string]>> = {
  in_force: ["good", "In force"],
  scheduled: ["accent", "To come"],
  superseded: ["plain", "Replaced"],
  ended: ["plain", "Ended"],
  unreadable: ["bad", "Unreadable"],
};

export const LEVEL_WORDS: Readonly<Record<PriceStep["level"], string>> = {
  platform: "The model's own price",
  partner: "What the partner pays",
  tenant: "What the tenant pays",
};

/** "+20 %" or "−10 %". */
export function markUpWords(percent: string): string {
  return percent.startsWith("-") ? `−${percent.slice(1)} %` : `+${percent} %`;
}

/** The two prices that nearly every request is made of, and that there are others. */
export function pricesWords(prices: NonNullable<PriceStep["prices"]>): string {
  const { input_per_mtok: input, output_per_mtok: output, tiers, ...others } = prices;
  const told = [
    ...(input === undefined ? [] : [`${formatMoney(input)} in`]),
    ...(output === undefined ? [] : [`${formatMoney(output)} out`]),
  ];
  const more = Object.keys(others).length + (tiers?.length ?? 0);
  if (more > 0) told.push(`${more} more`);
  return told.join(", ");
}

/** Where a step of a price comes from. */
export function originWords({ level, price_entry_id: entry, mark_up_percent: percent }: PriceStep): string {
  if (level === "platform") return "Set on the model";
  if (entry === undefined) return "As above";
  return percent === undefined ? "Set in the book" : `${markUpWords(percent)} on what is above`;
}
