/** Beyond this many characters a name is no slip of the pen, and the work per comparison grows with the square. */
const NAME_CHARS_MAX = 200;
/** Names that differ in more than this share of their characters are not near. */
const CHANGED_SHARE_MAX = 0.4;
/** A name found whole inside a candidate (`gpt-4o` in `openai/gpt-4o`) is near, however long the rest. */
const CONTAINED_CHARS_MIN = 3;
const CONTAINED_DISTANCE = 1;

/**
 * How many single-character insertions, deletions, substitutions and swaps of neighbours turn one text into the
 * other (optimal string alignment). Stops early and returns `limit + 1` when it must be more than `limit`.
 */
export function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    let lowest = row;
    for (let column = 1; column <= to.length; column++) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1;
      let steps = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + cost,
      );
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) steps = Math.min(steps, (beforeLast[column - 2] ?? 0) + 1);
      current.push(steps);
      lowest = Math.min(lowest, steps);
    }
    if (lowest > limit) return limit + 1;
    beforeLast = last;
    last = current;
  }
  return Math.min(last[to.length] ?? 0, limit + 1);
}

/**
 * At most `count` candidates that `name` may have been meant to be, the likeliest first; none when nothing is
 * near. Letter case is ignored. For error messages, not for hot paths: about 1.5 µs per candidate.
 */
export function nearest(name: string, candidates: Iterable<string>, count: number): string[] {
  const wanted = name.slice(0, NAME_CHARS_MAX).toLowerCase();
  const near: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of candidates) {
    const text = candidate.slice(0, NAME_CHARS_MAX).toLowerCase();
    const contained = wanted.length >= CONTAINED_CHARS_MIN && text.includes(wanted);
    // Once the list is full, only what beats its last entry is worth counting to the end.
    const worst = near.length < count ? Infinity : (near.at(-1)?.distance ?? 0) - 1;
    const limit = Math.min(worst, plausibleDistance(Math.max(wanted.length, text.length)));
    const distance = contained ? CONTAINED_DISTANCE : editDistance(wanted, text, limit);
    if (distance > limit) continue;
    near.push({ candidate, distance });
    near.sort((a, b) => a.distance - b.distance);
    if (near.length > count) near.pop();
  }
  return near.map((entry) => entry.candidate);
}

function plausibleDistance(chars: number): number {
  return Math.max(1, Math.floor(chars * CHANGED_SHARE_MAX));
}
