import type { LoadResult } from "./load/driver.ts";
import { median } from "./report.ts";
import type { Figure, Floor } from "./report.ts";
import type { Target } from "./targets.ts";

const MB = 1024 * 1024;

/** What is measured: whole answers, or streams. */
export type Kind = "chat" | "streams";
type Name = Target["name"];

/** All measurements of one run, by target and kind. */
export class Measurements {
  readonly #results = new Map<string, LoadResult[]>();
  readonly #unmeasured = new Map<string, LoadResult[]>();

  add(name: Name, kind: Kind, result: LoadResult): void {
    const key = `${name} ${kind}`;
    this.#results.set(key, [...(this.#results.get(key) ?? []), result]);
  }

  /** A warm-up: in the books, not in the table. */
  addUnmeasured(name: Name, result: LoadResult): void {
    this.#unmeasured.set(name, [...(this.#unmeasured.get(name) ?? []), result]);
  }

  /** Everything that went through a target. */
  all(name: Name): readonly LoadResult[] {
    return [...(this.#unmeasured.get(name) ?? []), ...this.of(name, "chat"), ...this.of(name, "streams")];
  }

  of(name: Name, kind: Kind): readonly LoadResult[] {
    return this.#results.get(`${name} ${kind}`) ?? [];
  }

  /** The median over the rounds of what `value` makes of each; undefined where nothing was measured. */
  median(name: Name, kind: Kind, value: (result: LoadResult) => number): number | undefined {
    return median(this.of(name, kind).map(value));
  }
}

interface Row {
  readonly name: string;
  readonly kind: Kind;
  readonly unit: string;
  readonly digits?: number;
  readonly floor?: Floor;
  readonly value: (result: LoadResult) => number;
}

const ROWS: readonly Row[] = [
  {
    name: "CPU per chat call",
    kind: "chat",
    unit: "µs",
    digits: 1,
    floor: { sense: "at most", floor: 50, aim: 30, timesBun: 3 },
    value: (r) => r.cpuUs / r.windowRequests,
  },
  {
    name: "  of it on the main thread",
    kind: "chat",
    unit: "µs",
    digits: 1,
    value: (r) => r.mainThreadUs / r.windowRequests,
  },
  {
    name: "chat calls per second, one core",
    kind: "chat",
    unit: "/s",
    floor: { sense: "at least", floor: 15_000, aim: 25_000 },
    value: (r) => r.windowRequests / r.windowSeconds,
  },
  { name: "  core busy", kind: "chat", unit: "%", value: (r) => r.cpuUs / r.windowSeconds / 10_000 },
  { name: "  latency p50 at that load", kind: "chat", unit: "ms", digits: 2, value: (r) => r.latencyMsP50 },
  { name: "  latency p99 at that load", kind: "chat", unit: "ms", digits: 2, value: (r) => r.latencyMsP99 },
  {
    name: "CPU per streamed chunk",
    kind: "streams",
    unit: "µs",
    digits: 1,
    floor: { sense: "at most", floor: 18, aim: 12 },
    value: (r) => r.cpuUs / r.windowTokens,
  },
  {
    name: "  chunks per second",
    kind: "streams",
    unit: "/s",
    value: (r) => r.windowTokens / r.windowSeconds,
  },
  { name: "memory, 64 calls at once", kind: "chat", unit: "MB", value: (r) => r.residentBytes / MB },
  { name: "memory, 400 streams", kind: "streams", unit: "MB", value: (r) => r.residentBytes / MB },
];

/** All lines of the table. `coldMs` and `idleBytes` concern the gateway alone. */
export function figures(
  all: Measurements,
  coldMs: readonly number[],
  idleBytes: number | undefined,
): Figure[] {
  const alone = { bun: undefined, nginx: undefined };
  return [
    ...ROWS.map(({ kind, value, ...about }) => ({
      ...about,
      gateway: all.median("gateway", kind, value),
      bun: all.median("bun", kind, value),
      nginx: all.median("nginx", kind, value),
    })),
    {
      ...alone,
      name: "memory, idle",
      unit: "MB",
      gateway: idleBytes === undefined ? undefined : idleBytes / MB,
      floor: { sense: "at most", floor: 100 },
    },
    {
      ...alone,
      name: "cold start to the first answer",
      unit: "ms",
      gateway: median(coldMs),
      floor: { sense: "at most", floor: 1000, aim: 400 },
    },
  ];
}
