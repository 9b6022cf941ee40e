/** A month of some calendar, as people write it, and where it ends (epoch milliseconds, exclusive). */
export interface Month {
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Months kept of each zone: that of now, the one before, and some that late settlements fall into. */
const KEPT = 4;

/** Which month an instant falls into, by the calendar of a time zone. Asked for every cell, so it keeps what it has worked out. */
export class Months {
  readonly #known = new Map<string, Month[]>();

  of(zone: string, atMs: number): Month {
    let known = this.#known.get(zone);
    if (known === undefined) this.#known.set(zone, (known = []));
    const found = known.find(({ startMs, endMs }) => atMs >= startMs && atMs < endMs);
    if (found !== undefined) return found;
    const month = monthAt(zone, atMs);
    known.unshift(month);
    if (known.length > KEPT) known.pop();
    return month;
  }
}

function monthAt(zone: string, atMs: number): Month {
  const day = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone).toPlainDate();
  const first = day.with({ day: 1 });
  const begins = (date: Temporal.PlainDate) => date.toZonedDateTime({ timeZone: zone }).epochMilliseconds;
  return {
    label: first.toString().slice(0, 7),
    startMs: begins(first),
    endMs: begins(first.add({ months: 1 })),
  };
}
