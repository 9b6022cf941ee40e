/**
 * A small set of metric types with the Prometheus text exposition format (version 0.0.4). Counting is a field
 * increment on a child that the caller may keep; text is made when somebody asks.
 */
export const EXPOSITION_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** One value per label name, in their order. */
type ValuesOf<Names extends readonly string[]> = { readonly [Index in keyof Names]: string };

export interface MetricOptions<Names extends readonly string[]> {
  readonly name: string;
  readonly help: string;
  readonly labels: Names;
  /** Label sets kept at once; whatever comes after goes to one more, whose labels all say `other`. */
  readonly seriesMax?: number;
}

const SERIES_MAX = 10_000;
const OVERFLOW_LABEL = "other";

// A tree by label value instead of a map by joined text: joining alone costs more than the four look-ups.
class LabelNode<Child> {
  child: Child | undefined;
  readonly next = new Map<string, LabelNode<Child>>();
}

/** Children of one metric by their label values. */
class Series<Child> {
  readonly #root = new LabelNode<Child>();
  readonly #all: { readonly values: readonly string[]; readonly child: Child }[] = [];
  readonly #seriesMax: number;
  readonly #make: () => Child;
  #overflow: Child | undefined;

  constructor(seriesMax: number, make: () => Child) {
    this.#seriesMax = seriesMax;
    this.#make = make;
  }

  get(values: readonly string[]): Child {
    let node = this.#root;
    for (const value of values) {
      let next = node.next.get(value);
      if (next === undefined) {
        // Checked before the node is made: a stranger's labels must not grow the tree either.
        if (this.#all.length >= this.#seriesMax) return this.#overflowOf(values.length);
        next = new LabelNode<Child>();
        node.next.set(value, next);
      }
      node = next;
    }
    return (node.child ??= this.#add(values));
  }

  all(): Iterable<{ readonly values: readonly string[]; readonly child: Child }> {
    return this.#all;
  }

  #overflowOf(labelCount: number): Child {
    return (this.#overflow ??= this.#add(Array.from({ length: labelCount }, () => OVERFLOW_LABEL)));
  }

  #add(values: readonly string[]): Child {
    const child = this.#make();
    this.#all.push({ values, child });
    return child;
  }
}

/** A sum that only grows; 0.01 µs per increment. */
export class CounterChild {
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** Adds `by` ≥ 0. */
  inc(by = 1): void {
    this.#total += by;
  }
}

/** Observations sorted into fixed buckets. */
export class HistogramChild {
  readonly #upperBounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(upperBounds: readonly number[]) {
    this.#upperBounds = upperBounds;
    this.#counts = new Float64Array(upperBounds.length + 1);
  }

  observe(value: number): void {
    let bucket = 0;
    for (const bound of this.#upperBounds) {
      if (value <= bound) break;
      bucket += 1;
    }
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  get sum(): number {
    return this.#sum;
  }

  /** How many observations were at most each bound, the last of them +Inf. */
  cumulative(): readonly { readonly le: string; readonly count: number }[] {
    let count = 0;
    return Array.from(this.#counts, (inBucket, index) => {
      count += inBucket;
      return { le: formatNumber(this.#upperBounds[index] ?? Number.POSITIVE_INFINITY), count };
    });
  }
}

export class Counter<const Names extends readonly string[]> {
  readonly #series: Series<CounterChild>;

  constructor(series: Series<CounterChild>) {
    this.#series = series;
  }

  /** The child with these label values, made on first use; keep it where the values stay the same. */
  with(...values: ValuesOf<Names>): CounterChild {
    return this.#series.get(values);
  }
}

export class Histogram<const Names extends readonly string[]> {
  readonly #series: Series<HistogramChild>;

  constructor(series: Series<HistogramChild>) {
    this.#series = series;
  }

  /** The child with these label values, made on first use. */
  with(...values: ValuesOf<Names>): HistogramChild {
    return this.#series.get(values);
  }
}

/** A gauge's readings: label values and the number. */
export type Readings<Names extends readonly string[]> = Iterable<readonly [ValuesOf<Names>, number]>;

/** What a reference page says of a metric. */
export interface MetricDescription {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
}

/** All metrics of a process. Throws at registration when two share a name. */
export class MetricRegistry {
  readonly #metrics = new Map<string, MetricDescription & { readonly head: string; samples(): string }>();

  /** In the order they were registered. */
  get descriptions(): readonly MetricDescription[] {
    return [...this.#metrics.values()];
  }

  counter<const Names extends readonly string[]>(options: MetricOptions<Names>): Counter<Names> {
    const series = new Series(options.seriesMax ?? SERIES_MAX, () => new CounterChild());
    this.#register(options, "counter", () => {
      let text = "";
      for (const { values, child } of series.all()) {
        text += sample(options.name, labelText(options.labels, values), child.total);
      }
      return text;
    });
    return new Counter<Names>(series);
  }

  /** `upperBounds` rise; +Inf is added. */
  histogram<const Names extends readonly string[]>(
    options: MetricOptions<Names>,
    upperBounds: readonly number[],
  ): Histogram<Names> {
    const series = new Series(options.seriesMax ?? SERIES_MAX, () => new HistogramChild(upperBounds));
    this.#register(options, "histogram", () => {
      let text = "";
      for (const { values, child } of series.all()) text += histogramText(options, values, child);
      return text;
    });
    return new Histogram<Names>(series);
  }

  /** A number that is read when somebody asks; a `counter` when it never falls. */
  gauge<const Names extends readonly string[]>(
    options: Omit<MetricOptions<Names>, "seriesMax">,
    read: () => Readings<Names>,
    type: "gauge" | "counter" = "gauge",
  ): void {
    this.#register(options, type, () => {
      let text = "";
      for (const [values, value] of read())
        text += sample(options.name, labelText(options.labels, values), value);
      return text;
    });
  }

  /** The text of all metrics, in the order they were registered. */
  render(): string {
    let text = "";
    for (const metric of this.#metrics.values()) text += metric.head + metric.samples();
    return text;
  }

  #register(
    options: Omit<MetricDescription, "type">,
    type: MetricDescription["type"],
    samples: () => string,
  ): void {
    const { name, help, labels } = options;
    if (this.#metrics.has(name)) throw new Error(`metric ${name} is registered twice`);
    const escaped = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
    const head = `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
    this.#metrics.set(name, { name, type, help, labels, head, samples });
  }
}

function histogramText(
  { name, labels }: { readonly name: string; readonly labels: readonly string[] },
  values: readonly string[],
  child: HistogramChild,
): string {
  let text = "";
  let total = 0;
  for (const { le, count } of child.cumulative()) {
    text += sample(`${name}_bucket`, labelText([...labels, "le"], [...values, le]), count);
    total = count;
  }
  const own = labelText(labels, values);
  return `${text}${sample(`${name}_sum`, own, child.sum)}${sample(`${name}_count`, own, total)}`;
}

function sample(name: string, labels: string, value: number): string {
  return `${name}${labels} ${formatNumber(value)}\n`;
}

function labelText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return "";
  return `{${names.map((name, index) => `${name}="${escapeLabel(values[index] ?? "")}"`).join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function formatNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}
