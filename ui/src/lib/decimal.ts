/** Amounts have at most twelve decimals: as whole numbers of the last of them, sums are exact. */
const DECIMALS = 12;
const SHAPE = /^(-?)(\d+)(?:\.(\d{1,12}))?$/;
/** Drawings need no more. */
const SHARE_PARTS = 1_000_000n;

/** A decimal text as a whole number of 10⁻¹². Throws for anything else: the gateway sends nothing else. */
function parts(decimal: string): bigint {
  const [, sign = "", whole = "0", fraction = ""] = SHAPE.exec(decimal) ?? [];
  if (!SHAPE.test(decimal)) throw new Error(`${decimal} is no decimal number`);
  const value = BigInt(whole + fraction.padEnd(DECIMALS, "0"));
  return sign === "-" ? -value : value;
}

function decimalOf(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(DECIMALS + 1, "0");
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, "");
  const whole = digits.slice(0, -DECIMALS);
  return `${value < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** The sum, to the last digit. */
export function sumOf(decimals: readonly string[]): string {
  return decimalOf(decimals.reduce((sum, each) => sum + parts(each), 0n));
}

/** What is left of one after another is taken away, to the last digit. */
export function difference(from: string, taken: string): string {
  return decimalOf(parts(from) - parts(taken));
}

/** Negative, 0 or positive, as the first is smaller than, equal to or larger than the second. */
export function compare(one: string, other: string): number {
  const [a, b] = [parts(one), parts(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How many times the whole goes into a part, to draw with, not to count with; 0 of nothing. */
export function shareOf(part: string, whole: string): number {
  const divisor = parts(whole);
  if (divisor === 0n) return 0;
  return Number((parts(part) * SHARE_PARTS) / divisor) / Number(SHARE_PARTS);
}
