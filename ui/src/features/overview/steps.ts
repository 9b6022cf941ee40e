/** The width of one slot of a chart, in its own units. */
export const SLOT_WIDTH = 10;
/** The height of a chart, in its own units. */
export const HEIGHT = 100;
/** The topmost line is drawn whole. */
const TOP = 4;

/** The largest of all values; 0 without any. */
export function mostOf(series: readonly (readonly (number | undefined)[])[]): number {
  return series.flat().reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

/**
 * Values as steps, one to a slot, as an SVG path. A slot without a value is a gap, and one between two gaps is still to
 * be seen.
 */
export function stepsOf(values: readonly (number | undefined)[], most: number): string {
  let path = "";
  let isDrawing = false;
  for (const [slot, value] of values.entries()) {
    if (value !== undefined) {
      const share = most === 0 ? 0 : value / most;
      const height = Math.round((HEIGHT - (HEIGHT - TOP) * share) * 100) / 100;
      path += `${isDrawing ? "L" : "M"}${slot * SLOT_WIDTH} ${height}H${(slot + 1) * SLOT_WIDTH}`;
    }
    isDrawing = value !== undefined;
  }
  return path;
}
