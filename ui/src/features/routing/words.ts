import type { RoutingPolicy } from "../../api/types.ts";

type Choices<Name extends string> = readonly (readonly [Name, string])[];

/** How one backend of a priority is chosen. */
export const STRATEGIES: Choices<RoutingPolicy["strategy"]> = [
  ["priority", "Priority: the heaviest first"],
  ["weighted", "Weighted: drawn by weight"],
  ["least_busy", "Least busy: fewest calls in flight"],
  ["latency", "Latency: the quickest"],
];

/** What follows when a stream breaks off. */
export const MIDSTREAMS: Choices<RoutingPolicy["midstream"]> = [
  ["error", "Tell the caller: an error event"],
  ["continue", "Another backend goes on from there"],
  ["buffer", "Send nothing before the answer is whole"],
];

/** Whose requests stay with one backend. */
export const STICKIES: Choices<RoutingPolicy["sticky"]> = [
  ["none", "Nobody's"],
  ["user", "Those of one user"],
  ["session", "Those of one session"],
];

/** Whose price a fallback costs. */
export const FALLBACK_PRICES: Choices<RoutingPolicy["fallback_price"]> = [
  ["asked", "The price of the model that was asked for"],
  ["served", "The price of the model that answers"],
];

/** The words of a strategy, short. */
export function strategyWords(strategy: RoutingPolicy["strategy"]): string {
  return STRATEGIES.find(([name]) => name === strategy)?.[1].split(":")[0] ?? strategy;
}
