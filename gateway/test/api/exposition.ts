/** One line of Prometheus text. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  readonly samples: readonly Sample[];
  /** By metric, as its TYPE line names it: the sum over its series (of a histogram: of its counts). */
  readonly totals: ReadonlyMap<string, number>;
}

const TYPE = /^# TYPE (\w+) (counter|gauge|histogram)$/;
const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Reads Prometheus text. Throws for a line that is not of the format, or belongs to no declared metric. */
export function readMetrics(text: string): Exposition {
  const samples: Sample[] = [];
  const totals = new Map<string, number>();
  const counted = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, declared, kind] = TYPE.exec(line) ?? [];
    if (declared !== undefined) {
      totals.set(declared, 0);
      counted.set(kind === "histogram" ? `${declared}_count` : declared, declared);
    }
    if (line === "" || line.startsWith("#")) continue;
    const sample = readSample(line);
    samples.push(sample);
    const metric = counted.get(sample.name);
    if (metric !== undefined) totals.set(metric, (totals.get(metric) ?? 0) + sample.value);
    else if (!totals.has(sample.name.replace(/_(bucket|sum)$/, "")))
      throw new Error(`undeclared metric: ${line}`);
  }
  return { samples, totals };
}

function readSample(line: string): Sample {
  const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a line of the exposition format: ${line}`);
  const pairs = [...labels.matchAll(LABEL)].map(([, label, text]): [string, string] => [
    label ?? "",
    text ?? "",
  ]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}
