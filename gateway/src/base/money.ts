/**
 * Amounts are integers of 10⁻¹² currency unit ("pico"), carried as bigint; on the wire they are exact decimal
 * strings. There is no floating point anywhere between the two.
 */
export type Pico = bigint;

export const PICO_PER_UNIT = 1_000_000_000_000n;
/** The largest single amount: what one signed 64-bit column holds, rounded down to whole units (9 million). */
export const AMOUNT_MAX: Pico = 9_000_000n * PICO_PER_UNIT;
/** The largest limit of a running total, a billion units; such totals are kept in two columns. */
export const TOTAL_MAX: Pico = 1_000_000_000n * PICO_PER_UNIT;

const DECIMAL = /^(\d{1,12})(?:\.(\d{1,12}))?$/;

/** Reads a non-negative decimal string ("2.50") exactly; undefined when it is not one or is finer than 10⁻¹². */
export function parseAmount(text: string): Pico | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  return BigInt(match[1] ?? "0") * PICO_PER_UNIT + BigInt((match[2] ?? "").padEnd(12, "0"));
}

/** Writes an amount exactly, without trailing zeros beyond what is needed: "0.0070075", "12", "-0.5". */
export function formatAmount(amount: Pico): string {
  const sign = amount < 0n ? "-" : "";
  const absolute = amount < 0n ? -amount : amount;
  const fraction = (absolute % PICO_PER_UNIT).toString().padStart(12, "0").replace(/0+$/, "");
  const units = (absolute / PICO_PER_UNIT).toString();
  return fraction === "" ? `${sign}${units}` : `${sign}${units}.${fraction}`;
}

/** Reads a decimal string that may have a minus; undefined as `parseAmount`. */
export function parseSigned(text: string): Pico | undefined {
  if (!text.startsWith("-")) return parseAmount(text);
  const amount = parseAmount(text.slice(1));
  return amount === undefined ? undefined : -amount;
}

/** A running total kept as whole units and the rest, because 2⁶³ pico is only 9.2 million units. */
export interface SplitAmount {
  readonly units: bigint;
  readonly pico: bigint;
}

/** Joins the two columns of a running total, carrying whole units out of the pico column. */
export function joinAmount(split: SplitAmount): Pico {
  return split.units * PICO_PER_UNIT + split.pico;
}
