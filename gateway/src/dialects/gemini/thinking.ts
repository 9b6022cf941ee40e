import type { JsonObject } from "../../base/json.ts";

/** Words for how much a model is to think, from none to the most. */
export const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
type Effort = (typeof EFFORTS)[number];

/** What `thinkingConfig` of a generation of models takes for each. Source: Gemini API docs, "Thinking". */
interface Row {
  readonly models: RegExp;
  readonly by: Readonly<Record<Effort, JsonObject>>;
}

function budgets(none: number, high: number): Row["by"] {
  const of = (thinkingBudget: number): JsonObject => ({ thinkingBudget });
  return {
    none: of(none),
    minimal: of(1_024),
    low: of(1_024),
    medium: of(8_192),
    high: of(24_576),
    xhigh: of(high),
    max: of(high),
  };
}

function levels(least: string, medium: string): Row["by"] {
  const of = (thinkingLevel: string): JsonObject => ({ thinkingLevel });
  return {
    none: of(least),
    minimal: of(least),
    low: of("low"),
    medium: of(medium),
    high: of("high"),
    xhigh: of("high"),
    max: of("high"),
  };
}

/** The first row that fits. A name without a number (`gemini-flash-latest`) means the newest. */
const ROWS: readonly Row[] = [
  { models: /gemini-2\.5-pro/, by: budgets(128, 32_768) },
  { models: /gemini-2\.5/, by: budgets(0, 24_576) },
  { models: /gemini-3-pro/, by: levels("low", "high") },
  { models: /gemini-(?:(?:[3-9]|\d\d)[\d.]*-)?pro/, by: levels("low", "medium") },
  { models: /gemini-(?:[3-9]|\d\d|flash)/, by: levels("minimal", "medium") },
];

/** Whether the model refuses calls of its own in the history that have no thought signature. */
export function demandsSignatures(model: string): boolean {
  return /gemini-(?:[3-9]|\d\d|pro|flash)/.test(model);
}

/** `thinkingConfig` for this much effort, the thoughts told along; undefined for a model that cannot be told. */
export function thinkingConfig(model: string, effort: string): JsonObject | undefined {
  const known = EFFORTS.find((word) => word === effort);
  const row = ROWS.find(({ models }) => models.test(model));
  if (known === undefined || row === undefined) return undefined;
  return { ...row.by[known], ...(known !== "none" && { includeThoughts: true }) };
}
