const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const MOMENT = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const NUMBER = new Intl.NumberFormat();
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const CENT_DIGITS = 2;
const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** Local date and time of day. */
export function formatDateTime(iso: string): string {
  return DATE_TIME.format(new Date(iso));
}

/** Local day and time of day, for lists: the year is on hover. */
export function formatMoment(iso: string): string {
  return MOMENT.format(new Date(iso));
}

/** Local date. */
export function formatDate(iso: string): string {
  return DATE.format(new Date(iso));
}

/** "5 minutes ago", "in 3 days". */
export function formatRelative(iso: string, nowMs: number): string {
  const seconds = Math.round((Date.parse(iso) - nowMs) / 1000);
  const distance = Math.abs(seconds);
  if (distance < MINUTE_SECONDS) return RELATIVE.format(seconds, "second");
  if (distance < HOUR_SECONDS) return RELATIVE.format(Math.round(seconds / MINUTE_SECONDS), "minute");
  if (distance < DAY_SECONDS) return RELATIVE.format(Math.round(seconds / HOUR_SECONDS), "hour");
  return RELATIVE.format(Math.round(seconds / DAY_SECONDS), "day");
}

/** A whole number with its thousands apart. */
export function formatCount(count: number): string {
  return NUMBER.format(count);
}

/** A duration in the unit people think in at that size. */
export function formatMs(ms: number): string {
  if (ms >= 60_000) return `${(ms / 60_000).toFixed(1)} min`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 10) return `${Math.round(ms)} ms`;
  return `${ms.toFixed(ms >= 1 ? 1 : 2)} ms`;
}

/** A duration known to the whole millisecond, so that 0 means less than one. */
export function formatWholeMs(ms: number): string {
  if (ms < 1) return "< 1 ms";
  return ms < 10 ? `${Math.round(ms)} ms` : formatMs(ms);
}

/** What amounts are shown with: one installation has one currency, which is known once somebody is signed in. */
let currencySymbol = "$";

/** Has amounts shown in a currency, by its ISO 4217 code; one without a sign of its own goes by the code. */
export function showCurrency(code: string): void {
  const format = new Intl.NumberFormat("en", {
    style: "currency",
    currency: code,
    currencyDisplay: "narrowSymbol",
  });
  const symbol = format.formatToParts(0).find(({ type }) => type === "currency")?.value ?? code;
  currencySymbol = symbol.length > 2 ? `${symbol} ` : symbol;
}

/**
 * A decimal amount as it stands, to its last digit: an amount is never rounded, so never to zero. Cents are filled
 * up to two digits.
 */
export function formatMoney(decimal: string): string {
  const [whole = "0", fraction = ""] = decimal.split(".");
  const sign = whole.startsWith("-") ? "−" : "";
  const digits = whole.replace("-", "").replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}${currencySymbol}${digits}.${fraction.replace(/0+$/, "").padEnd(CENT_DIGITS, "0")}`;
}

/** `input_cached_read` → "input cached read". */
export function formatName(snakeCase: string): string {
  return snakeCase.replaceAll("_", " ");
}

/** "tenants" → "Tenants". */
export function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
